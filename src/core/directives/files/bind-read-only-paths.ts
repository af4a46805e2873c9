/**
 * BindReadOnlyPaths=. Facts: systemd.exec(5). Proposed for what is left of a directory that is shut, and for the directories of programs
 * where nothing else may be executed: ExecPaths= would take them out of a read-only tree, and together with ReadOnlyPaths= systemd drops it
 * below a tree that is read-only as well (drop_nop() in its src/core/namespace.c).
 */

import { setting } from "../../sandbox/origin.ts";
import { ON_A_FILE } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { keptOfManagers } from "./_managers-directory.ts";
import { type MountEntry, mountEntries } from "./_options.ts";
import { runPlaces } from "./_runs.ts";

function bound(path: string): MountEntry {
  return { target: path, source: path, optional: true, options: [] };
}

function candidates(situation: Situation): readonly Candidate<readonly MountEntry[]>[] {
  const kept = keptOfManagers(situation) ?? [];
  const runs = runPlaces(situation) ?? [];
  const managers: Candidate<readonly MountEntry[]> = {
    value: kept.map(bound),
    reason: "logging and telling that one is ready lead there",
    doors: [`sees ${kept.join(", ")} in spite of TemporaryFileSystem=`],
  };
  const programs = {
    value: runs.map(bound),
    reason: "was seen to run or load what lies there",
    doors: [`runs what lies in ${runs.join(", ")} in spite of NoExecPaths=/`],
  };
  const both = {
    value: [...managers.value, ...programs.value],
    reason: `${managers.reason}, and it ${programs.reason}`,
    doors: [...(managers.doors ?? []), ...programs.doors],
  };
  if (kept.length === 0) {
    return runs.length === 0 ? [] : [programs];
  }
  return runs.length === 0 ? [managers] : [both, managers];
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
  door: ["TemporaryFileSystem", "NoExecPaths"],
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
