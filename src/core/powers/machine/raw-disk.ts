/** The disks below the file systems. Facts: mknod(2), "Block devices" in the kernel's devices.rst. */
import { makeDiskNode } from "../../probes/devices/make-disk-node.ts";
import { NO_WALLS, type Power } from "../power.ts";

/** The power: write the disks. */
export const rawDisk: Power = {
  id: "raw-disk",
  title: "writes the machine's disks",
  follows: "Whoever writes /etc on the disk itself is root without walls as soon as it is read again.",
  ways: [makeDiskNode],
  gives: () => NO_WALLS,
};
