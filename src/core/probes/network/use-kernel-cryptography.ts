/** Opens a socket for the kernel's ciphers. Facts: "User Space Interface" of the kernel's crypto documentation. */
import type { Probe } from "../probe.ts";
import { openRareFamily } from "./_rare-family.ts";

/** The attack: use the kernel's cryptography. */
export const useKernelCryptography: Probe = {
  id: "use-kernel-cryptography",
  title: "use the kernel's cryptography",
  gain: "Code of the kernel that parses what it is given, with a history of holes.",
  goals: ["kernel-code"],
  steps: (machine) => openRareFamily(machine, [{ family: "AF_ALG", registered: "ALG", type: "SOCK_SEQPACKET" }]),
};
