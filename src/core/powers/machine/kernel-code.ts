/** Code of one's own in the kernel, or devices that write its memory. Facts: init_module(2), kexec_load(2), ioperm(2). */
import { useIoPorts } from "../../probes/devices/use-io-ports.ts";
import { loadKernel } from "../../probes/kernel/load-kernel.ts";
import { loadModule } from "../../probes/kernel/load-module.ts";
import { NO_WALLS, type Power } from "../power.ts";

/** The power: run code in the kernel. */
export const kernelCode: Power = {
  id: "kernel-code",
  title: "runs code in the kernel",
  follows: "The kernel builds all walls, so that none is left.",
  ways: [loadModule, loadKernel, useIoPorts],
  gives: () => NO_WALLS,
};
