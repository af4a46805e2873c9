/**
 * Gives a file in /tmp an empty set of capabilities: the kernel asks for the same permission as for a full one. The attribute is of
 * version 2; in a user namespace the kernel makes version 3 of it, with that namespace's root.
 * Facts: capabilities(7) "File capability extended attribute versioning", cap_convert_nscap() in the kernel's security/commoncap.c.
 */
import { littleEndian } from "../../kernel/bytes.ts";
import { bytes, call, changeMadeNeed, createStep, number, padded, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const VFS_CAP_REVISION_2 = 0x02000000;
/** struct vfs_cap_data: revision and flags, then permitted and inheritable, twice 32 bits each. */
const SIZE = 20;

/** The attack: plant a program with capabilities. */
export const plantFileCapability: Probe = {
  id: "plant-file-capability",
  title: "plant a program with capabilities",
  gain: "Whoever runs it later, also without being root, has them.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-capability-${machine.token}`;
    const attribute = padded(littleEndian(VFS_CAP_REVISION_2, 4), SIZE);
    return [
      createStep(machine, path, 0o700),
      step(
        "set",
        call("setxattr", text(path), text("security.capability"), bytes(attribute), number(SIZE), number(0)),
        [changeMadeNeed(machine, path, 0o700), { kind: "capability", capability: "CAP_SETFCAP", over: "own" }],
      ),
    ];
  },
};
