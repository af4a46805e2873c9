/**
 * Which directives this machine would accept in a box and silently not enforce: each must be reported as unknown, never as a
 * wall. Conditions: systemd.exec(5), systemd.resource-control(5), and measurements with systemd 257 on Linux 6.18.
 */
import { readFile } from "node:fs/promises";
import { capabilitiesOfMask } from "../../core/kernel/capability.ts";
import { readStatus } from "../../linux/proc.ts";
import { parseSystemdVersion } from "../../linux/systemd-version.ts";
import type { Box } from "./contract.ts";

/** A directive that this machine accepts and does not enforce, and why. */
export interface Ineffective {
  readonly directive: string;
  readonly reason: string;
}

/** What is known of a machine's directives. */
export interface Effects {
  readonly ineffective: readonly Ineffective[];
}

const LIBBPF = ["SocketBindAllow", "SocketBindDeny", "RestrictNetworkInterfaces", "RestrictFileSystems"];
const SECCOMP = [
  "SystemCallFilter",
  "SystemCallArchitectures",
  "SystemCallLog",
  "RestrictAddressFamilies",
  "RestrictNamespaces",
  "RestrictRealtime",
  "RestrictSUIDSGID",
  "LockPersonality",
];
const CONTROLLERS: Readonly<Record<string, readonly string[]>> = {
  cpu: ["CPUQuota", "CPUWeight"],
  memory: ["MemoryMax", "MemoryHigh", "MemoryLow", "MemoryMin", "MemorySwapMax"],
  pids: ["TasksMax"],
  io: ["IOWeight", "IODeviceWeight", "IOReadBandwidthMax", "IOWriteBandwidthMax"],
  cpuset: ["AllowedCPUs", "AllowedMemoryNodes"],
};

/** What the checks are decided from; gathered from a box, or made up in a test. */
export interface EffectFacts {
  readonly features: readonly string[];
  readonly controllers: readonly string[];
  /** The active security modules, undefined when not known. */
  readonly lsm: readonly string[] | undefined;
  /** CapBnd of the box's PID 1. */
  readonly capBounding: bigint;
  readonly userNamespaces: boolean;
  readonly addressFilterWorks: boolean;
  readonly devicePolicyWorks: boolean;
}

/** Looks at a running box; two of the conditions are tried with a small unit in it. */
export async function effects(box: Box): Promise<Effects> {
  return { ineffective: judgeEffects(await gatherFacts(box)) };
}

/** The directives that do nothing, given these facts. */
export function judgeEffects(facts: EffectFacts): Ineffective[] {
  const found: Ineffective[] = [];
  const add = (directives: readonly string[], reason: string) => {
    for (const directive of directives) found.push({ directive, reason });
  };
  if (!facts.features.includes("+SECCOMP")) add(SECCOMP, "this systemd is built without seccomp");
  if (!facts.features.includes("+BPF_FRAMEWORK")) add(LIBBPF, "this systemd is built without libbpf (-BPF_FRAMEWORK)");
  else if (facts.lsm?.includes("bpf") !== true) add(["RestrictFileSystems"], "the BPF security module is not active");
  for (const [controller, directives] of Object.entries(CONTROLLERS)) {
    if (!facts.controllers.includes(controller)) add(directives, `no ${controller} controller in this cgroup tree`);
  }
  if (!capabilitiesOfMask(facts.capBounding).includes("CAP_SYS_RESOURCE")) {
    add(["OOMScoreAdjust"], "CAP_SYS_RESOURCE is missing: the score cannot be lowered");
  }
  if (!facts.userNamespaces) add(["PrivateUsers"], "the kernel allows no user namespaces");
  if (!facts.addressFilterWorks)
    add(["IPAddressDeny", "IPAddressAllow"], "the kernel takes no address filter on cgroups");
  if (!facts.devicePolicyWorks) add(["DevicePolicy", "DeviceAllow"], "the kernel takes no device filter on cgroups");
  return found;
}

async function gatherFacts(box: Box): Promise<EffectFacts> {
  const [version, controllers, lsm, status, users, tried] = await Promise.all([
    box.systemctl("--version"),
    readFile(`${box.cgroup}/cgroup.controllers`, "utf8"),
    readFile("/sys/kernel/security/lsm", "utf8").catch(() => undefined),
    readStatus(box.leader),
    readFile("/proc/sys/user/max_user_namespaces", "utf8").catch(() => "0"),
    tryFilters(box),
  ]);
  return {
    features: parseSystemdVersion(version.stdout)?.features ?? [],
    controllers: controllers.trim().split(/\s+/),
    lsm: lsm?.trim().split(","),
    capBounding: BigInt(`0x${status?.get("CapBnd") ?? "0"}`),
    userNamespaces: Number(users) > 0,
    ...tried,
  };
}

/**
 * A device filter refuses the making of nodes too, so nothing needs to be opened (4:64 is a serial line). A connection that is
 * refused got past the address filter; one that is filtered stays without an answer, or is not permitted.
 */
const TRY = `mknod /dev/cloison-try c 4 64 2>/dev/null && echo device; rm -f /dev/cloison-try
timeout 0.3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>&1 | grep -q refused && echo address; exit 0`;

async function tryFilters(box: Box): Promise<Pick<EffectFacts, "addressFilterWorks" | "devicePolicyWorks">> {
  const properties = ["IPAddressDeny=any", "DevicePolicy=strict"].flatMap((each) => ["-p", each]);
  const argv = ["systemd-run", "--wait", "--pipe", "--quiet", "--collect", "--expand-environment=no", ...properties];
  const result = await box.run([...argv, "bash", "-c", TRY], { timeoutMs: 20_000 });
  const through = result.status === 0 ? result.stdout.split("\n") : ["device", "address"];
  return { addressFilterWorks: !through.includes("address"), devicePolicyWorks: !through.includes("device") };
}
