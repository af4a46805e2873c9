/** Opens /dev/mem for reading and reads nothing. Facts: mem(4); drivers/char/mem.c asks for CAP_SYS_RAWIO. */
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open the physical memory. */
export const openPhysicalMemory: Probe = {
  id: "open-physical-memory",
  title: "open the machine's memory",
  gain: "The memory of the machine and its devices.",
  goals: ["read-secrets"],
  steps: (machine) => {
    if (machine.file("/dev/mem") === undefined) {
      return { notApplicable: "there is no /dev/mem" };
    }
    const needs = [{ kind: "capability", capability: "CAP_SYS_RAWIO", over: "init" }] as const;
    return [openStep(machine, "/dev/mem", "read", { needs })];
  },
};
