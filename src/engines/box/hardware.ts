/**
 * The hardware guard: what would reach through the shared kernel to the machine is taken from PID 1 of a box, and so from
 * everything in it. In a box for attacks, where nothing runs but attacks, PID 1 keeps what their controls need, and drop-ins
 * take it from all units (services, sockets, mounts, swaps) but those that try attacks. Every box has the drop-ins, for systemd
 * starts no unit that asks for an ambient capability which PID 1 lacks and the unit's bounding set does not. These build no mount namespace and
 * set no NoNewPrivileges, so no other wall changes. How lists merge and drop-ins sort: systemd.unit(5), systemd.exec(5),
 * config_parse_capability_set() in systemd 257; bounding sets: capabilities(7).
 */
import type { Capability } from "../../core/kernel/capability.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { Box, HostPart } from "./contract.ts";

/** Sorts after every other drop-in: a bounding set that a unit adds to earlier cannot bring these back. */
export const HARDWARE_GUARD_FILE = "zzzz-cloison-hardware.conf";

/** What each part of the host means in capabilities; `devices` is a device policy instead. */
const GUARDED_CAPABILITIES: Readonly<Record<HostPart, readonly Capability[]>> = {
  modules: ["CAP_SYS_MODULE"],
  clock: ["CAP_SYS_TIME"],
  "raw-io": ["CAP_SYS_RAWIO"],
  boot: ["CAP_SYS_BOOT"],
  devices: [],
};
const PARTS: readonly HostPart[] = ["modules", "clock", "raw-io", "boot", "devices"];
const KINDS = ["service", "socket", "mount", "swap"] as const;

/** What is left to the units of a box. */
export interface GuardSettings {
  readonly allowHost: readonly HostPart[];
  readonly network: "private" | "host";
  /** Whether attacks are all that runs in the box. */
  readonly attacks: boolean;
  /** Paths of pseudo devices that services may use all the same. */
  readonly devices: readonly string[];
}

/** What reaches the parts of the machine that such a box's units are kept from. */
function ofParts({ allowHost }: Pick<GuardSettings, "allowHost">): readonly Capability[] {
  return PARTS.filter((part) => !allowHost.includes(part)).flatMap((part) => GUARDED_CAPABILITIES[part]);
}

/** What root could configure of the network that the box shares with the machine, if any. */
function ofSharedNetwork({ network }: Pick<GuardSettings, "network">): readonly Capability[] {
  return network === "host" ? ["CAP_NET_ADMIN"] : [];
}

/**
 * The capabilities that nothing in such a box has. CAP_SYS_RESOURCE could raise the limit that keeps core dumps from the
 * machine; CAP_MAC_ADMIN loads rules of the machine's security modules.
 */
export function guardedCapabilities(settings: Omit<GuardSettings, "devices">): readonly Capability[] {
  return settings.attacks
    ? ofSharedNetwork(settings)
    : [...ofParts(settings), ...ofSharedNetwork(settings), "CAP_SYS_RESOURCE", "CAP_MAC_ADMIN"];
}

/** The drop-ins, path below /run/systemd → content. */
export function hardwareGuard(settings: GuardSettings): Map<string, string> {
  const capabilities = [...new Set([...ofParts(settings), ...guardedCapabilities(settings)])];
  const lines = capabilities.length === 0 ? [] : [`CapabilityBoundingSet=~${capabilities.join(" ")}`];
  // In other boxes a program above the cgroups of all units refuses devices (manager-plan.ts), and units keep their policies.
  if (settings.attacks && !settings.allowHost.includes("devices")) {
    lines.push("DevicePolicy=closed", "DeviceAllow=", ...settings.devices.map((path) => `DeviceAllow=${path} rw`));
  }
  if (lines.length === 0) {
    return new Map();
  }
  return new Map(
    KINDS.map((kind) => {
      const section = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
      return [`system/${kind}.d/${HARDWARE_GUARD_FILE}`, `[${section}]\n${lines.join("\n")}\n`];
    }),
  );
}

/**
 * Frees one unit of a box for attacks from the guard: steps of attacks are null forms that change nothing. A file of the same
 * name in the unit's own directory hides the general one. Call daemon-reload after.
 */
export async function liftHardwareGuard(box: Box, unit: string): Promise<void> {
  const rest = box.network === "host" ? "[Service]\nCapabilityBoundingSet=~CAP_NET_ADMIN\n" : "# lifted for probes\n";
  await box.writeFile(`/run/systemd/system/${unit}.d/${HARDWARE_GUARD_FILE}`, rest);
}

/** Puts the guard back for a unit. Call daemon-reload after. */
export async function restoreHardwareGuard(box: Box, unit: string): Promise<void> {
  const path = `/run/systemd/system/${unit}.d/${HARDWARE_GUARD_FILE}`;
  const { status, stderr } = await box.run(["rm", "-f", "--", path]);
  if (status !== 0) {
    throw new SystemError("guard again", { path, reason: stderr.trim() });
  }
}
