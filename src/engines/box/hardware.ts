/**
 * The hardware guard: drop-ins for all services (sockets, mounts, swaps) of a box which take away what would reach through the
 * shared kernel to the machine. They build no mount namespace and set no NoNewPrivileges, so no other wall changes. How lists
 * merge and drop-ins sort: systemd.unit(5), systemd.exec(5), config_parse_capability_set() in systemd 257.
 *
 * Commands with the `+` prefix run outside every setting of their unit, hence also without this guard but for devices.
 */
import { SystemError } from "../../linux/system-error.ts";
import type { Box, HostPart } from "./contract.ts";

/** Sorts after every other drop-in: a bounding set that a unit adds to earlier cannot bring these back. */
export const HARDWARE_GUARD_FILE = "zzzz-cloison-hardware.conf";

/** What each part of the host means in capabilities; `devices` is a device policy instead. */
export const GUARDED_CAPABILITIES: Readonly<Record<HostPart, readonly string[]>> = {
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
  /** Paths of pseudo devices that services may use all the same. */
  readonly devices: readonly string[];
}

/** The capabilities that units of such a box do not have. */
export function guardedCapabilities(settings: Pick<GuardSettings, "allowHost" | "network">): string[] {
  const denied = PARTS.filter((part) => !settings.allowHost.includes(part)).flatMap(
    (part) => GUARDED_CAPABILITIES[part],
  );
  return settings.network === "host" ? [...denied, "CAP_NET_ADMIN"] : denied;
}

/** The drop-ins, path below /run/systemd → content. */
export function hardwareGuard(settings: GuardSettings): Map<string, string> {
  const capabilities = guardedCapabilities(settings);
  const lines = capabilities.length === 0 ? [] : [`CapabilityBoundingSet=~${capabilities.join(" ")}`];
  if (!settings.allowHost.includes("devices")) {
    lines.push("DevicePolicy=closed", "DeviceAllow=", ...settings.devices.map((path) => `DeviceAllow=${path} rw`));
  }
  if (lines.length === 0) return new Map();
  return new Map(
    KINDS.map((kind) => {
      const section = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
      return [`system/${kind}.d/${HARDWARE_GUARD_FILE}`, `[${section}]\n${lines.join("\n")}\n`];
    }),
  );
}

/**
 * Frees one unit from the guard, for probes, whose steps are null forms that change nothing. A file of the same name in the
 * unit's own directory hides the general one. The host's network stays guarded where it is shared. Call daemon-reload after.
 */
export async function liftHardwareGuard(box: Box, unit: string): Promise<void> {
  const rest = box.network === "host" ? "[Service]\nCapabilityBoundingSet=~CAP_NET_ADMIN\n" : "# lifted for probes\n";
  await box.writeFile(`/run/systemd/system/${unit}.d/${HARDWARE_GUARD_FILE}`, rest);
}

/** Puts the guard back for a unit. Call daemon-reload after. */
export async function restoreHardwareGuard(box: Box, unit: string): Promise<void> {
  const path = `/run/systemd/system/${unit}.d/${HARDWARE_GUARD_FILE}`;
  const { status, stderr } = await box.run(["rm", "-f", "--", path]);
  if (status !== 0) throw new SystemError("guard again", { path, reason: stderr.trim() });
}
