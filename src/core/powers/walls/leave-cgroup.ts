/** The filters of a cgroup are of the processes in it. Facts: cgroups(7), bpf-cgroup in the kernel's documentation. */
import { leaveCgroup as attack } from "../../probes/kernel/leave-cgroup.ts";
import type { Wall } from "../../sandbox/wall.ts";
import type { Power } from "../power.ts";

const OF_CGROUP: ReadonlySet<Wall["kind"]> = new Set(["devices", "addresses", "ports"]);

/** The power: act from another cgroup. */
export const leaveCgroup: Power = {
  id: "leave-cgroup",
  title: "acts from another cgroup",
  follows: "The lists of devices, addresses and ports stay behind with the old cgroup.",
  ways: [attack],
  gives: ({ walls }) => ({ walls: walls.filter(({ kind }) => !OF_CGROUP.has(kind)) }),
};
