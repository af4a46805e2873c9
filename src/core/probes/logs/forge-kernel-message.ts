/**
 * Opens the kernel's log for writing, and writes nothing: who may open it so needs no capability (devkmsg_open in the kernel's
 * kernel/printk/printk.c). What is written there the journal shows as the kernel's.
 */
import { openFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: log as the kernel. */
export const forgeKernelMessage: Probe = {
  id: "forge-kernel-message",
  title: "log as the kernel",
  gain: "Messages that are taken for the kernel's own: a disk that fails, a process that was killed.",
  goals: ["logs"],
  steps: (machine) => openFile(machine, "/dev/kmsg", "write"),
};
