/** Adds a key to a keyring of the process, which ends with it. Facts: add_key(2), process-keyring(7). */
import { bytes, call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const KEY_SPEC_PROCESS_KEYRING = -2;

/** The attack: use the kernel's key store. */
export const storeKey: Probe = {
  id: "store-key",
  title: "use the kernel's key store",
  gain: "Keys of other sessions, and code of the kernel that services do not need.",
  goals: ["kernel-code"],
  steps: (machine) => {
    if (machine.file("/proc/keys") === undefined) {
      return { notApplicable: "this kernel has no key store" };
    }
    return [
      step(
        "add",
        call("add_key", text("user"), text("cloison"), bytes([0]), number(1), number(KEY_SPEC_PROCESS_KEYRING)),
        [],
        // Where the keys of this user are counted, nothing stands in the way any more (keyrings(7)).
        { past: ["EDQUOT"] },
      ),
    ];
  },
};
