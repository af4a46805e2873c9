/**
 * TemporaryFileSystem=. Facts: systemd.exec(5), tmpfs(5), shm_overview(7). Proposed for the directory of PID 1's socket and for shared
 * memory.
 */
import { setting } from "../../sandbox/origin.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { actsAsRoot, keptOfManagers, MANAGERS_DIRECTORY } from "./_managers-directory.ts";
import { type MountEntry, mountEntries } from "./_options.ts";
import { SHARED_MEMORY } from "./_runs.ts";
import { umask } from "./umask.ts";

/** From this version on UMask= has no say in the directories that systemd itself makes (systemd/systemd#21320). */
const MASK_IGNORED_SINCE = 250;

/** As the machine mounts it for all, but for `noexec`; without a size it would have a fifth of that. */
const OWN_MEMORY: MountEntry = {
  target: SHARED_MEMORY,
  optional: false,
  options: ["mode=1777", "nosuid", "size=50%"],
};
const OWN_MEMORY_NOT_RUN: MountEntry = { ...OWN_MEMORY, options: ["mode=1777", "noexec", "nosuid", "size=50%"] };

/**
 * The search itself finds out whether something of others' in shared memory was used, since all that was seen must stay allowed. What
 * the service itself makes there, by shm_open(3) or sem_open(3), is there in a file system of its own, too.
 */
function candidates(situation: Situation): readonly Candidate<readonly MountEntry[]>[] {
  const memory = "shares no memory in /dev/shm with others";
  const manager = "was not seen to talk to PID 1, which runs any command for root";
  const managers = { target: MANAGERS_DIRECTORY, optional: false, options: ["noexec", "ro"] };
  const memories = [OWN_MEMORY_NOT_RUN, OWN_MEMORY].map((entry) => ({ value: [entry], reason: memory }));
  if (keptOfManagers(situation) === undefined) {
    const withheld = actsAsRoot(situation)
      ? "It was seen to talk to PID 1."
      : "PID 1 obeys root alone, and nothing of the service is root.";
    return [{ value: [managers], reason: manager, withheld }, ...memories];
  }
  return [
    ...memories.map(({ value }) => ({ value: [...value, managers], reason: `${manager}; ${memory}` })),
    { value: [managers], reason: manager },
    ...memories,
  ];
}

/** Whether the last word on the mode of its top makes it everyone's, as /tmp is. */
function isEveryones(options: readonly string[]): boolean {
  return /^mode=0?1777$/.test(options.findLast((option) => option.startsWith("mode=")) ?? "");
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
  samples: ["/srv", "/srv:ro", "/var:noexec", "/run/systemd:noexec,ro", "/dev/shm:mode=1777,noexec,nosuid,size=50%"],
  walls: (value, facts) =>
    value.map(({ target, options }) => ({
      kind: "mount",
      by: setting("TemporaryFileSystem", target),
      path: target,
      mode: {
        kind: "empty",
        readOnly: options.includes("ro"),
        ...(options.includes("noexec") ? { noExec: true } : {}),
        ...(isEveryones(options) ? { everyones: true } : {}),
        ...(facts.systemd < MASK_IGNORED_SINCE ? { made: 0o755 & ~facts.valueOf(umask) } : {}),
      },
      optional: false,
    })),
};
