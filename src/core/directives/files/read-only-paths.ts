/** ReadOnlyPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { type PathList, pathDirective } from "../_paths.ts";
import type { Directive } from "../directive.ts";

/** Single places made read-only, for units that do not take ProtectSystem=strict. */
export const readOnlyPaths: Directive<PathList> = pathDirective({
  name: "ReadOnlyPaths",
  since: 231,
  group: "files",
  summary: "Makes these paths read-only for the service.",
  breaks: "Whatever writes there.",
  ineffective: ["Who may mount can undo it.", "Without a leading + it has no effect on paths inside RootDirectory=."],
  mode: { kind: "read-only" },
  samples: ["/srv", "-/var/log"],
});
