/** Opens a socket for talking to the hypervisor, past every list of addresses. Facts: vsock(7). */
import type { Probe } from "../probe.ts";
import { openRareFamily } from "./_rare-family.ts";

/** The attack: open a socket to the hypervisor. */
export const reachHypervisor: Probe = {
  id: "reach-hypervisor",
  title: "open a socket to the hypervisor",
  gain: "Services of the hypervisor and of other virtual machines, past every packet filter.",
  goals: ["move-on", "kernel-code"],
  steps: (machine) => openRareFamily(machine, [{ family: "AF_VSOCK", registered: "AF_VSOCK", type: "SOCK_STREAM" }]),
};
