/** Loads another kernel with flags that do not exist: EINVAL comes after the permission check (kernel/kexec.c). Facts: kexec_load(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** A flag that no kernel knows. */
const NO_SUCH_FLAG = 0x8000;

/** The attack: load another kernel. */
export const loadKernel: Probe = {
  id: "load-kernel",
  title: "load another kernel",
  gain: "A kernel of the intruder's own, without a reboot being seen.",
  goals: ["take-over", "kernel-code"],
  steps: (machine) => {
    if (machine.file("/sys/kernel/kexec_loaded") === undefined) {
      return { notApplicable: "this kernel has no kexec" };
    }
    // Where attempts are limited, a failed one counts, too (kexec_load_permitted).
    if ((machine.sysctl("kernel.kexec_load_limit_reboot") ?? "-1") !== "-1") {
      return { notApplicable: "this machine counts how often a kernel may be loaded" };
    }
    return [
      step(
        "load",
        call("kexec_load", number(0), number(0), number(0), number(NO_SUCH_FLAG)),
        [{ kind: "capability", capability: "CAP_SYS_BOOT", over: "init" }],
        { past: ["EINVAL"] },
      ),
    ];
  },
};
