/** TemporaryFileSystem=. Facts: systemd.exec(5), tmpfs(5). Read and judged; never proposed. */
import { setting } from "../../sandbox/origin.ts";
import type { Directive } from "../directive.ts";
import { type MountEntry, mountEntries } from "./_options.ts";

/** An empty place where the host has files. */
export const temporaryFileSystem: Directive<readonly MountEntry[]> = {
  name: "TemporaryFileSystem",
  since: 238,
  group: "files",
  summary: "Hides what lies at these paths behind an empty file system in memory.",
  breaks: "Whatever expects the host's files there, or keeps much data there.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [],
  ...mountEntries("TemporaryFileSystem", "temporary"),
  samples: ["/srv", "/srv:ro", "/var:noexec"],
  walls: (value) =>
    value.map(({ target, options }) => ({
      kind: "mount",
      by: setting("TemporaryFileSystem", target),
      path: target,
      mode: {
        kind: "empty",
        readOnly: options.includes("ro"),
        ...(options.includes("noexec") ? { noExec: true } : {}),
      },
      optional: false,
    })),
};
