/** Opens /dev/kmsg for reading. Facts: dmesg_restrict in proc_sys_kernel(5), kernel/printk/printk.c. */
import type { Need } from "../../action/action.ts";
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open the kernel log. */
export const openKernelLog: Probe = {
  id: "open-kernel-log",
  title: "open the kernel log device",
  gain: "The same as the kernel log, as a stream.",
  goals: ["read-secrets"],
  steps: (machine) => {
    if (machine.file("/dev/kmsg") === undefined) {
      return { notApplicable: "there is no /dev/kmsg" };
    }
    const restricted = machine.sysctl("kernel.dmesg_restrict") !== "0";
    const needs: readonly Need[] = restricted ? [{ kind: "capability", capability: "CAP_SYSLOG", over: "init" }] : [];
    return [openStep(machine, "/dev/kmsg", "read", { needs })];
  },
};
