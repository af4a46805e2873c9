/** NoExecPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { type PathList, pathDirective } from "../_paths.ts";
import type { Directive } from "../directive.ts";

/** Where files are data, they are not run. */
export const noExecPaths: Directive<PathList> = pathDirective({
  name: "NoExecPaths",
  since: 248,
  group: "files",
  summary: "Nothing below these paths can be run or loaded as a library.",
  breaks: "Programs, plug-ins and scripts that lie there.",
  ineffective: ["An interpreter outside still runs a script from there when the script is its argument."],
  mode: { kind: "no-exec" },
  samples: ["/var /tmp", "/"],
});
