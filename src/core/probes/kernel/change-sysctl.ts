/** Opens a kernel setting for writing and writes nothing. Facts: sysctl(8), proc_sys_kernel(5). */
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: change a kernel setting. */
export const changeSysctl: Probe = {
  id: "change-sysctl",
  title: "change a kernel setting",
  gain: "The machine's name services, routing and limits, changed for everyone.",
  goals: ["change-data", "pose"],
  steps: (machine) => {
    const path = "/proc/sys/kernel/domainname";
    if (machine.file(path) === undefined) {
      return { notApplicable: `there is no ${path}` };
    }
    return [openStep(machine, path, "write")];
  },
};
