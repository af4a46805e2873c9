/**
 * Which directives this machine would accept in a box and silently not enforce: each must be reported as unknown, never as a
 * wall. Conditions: systemd.exec(5), systemd.resource-control(5), and measurements with systemd 257 on Linux 6.18.
 */
import { readFile } from "node:fs/promises";
import { catalogue } from "../../core/directives/catalogue.ts";
import type { Requisite } from "../../core/directives/directive.ts";
import { CAPABILITIES } from "../../core/kernel/capability.ts";
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

/** What the checks are decided from; gathered from a box, or made up in a test. */
export interface EffectFacts {
  readonly features: readonly string[];
  readonly userNamespaces: boolean;
  /** Whether systemd may attach BPF programs by links, as it does with libbpf. */
  readonly links: boolean;
  readonly addressFilterWorks: boolean;
  readonly devicePolicyWorks: boolean;
  /** The kernel's active security modules. */
  readonly modules: readonly string[];
  /** The controllers in the box's cgroup tree. */
  readonly controllers: readonly string[];
  /** Whether the box's systemd has CAP_SYS_RESOURCE. */
  readonly raisesLimits: boolean;
}

/** Why a machine lacks a requisite; undefined where it has it. */
const MISSING: { readonly [name in Requisite]: (facts: EffectFacts) => string | undefined } = {
  seccomp: ({ features }) => (features.includes("+SECCOMP") ? undefined : "this systemd is built without seccomp"),
  libbpf: ({ features, links }) => {
    if (!features.includes("+BPF_FRAMEWORK")) {
      return "this systemd is built without libbpf (-BPF_FRAMEWORK)";
    }
    return links ? undefined : "a box refuses the BPF links that it needs";
  },
  "user-namespaces": ({ userNamespaces }) => (userNamespaces ? undefined : "the kernel allows no user namespaces"),
  "address-filter": ({ addressFilterWorks }) =>
    addressFilterWorks ? undefined : "the kernel takes no address filter on cgroups",
  "device-filter": ({ devicePolicyWorks }) =>
    devicePolicyWorks ? undefined : "the kernel takes no device filter on cgroups",
  "bpf-lsm": missingModule("bpf"),
  selinux: missingModule("selinux"),
  apparmor: missingModule("apparmor"),
  smack: missingModule("smack"),
  "memory-controller": missingController("memory"),
  "pids-controller": missingController("pids"),
  "raised-limits": ({ raisesLimits }) =>
    raisesLimits ? undefined : "this systemd lacks CAP_SYS_RESOURCE, without which no limit is raised",
};

function missingModule(name: string) {
  return ({ modules }: EffectFacts): string | undefined =>
    modules.includes(name) ? undefined : `${name} is not among the kernel's active security modules`;
}

function missingController(name: string) {
  return ({ controllers }: EffectFacts): string | undefined =>
    controllers.includes(name) ? undefined : `the cgroup tree has no ${name} controller`;
}

/** Looks at a running box; two of the conditions are tried with a small unit in it. */
export async function effects(box: Box): Promise<Effects> {
  return { ineffective: judgeEffects(await gatherFacts(box)) };
}

/** The directives that do nothing, given these facts. */
export function judgeEffects(facts: EffectFacts): readonly Ineffective[] {
  return catalogue.flatMap(({ name, requires }) => {
    const reasons = requires.flatMap((requisite) => MISSING[requisite](facts) ?? []);
    return reasons.length === 0 ? [] : [{ directive: name, reason: reasons.join("; ") }];
  });
}

async function gatherFacts(box: Box): Promise<EffectFacts> {
  const [version, users, modules, controllers, init, tried] = await Promise.all([
    box.systemctl("--version"),
    readFile("/proc/sys/user/max_user_namespaces", "utf8").catch(() => "0"),
    readFile("/sys/kernel/security/lsm", "utf8").catch(() => ""),
    readFile(`${box.cgroup}/cgroup.controllers`, "utf8"),
    box.run(["cat", "/proc/1/status"]),
    tryFilters(box),
  ]);
  return {
    features: parseSystemdVersion(version.stdout)?.features ?? [],
    userNamespaces: Number(users) > 0,
    links: box.forAttacks,
    modules: modules.trim().split(","),
    controllers: controllers.trim().split(" "),
    raisesLimits: holdsResource(init.stdout),
    ...tried,
  };
}

function holdsResource(status: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return ((effective >> BigInt(CAPABILITIES.indexOf("CAP_SYS_RESOURCE"))) & 1n) === 1n;
}

/**
 * A device filter refuses the making of nodes too, so nothing needs to be opened: of 1:7, which a box itself lets its units
 * make, or of a serial line where only units have a policy. A connection that is refused got past the address filter; one
 * that is filtered stays without an answer, or is not permitted. No braces: systemd would put its own variables into them.
 */
const TRY = `mknod /dev/cloison-try c $1 2>/dev/null && echo device; rm -f /dev/cloison-try
timeout 0.3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>&1 | grep -q refused && echo address; exit 0`;

async function tryFilters(box: Box): Promise<Pick<EffectFacts, "addressFilterWorks" | "devicePolicyWorks">> {
  const properties = ["IPAddressDeny=any", "DevicePolicy=strict"].flatMap((each) => ["-p", each]);
  const argv = ["systemd-run", "--wait", "--pipe", "--quiet", "--collect", ...properties];
  const result = await box.run([...argv, "bash", "-c", TRY, "bash", box.forAttacks ? "4 64" : "1 7"], {
    timeoutMs: 20_000,
  });
  const through = result.status === 0 ? result.stdout.split("\n") : ["device", "address"];
  return { addressFilterWorks: !through.includes("address"), devicePolicyWorks: !through.includes("device") };
}
