/** Opens a socket of a protocol for clusters, vehicles or radios. Facts: the kernel's net/tipc, net/rds, net/can, net/bluetooth. */
import type { Probe } from "../probe.ts";
import { openRareFamily } from "./_rare-family.ts";

const CAN_RAW = 1;

/** The attack: open a socket of a protocol that nobody uses. */
export const useRareProtocol: Probe = {
  id: "use-rare-protocol",
  title: "open a socket of a protocol that nobody uses",
  gain: "Code of the kernel that nobody looks at, loaded for the asking.",
  goals: ["kernel-code"],
  steps: (machine) =>
    openRareFamily(machine, [
      { family: "AF_TIPC", registered: "TIPC", type: "SOCK_SEQPACKET" },
      { family: "AF_RDS", registered: "RDS", type: "SOCK_SEQPACKET" },
      { family: "AF_CAN", registered: "CAN_RAW", type: "SOCK_RAW", protocol: CAN_RAW },
      { family: "AF_BLUETOOTH", registered: "L2CAP", type: "SOCK_SEQPACKET" },
    ]),
};
