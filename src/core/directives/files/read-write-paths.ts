/** ReadWritePaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { type PathList, pathDirective } from "../_paths.ts";
import type { Directive } from "../directive.ts";

/** A door in ProtectSystem=strict and ReadOnlyPaths=. */
export const readWritePaths: Directive<PathList> = pathDirective({
  name: "ReadWritePaths",
  since: 231,
  group: "files",
  summary: "Lets the service write below these paths although ProtectSystem= or ReadOnlyPaths= covers them.",
  breaks: "Nothing.",
  ineffective: ["A path that the host itself mounted read-only stays so."],
  mode: { kind: "read-write" },
  door: ["ProtectSystem", "ReadOnlyPaths", "ProtectHome", "ProtectKernelTunables", "ProtectControlGroups"],
  samples: ["/srv", "-/var/log"],
});
