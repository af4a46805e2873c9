/**
 * The same by a ring that a thread of the kernel's looks after: once it is enabled, no call is made at all. Facts: IORING_SETUP_SQPOLL
 * in io_uring_setup(2), IORING_REGISTER_ENABLE_RINGS in io_uring_register(2).
 */
import type { Probe } from "../probe.ts";
import { byPolledRing, rootByRing } from "../ring.ts";

/** The attack: use io_uring without calling for it. */
export const useIoUringUnasked: Probe = {
  id: "use-io-uring-unasked",
  title: "use an io_uring that the kernel looks after by itself",
  gain: "File and network calls that are not even asked for by a call.",
  goals: ["kernel-code"],
  steps: (machine) => byPolledRing(machine, rootByRing()),
};
