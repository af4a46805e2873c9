/** TasksMax=. Facts: systemd.resource-control(5), the pids controller in the kernel's cgroup-v2 documentation. */
import { type Directive, never } from "../directive.ts";
import { parseCount } from "./_amount.ts";
import { shareDirective } from "./_share.ts";

/** Threads count as well. Unset, systemd's DefaultTasksMax= holds. */
export const tasksMax: Directive<string> = shareDirective({
  name: "TasksMax",
  since: 227,
  summary: "Lets the service have at most this many processes and threads, so that it cannot use up the machine's.",
  breaks: "Servers with a thread for each client, at many clients.",
  requires: ["pids-controller"],
  ineffective: [],
  read: parseCount,
  samples: ["64", "10%"],
  ladder: never("A limit learned from one run ends the service on a busier day."),
});
