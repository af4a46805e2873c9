/** ExecPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import { type Directive, never } from "../directive.ts";

/** A door in NoExecPaths=. */
export const execPaths: Directive<PathList> = pathDirective({
  name: "ExecPaths",
  since: 248,
  group: "files",
  summary: "Lets programs below these paths run although NoExecPaths= covers them.",
  breaks: "Nothing.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [ON_A_FILE],
  mode: { kind: "exec" },
  door: ["NoExecPaths"],
  samples: ["/usr"],
  ladder: never("It only gives: NoExecPaths= names the places from which nothing runs, and no more."),
});
