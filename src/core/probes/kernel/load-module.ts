/** Hands the kernel an empty module image: ENOEXEC comes after the permission check (kernel/module/main.c). Facts: init_module(2). */
import { bytes, call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: load a kernel module. */
export const loadModule: Probe = {
  id: "load-module",
  title: "load a kernel module",
  gain: "The kernel, and with it everything.",
  goals: ["take-over", "kernel-code"],
  steps: (machine) => {
    if (machine.file("/proc/modules") === undefined) {
      return { notApplicable: "this kernel loads no modules" };
    }
    return [
      step(
        "load",
        call("init_module", bytes([0]), number(1), text("")),
        [{ kind: "capability", capability: "CAP_SYS_MODULE", over: "init" }],
        { past: ["ENOEXEC"] },
      ),
    ];
  },
};
