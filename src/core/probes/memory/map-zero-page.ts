/**
 * Maps the page at address zero. Facts: mmap(2), vm.mmap_min_addr in the kernel's sysctl documentation; below it
 * cap_mmap_addr (security/commoncap.c) asks for CAP_SYS_RAWIO.
 */
import { MAP_FLAGS, PROT_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: be there when the kernel follows a null pointer. */
export const mapZeroPage: Probe = {
  id: "map-zero-page",
  title: "map the page at address zero",
  gain: "Null pointers of the kernel that lead to the intruder's data.",
  goals: ["kernel-code"],
  steps: (machine) => {
    const least = Number(machine.sysctl("vm.mmap_min_addr") ?? "0");
    if (!(least > 0)) {
      return { notApplicable: "this machine guards no low addresses" };
    }
    const flags = MAP_FLAGS.MAP_PRIVATE | MAP_FLAGS.MAP_ANONYMOUS | MAP_FLAGS.MAP_FIXED;
    return [
      step(
        "map",
        call("mmap", number(0), number(4096), number(PROT_FLAGS.PROT_READ), number(flags), number(-1), number(0)),
        [{ kind: "capability", capability: "CAP_SYS_RAWIO", over: "init" }],
      ),
    ];
  },
};
