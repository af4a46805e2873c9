/**
 * ProtectHome=. Facts: systemd.exec(5); mount tables measured on systemd 257. Up to 256 systemd loses the options of its own
 * table for `tmpfs` (append_static_mounts() in src/core/namespace.c; measured with 247 and 252).
 */
import { setting } from "../../sandbox/origin.ts";
import type { MountMode } from "../../sandbox/wall.ts";
import { choiceDirective } from "../_choice.ts";
import { INACCESSIBLE, mountWalls, READ_ONLY } from "../_mount.ts";
import type { Directive, PlainWall, UnitFacts } from "../directive.ts";

type Value = "yes" | "tmpfs" | "read-only" | "no";

const HOMES = ["-/home", "-/run/user", "-/root"];
const TMPFS_READ_ONLY_SINCE = 257;

function modeOf(value: Exclude<Value, "no">, { systemd }: UnitFacts): MountMode {
  switch (value) {
    case "yes":
      return INACCESSIBLE;
    case "read-only":
      return READ_ONLY;
    case "tmpfs":
      return systemd >= TMPFS_READ_ONLY_SINCE
        ? { kind: "empty", readOnly: true }
        : { kind: "empty", readOnly: false, everyones: true };
  }
}

function homes(value: Exclude<Value, "no">, facts: UnitFacts): readonly PlainWall[] {
  return mountWalls(setting("ProtectHome", value), modeOf(value, facts), ...HOMES);
}

/** People's files are not the service's business. */
export const protectHome: Directive<Value> = choiceDirective<Value>({
  name: "ProtectHome",
  since: 214,
  group: "files",
  summary: "Hides the home directories, root's too, or makes them read-only.",
  breaks: "Services that serve, back up or log in to home directories, or keep their files in one.",
  broke: [
    {
      sentence: "node_exporter told no or wrong sizes of file systems below /home: those of an empty tmpfs.",
      reference: "prometheus-community/ansible#13",
    },
  ],
  weight: 1000,
  implies: (value) => (value === "no" ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "A home that lies elsewhere, such as /var/lib or /srv, is not covered.",
    "Before systemd 257, tmpfs is empty but not read-only: everyone may write there, to memory.",
  ],
  values: ["yes", "tmpfs", "read-only", "no"],
  initial: "no",
  newer: { tmpfs: 238 },
  walls: (value, facts) => (value === "no" ? [] : homes(value, facts)),
  ladder: () => [
    { value: "yes", reason: "was not seen to use anything below /home, /root or /run/user" },
    { value: "tmpfs", reason: "was only seen to look for files below /home, /root or /run/user" },
    { value: "read-only", reason: "was only seen to read below /home, /root or /run/user" },
  ],
});
