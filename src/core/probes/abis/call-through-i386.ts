/** Makes a harmless call through the 32-bit interface of the kernel. Facts: syscall(2), SystemCallArchitectures= in systemd.exec(5). */
import { callThrough, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: call the kernel through its 32-bit interface. */
export const callThroughI386: Probe = {
  id: "call-through-i386",
  title: "call the kernel through its 32-bit interface",
  gain: "Around every filter that was written for native calls only.",
  goals: ["kernel-code"],
  steps: (machine) => {
    if (!machine.abis.includes("i386")) {
      return { notApplicable: "there is no 32-bit interface" };
    }
    return [step("getpid", callThrough("i386", "getpid"))];
  },
};
