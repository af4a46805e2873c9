/** Opens a socket for raw frames and attaches it to nothing. Facts: xsk_create in the kernel's net/xdp/xsk.c. */
import type { Probe } from "../probe.ts";
import { openRareFamily } from "./_rare-family.ts";

/** The attack: take packets before the network's code sees them. */
export const bypassNetworkStack: Probe = {
  id: "bypass-network-stack",
  title: "take packets before the network's code sees them",
  gain: "Every packet of an interface, and code of the kernel that services do not need.",
  goals: ["spy-or-stop", "kernel-code"],
  steps: (machine) =>
    openRareFamily(machine, [
      {
        family: "AF_XDP",
        registered: "XDP",
        type: "SOCK_RAW",
        needs: [{ kind: "capability", capability: "CAP_NET_RAW", over: "net" }],
      },
    ]),
};
