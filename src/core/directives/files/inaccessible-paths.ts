/** InaccessiblePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { type PathList, pathDirective } from "../_paths.ts";
import type { Directive } from "../directive.ts";

/** Places that the service has no business with. */
export const inaccessiblePaths: Directive<PathList> = pathDirective({
  name: "InaccessiblePaths",
  since: 231,
  group: "files",
  summary: "Hides these paths from the service.",
  breaks: "Whatever reads there, also a library that merely looks.",
  ineffective: ["Root with CAP_DAC_OVERRIDE opens the empty file that stands there; its bytes are gone all the same."],
  mode: { kind: "inaccessible" },
  samples: ["/srv", "-/etc/shadow"],
});
