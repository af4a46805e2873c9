/** Has an io_uring find the root directory, which no wall hides: what openat(2) does, and no filter sees. Facts: io_uring(7). */
import type { Probe } from "../probe.ts";
import { byRing, rootByRing } from "../ring.ts";

/** The attack: use io_uring. */
export const useIoUring: Probe = {
  id: "use-io-uring",
  title: "use io_uring",
  gain: "File and network calls that no system call filter sees.",
  goals: ["kernel-code"],
  steps: (machine) => byRing(machine, rootByRing()),
};
