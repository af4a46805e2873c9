/** Asks for a userfaultfd that also handles faults of the kernel. Facts: userfaultfd(2), unprivileged_userfaultfd. */
import type { Need } from "../../action/action.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: hold the kernel at a page fault. */
export const useUserfaultfd: Probe = {
  id: "use-userfaultfd",
  title: "hold the kernel at a page fault",
  gain: "Time to win races in the kernel: a tool of many exploits.",
  goals: ["kernel-code"],
  steps: (machine) => {
    const open = machine.sysctl("vm.unprivileged_userfaultfd");
    if (open === undefined) {
      return { notApplicable: "this kernel has no userfaultfd()" };
    }
    const needs: readonly Need[] =
      open === "0" ? [{ kind: "capability", capability: "CAP_SYS_PTRACE", over: "init" }] : [];
    return [step("open", call("userfaultfd", number(0)), needs)];
  },
};
