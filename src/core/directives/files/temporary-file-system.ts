/** TemporaryFileSystem=. Facts: systemd.exec(5), tmpfs(5). Proposed for the directory of PID 1's socket alone. */
import { setting } from "../../sandbox/origin.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { keptOfManagers, MANAGERS_DIRECTORY } from "./_managers-directory.ts";
import { type MountEntry, mountEntries } from "./_options.ts";
import { umask } from "./umask.ts";

/** From this version on UMask= has no say in the directories that systemd itself makes (systemd/systemd#21320). */
const MASK_IGNORED_SINCE = 250;

function candidates(situation: Situation): readonly Candidate<readonly MountEntry[]>[] {
  if (keptOfManagers(situation) === undefined) {
    return [];
  }
  const value = [{ target: MANAGERS_DIRECTORY, optional: false, options: ["noexec", "ro"] }];
  return [{ value, reason: "was not seen to talk to PID 1, which runs any command for root" }];
}

/** An empty place where the host has files. */
export const temporaryFileSystem: Directive<readonly MountEntry[]> = {
  name: "TemporaryFileSystem",
  since: 238,
  group: "files",
  evenPrivileged: true,
  summary: "Hides what lies at these paths behind an empty file system in memory.",
  breaks: "Whatever expects the host's files there, or keeps much data there.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [],
  ...mountEntries("TemporaryFileSystem", "temporary"),
  ladder: candidates,
  samples: ["/srv", "/srv:ro", "/var:noexec", "/run/systemd:noexec,ro"],
  walls: (value, facts) =>
    value.map(({ target, options }) => ({
      kind: "mount",
      by: setting("TemporaryFileSystem", target),
      path: target,
      mode: {
        kind: "empty",
        readOnly: options.includes("ro"),
        ...(options.includes("noexec") ? { noExec: true } : {}),
        ...(facts.systemd < MASK_IGNORED_SINCE ? { made: 0o755 & ~facts.valueOf(umask) } : {}),
      },
      optional: false,
    })),
};
