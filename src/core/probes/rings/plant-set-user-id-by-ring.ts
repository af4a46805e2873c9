/**
 * Makes a set-user-ID file in /tmp by one operation of a ring, of whose mode no filter can see the bit: what RestrictSUIDSGID= refuses
 * to openat(2). Facts: IORING_OP_OPENAT in io_uring_enter(2), inode(7).
 */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { createNeed } from "../act.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringOpen } from "../ring.ts";

const MODE = 0o4755;

/** The attack: make a set-user-ID program through io_uring. */
export const plantSetUserIdByRing: Probe = {
  id: "plant-set-user-id-by-ring",
  title: "make a set-user-ID program through io_uring",
  gain: "Whoever runs it later acts as this service's user, or as root.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-ring-suid-${machine.token}`;
    const flags = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL;
    return byRing(machine, ringOpen("create", path, flags, MODE, [createNeed(machine, path, "file", MODE)]));
  },
};
