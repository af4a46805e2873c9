/**
 * The same attack with every call made in the way of another ABI, in which the calls of these names take the same arguments. Filters
 * answer for each ABI by itself. Facts: syscall(2), "Architecture calling conventions".
 */
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { Machine, NotApplicable, Probe, Step } from "./probe.ts";

/** ABIs that a kernel for x86-64 may have beside its own. */
export type OtherAbi = Extract<Abi, "i386" | "x32">;

const WORDS: { readonly [abi in OtherAbi]: string } = {
  i386: "the kernel's 32-bit interface",
  x32: "the kernel's x32 interface",
};

/** These steps, on a kernel that has the ABI. */
export function onAbi(
  machine: Machine,
  abi: OtherAbi,
  steps: () => readonly Step[] | NotApplicable,
): readonly Step[] | NotApplicable {
  return machine.abis.includes(abi)
    ? steps()
    : { notApplicable: `there is no ${WORDS[abi].replace("the kernel's ", "")}` };
}

/** The attack `ID-through-ABI`. */
export function through(abi: OtherAbi, probe: Probe): Probe {
  return {
    ...probe,
    id: `${probe.id}-through-${abi}`,
    title: `${probe.title}, through ${WORDS[abi]}`,
    steps: (machine) =>
      onAbi(machine, abi, () => {
        // Both attacks may be tried in one run: what they make has different names.
        const steps = probe.steps({ ...machine, token: `${machine.token}${abi}` });
        return "notApplicable" in steps ? steps : steps.map((each) => inAbi(abi, each));
      }),
  };
}

function inAbi(abi: OtherAbi, step: Step): Step {
  return { ...step, action: { ...step.action, call: { ...step.action.call, abi } } };
}
