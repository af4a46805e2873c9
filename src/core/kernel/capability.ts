/** Capabilities by name and bit. Facts: linux/capability.h (41 of them since Linux 5.9), capabilities(7). */

/** The names of all capabilities; the index is the bit. */
export const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;

/** A capability's name, as in capabilities(7). */
export type Capability = (typeof CAPABILITIES)[number];

const KNOWN: ReadonlySet<string> = new Set(CAPABILITIES);

/** The bit of a capability in a capability set. */
export function capabilityBit(capability: Capability): number {
  return CAPABILITIES.indexOf(capability);
}

/** The capability of a bit; undefined above the last one. */
export function capabilityOfBit(bit: number): Capability | undefined {
  return CAPABILITIES[bit];
}

/** Whether a text is the name of a capability, in capitals and with its prefix. */
export function isCapability(name: string): name is Capability {
  return KNOWN.has(name);
}

/**
 * A set of capabilities as the 64-bit mask of /proc/PID/status.
 *
 * @example
 * import { capabilityMask, capabilitiesOfMask } from "cloison";
 * import assert from "node:assert";
 * assert.equal(capabilityMask(["CAP_CHOWN", "CAP_SYS_ADMIN"]), 0x200001n);
 * assert.deepEqual(capabilitiesOfMask(0x200001n), ["CAP_CHOWN", "CAP_SYS_ADMIN"]);
 */
export function capabilityMask(capabilities: Iterable<Capability>): bigint {
  let mask = 0n;
  for (const capability of capabilities) {
    mask |= 1n << BigInt(capabilityBit(capability));
  }
  return mask;
}

/** The capabilities of a mask, lowest bit first; bits above the last capability are left out. */
export function capabilitiesOfMask(mask: bigint): readonly Capability[] {
  return CAPABILITIES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}
