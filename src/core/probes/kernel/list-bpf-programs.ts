/** Asks for the first loaded BPF program. Facts: bpf(2), BPF_PROG_GET_NEXT_ID in linux/bpf.h. */
import { bytes, call, number, padded, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const BPF_PROG_GET_NEXT_ID = 11;
const SIZE = 12;

/** The attack: reach the kernel's BPF programs. */
export const listBpfPrograms: Probe = {
  id: "list-bpf-programs",
  title: "reach the kernel's BPF programs",
  gain: "Watching and changing what the kernel does, from inside.",
  goals: ["kernel-code", "spy-or-stop"],
  steps: (machine) => {
    if (machine.sysctl("kernel.unprivileged_bpf_disabled") === undefined) {
      return { notApplicable: "this kernel has no bpf()" };
    }
    return [
      step(
        "next",
        call("bpf", number(BPF_PROG_GET_NEXT_ID), bytes(padded([], SIZE)), number(SIZE)),
        [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }],
        { past: ["ENOENT"] },
      ),
    ];
  },
};
