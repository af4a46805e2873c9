/**
 * Who may trace a service of the same user, or write its memory, acts in it. Facts: ptrace(2), proc_pid_mem(5). A service that has no
 * more capabilities than this one is hardened like it; what it is let do in particular is its own.
 */
import type { Twin } from "../../probes/probe.ts";
import { traceTwin } from "../../probes/processes/trace-twin.ts";
import { writeTwinMemory } from "../../probes/processes/write-twin-memory.ts";
import type { Sandbox, Wall } from "../../sandbox/wall.ts";
import type { Power } from "../power.ts";

/** Whether a wall of this service says nothing of that one: what it may talk to, and which places are left open to it. */
function isOwn(wall: Wall): boolean {
  switch (wall.kind) {
    case "addresses":
    case "ports":
      return true;
    case "namespace":
      return wall.namespace === "net" || wall.namespace === "ipc";
    case "mount":
      return wall.mode.kind === "read-write";
    default:
      return false;
  }
}

function behindTwins({ walls }: Sandbox, { process: { uid }, place }: Twin): Sandbox {
  const by = { kind: "service", uid } as const;
  const open: Wall = { kind: "mount", by, path: place, mode: { kind: "read-write" }, optional: false };
  return { walls: [...walls.filter((wall) => !isOwn(wall)), open, { kind: "bounding", by, keep: [] }] };
}

/** The power: act in a service of the same user. */
export const actInTwin: Power = {
  id: "act-in-twin",
  title: "acts in another service of the same user",
  follows:
    "What that service may write and whom it may talk to, the intruder may; walls of one's own do not count there.",
  ways: [traceTwin, writeTwinMemory],
  gives: (sandbox, { twin }) => (twin === undefined ? sandbox : behindTwins(sandbox, twin)),
};
