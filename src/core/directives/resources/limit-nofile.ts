/** LimitNOFILE=. Facts: systemd.exec(5), RLIMIT_NOFILE in getrlimit(2). */
import { type Directive, never } from "../directive.ts";
import { limitDirective } from "./_limit.ts";

/** For each process, not for all together. */
export const limitNofile: Directive<string> = limitDirective({
  name: "LimitNOFILE",
  summary: "Lets each process have at most this many open files; with 0 it can open none beyond those that it has.",
  breaks: "Servers with many clients; programs that use select(2), where the soft limit is above 1024.",
  ineffective: ["Each process has its own: TasksMax= limits how many there are."],
  unit: "number",
  samples: ["1024:524288"],
  ladder: never("A limit learned from one run ends the service on a busier day."),
});
