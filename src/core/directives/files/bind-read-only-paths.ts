/** BindReadOnlyPaths=. Facts: systemd.exec(5). Proposed for what is left of a directory that is shut. */

import { setting } from "../../sandbox/origin.ts";
import { ON_A_FILE } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { keptOfManagers } from "./_managers-directory.ts";
import { type MountEntry, mountEntries } from "./_options.ts";

function candidates(situation: Situation): readonly Candidate<readonly MountEntry[]>[] {
  const kept = keptOfManagers(situation);
  if (kept === undefined) {
    return [];
  }
  const value = kept.map((path) => ({ target: path, source: path, optional: true, options: [] }));
  const doors = [`sees ${kept.join(", ")} in spite of TemporaryFileSystem=`];
  return [{ value, reason: "logging and telling that one is ready lead there", doors }];
}

/** Another place of the host appears here, read-only. */
export const bindReadOnlyPaths: Directive<readonly MountEntry[]> = {
  name: "BindReadOnlyPaths",
  since: 233,
  group: "files",
  evenPrivileged: true,
  summary: "Shows a file or directory of the host at another place, read-only.",
  breaks: "Whatever expects the service's usual files at that place.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [ON_A_FILE],
  ...mountEntries("BindReadOnlyPaths", "bind"),
  door: ["TemporaryFileSystem"],
  ladder: candidates,
  samples: ["/etc:/srv"],
  walls: (value) =>
    value.map(({ target, source = target, optional }) => ({
      kind: "mount",
      by: setting("BindReadOnlyPaths", source),
      path: target,
      mode: { kind: "bind", source, readOnly: true },
      optional,
    })),
};
