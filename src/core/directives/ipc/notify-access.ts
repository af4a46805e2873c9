/** NotifyAccess=. Facts: systemd.service(5), sd_notify(3). No wall: it tells whose words systemd believes. */
import { choiceDirective } from "../_choice.ts";
import { type Directive, never } from "../directive.ts";

type Value = "none" | "main" | "exec" | "all";

/** Who may tell the service manager how the service is. */
export const notifyAccess: Directive<Value> = choiceDirective<Value>({
  name: "NotifyAccess",
  since: 1,
  group: "ipc",
  summary:
    "Says which of the service's processes may tell systemd that it is ready, alive, or which its main process is.",
  breaks: "With none or main: services whose helpers report for them, as with systemd-notify in scripts.",
  weight: 1000,
  requires: [],
  ineffective: ["With Type=notify and with WatchdogSec= none means main."],
  values: ["none", "main", "exec", "all"],
  initial: "none",
  walls: () => [],
  ladder: never(
    "Which of its processes report is part of how the service was written; a message that is dropped once, after an upgrade in place, ends it.",
  ),
});
