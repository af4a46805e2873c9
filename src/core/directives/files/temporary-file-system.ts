/** TemporaryFileSystem=. Facts: systemd.exec(5), tmpfs(5). Read and judged; never proposed. */
import { setting } from "../../sandbox/origin.ts";
import type { Directive } from "../directive.ts";
import { type MountEntry, mountEntries } from "./_options.ts";
import { umask } from "./umask.ts";

/** From this version on UMask= has no say in the directories that systemd itself makes (systemd/systemd#21320). */
const MASK_IGNORED_SINCE = 250;

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
  samples: ["/srv", "/srv:ro", "/var:noexec"],
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
