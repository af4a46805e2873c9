/** BindPaths=. Facts: systemd.exec(5). Read and judged; never proposed. */

import { setting } from "../../sandbox/origin.ts";
import { ON_A_FILE } from "../_paths.ts";
import { type Directive, never } from "../directive.ts";
import { type MountEntry, mountEntries } from "./_options.ts";

/** Another place of the host appears here. */
export const bindPaths: Directive<readonly MountEntry[]> = {
  name: "BindPaths",
  since: 233,
  group: "files",
  evenPrivileged: true,
  summary: "Shows a file or directory of the host at another place.",
  breaks: "Whatever expects the service's usual files at that place.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [ON_A_FILE],
  ...mountEntries("BindPaths", "bind"),
  samples: ["/etc:/srv"],
  walls: (value) =>
    value.map(({ target, source = target, optional }) => ({
      kind: "mount",
      by: setting("BindPaths", source),
      path: target,
      mode: { kind: "bind", source, readOnly: false },
      optional,
    })),
  ladder: never("It only gives, and what the service finds at a place is for its administrator to say."),
};
