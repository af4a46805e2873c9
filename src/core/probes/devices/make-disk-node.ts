/** Makes a node of a block device in /tmp and does not open it. Facts: mknod(2); cgroup device rules also ask for `m`. */
import type { Need } from "../../action/action.ts";
import { FILE_TYPES } from "../../kernel/file-mode.ts";
import { call, createNeed, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** Major 8, minor 0: the first SCSI disk, whether there is one or not. */
const DISK = { major: 8, minor: 0 };

/** The attack: make a disk node. */
export const makeDiskNode: Probe = {
  id: "make-disk-node",
  title: "make a device node of a disk",
  gain: "Every file of the machine, below all permissions.",
  goals: ["take-over", "read-secrets", "change-data"],
  steps: (machine) => {
    const path = `/tmp/cloison-disk-${machine.token}`;
    const made = createNeed(machine, path, "block", 0o600);
    const node: Need =
      made.kind === "path" && made.file !== undefined ? { ...made, file: { ...made.file, device: DISK } } : made;
    return [
      step(
        "mknod",
        call("mknod", text(path), number(FILE_TYPES.S_IFBLK | 0o600), number(DISK.major * 256 + DISK.minor)),
        [node, { kind: "capability", capability: "CAP_MKNOD", over: "init" }],
      ),
    ];
  },
};
