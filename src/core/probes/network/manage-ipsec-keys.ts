/** Opens a socket for keys of IPsec. Facts: RFC 2367; pfkey_create in the kernel's net/key/af_key.c. */
import type { Probe } from "../probe.ts";
import { openRareFamily } from "./_rare-family.ts";

const PF_KEY_V2 = 2;

/** The attack: manage the keys of IPsec. */
export const manageIpsecKeys: Probe = {
  id: "manage-ipsec-keys",
  title: "manage the keys of IPsec",
  gain: "Tunnels redirected or laid open, and code of the kernel that services do not need.",
  goals: ["pose", "kernel-code"],
  steps: (machine) =>
    openRareFamily(machine, [
      {
        family: "AF_KEY",
        registered: "KEY",
        type: "SOCK_RAW",
        protocol: PF_KEY_V2,
        needs: [{ kind: "capability", capability: "CAP_NET_ADMIN", over: "net" }],
      },
    ]),
};
