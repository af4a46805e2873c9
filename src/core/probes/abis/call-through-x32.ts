/** Makes a harmless call through the x32 interface of the kernel. Facts: syscall(2), SystemCallArchitectures= in systemd.exec(5). */
import { callThrough, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: call the kernel through its x32 interface. */
export const callThroughX32: Probe = {
  id: "call-through-x32",
  title: "call the kernel through its x32 interface",
  gain: "Around every filter that was written for native calls only.",
  goals: ["kernel-code"],
  steps: (machine) => {
    if (!machine.abis.includes("x32")) {
      return { notApplicable: "this kernel has no x32 interface" };
    }
    return [step("getpid", callThrough("x32", "getpid"))];
  },
};
