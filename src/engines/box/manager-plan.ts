/**
 * What a box's PID 1 gives up before it becomes systemd, as a plan that is compiled to a small static program: devices,
 * sysctls, capabilities, core dumps, root's keyrings, calls. Facts: bpf(2), keyctl(2), prctl(2), prlimit(2), seccomp(2).
 */
import { existsSync } from "node:fs";
import type { Argument } from "../../core/action/action.ts";
import { compilePlan, ENVIRONMENT } from "../../core/elf/compile-plan.ts";
import { x8664 } from "../../core/elf/x86-64/x86-64.ts";
import { type Capability, capabilityBit } from "../../core/kernel/capability.ts";
import type { SyscallName } from "../../core/kernel/syscalls/syscall.ts";
import type { Operation, Plan } from "../../core/plan/operation.ts";
import { type AllowedDevices, CGROUP_DEVICE, CGROUP_SYSCTL, deviceProgram, sysctlProgram } from "./cgroup-programs.ts";
import { ENTRANCE_FD } from "./entrance-code.ts";
import { type GuardSettings, guardedCapabilities } from "./hardware.ts";
import { type InitPlan, MANAGER, MANAGER_PROGRAM } from "./init-script.ts";
import { filterOfBox } from "./refused-calls.ts";

/** What the plan depends on. */
export interface ManagerPlan {
  /** Where the program itself lies in the box; it is removed before systemd runs. */
  readonly self: string;
  /** An open descriptor of the directory of the cgroup above the one that the box sees as its root. */
  readonly cgroupFd: number;
  /** Programs for that cgroup; undefined: no device is refused. */
  readonly devices: Uint8Array | undefined;
  readonly sysctls: Uint8Array | undefined;
  /** CAP_…: nothing in the box ever has these. */
  readonly dropped: readonly Capability[];
  /** Instructions of a filter. */
  readonly filter: Uint8Array | undefined;
  /** Whether the kernel has keyrings. */
  readonly keyrings: boolean;
  readonly manager: readonly string[];
}

const PR_CAPBSET_DROP = 24;
const RLIMIT_CORE = 4;
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const SECCOMP_SET_MODE_FILTER = 1;
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_F_ALLOW_MULTI = 2;
/** Numbers that no inherited descriptor has: an attribute of bpf(2) holds two of them in one word. */
const PROGRAM_FD = 200;
/** Below are the streams, and what the keeper of the entrance needs. */
const FIRST_TO_CLOSE = Math.max(...Object.values(ENTRANCE_FD)) + 1;
const LAST_DESCRIPTOR = 0xffff_ffff;

function number(value: number | bigint): Argument {
  return { kind: "number", value: BigInt.asUintN(64, BigInt(value)) };
}

function words(...to: readonly Argument[]): Argument {
  return { kind: "pointers", to };
}

function bytes(content: Uint8Array): Argument {
  return { kind: "bytes", bytes: [...content] };
}

function call(name: string, what: SyscallName, ...args: readonly Argument[]): Operation {
  return { kind: "call", name, call: { abi: "x86_64", name: what, arguments: args }, onError: "stop" };
}

function inWord(low: number, high: number): Argument {
  return number(BigInt(low) | (BigInt(high) << 32n));
}

/** union bpf_attr of BPF_PROG_LOAD: type and count, instructions, licence, then zeroes; of BPF_PROG_ATTACH: three pairs. */
function attach(
  what: string,
  kind: { readonly program: number; readonly attach: number },
  code: Uint8Array | undefined,
  cgroupFd: number,
): readonly Operation[] {
  if (code === undefined) {
    return [];
  }
  const zero = number(0);
  const load = words(
    inWord(kind.program, code.length / 8),
    bytes(code),
    { kind: "text", text: "MIT" },
    zero,
    zero,
    zero,
  );
  const place = words(inWord(cgroupFd, PROGRAM_FD), inWord(kind.attach, BPF_F_ALLOW_MULTI), zero);
  return [
    call(`load the program for ${what}`, "bpf", number(BPF_PROG_LOAD), load, number(48)),
    call(
      `number the program for ${what}`,
      "dup3",
      { kind: "result", of: `load the program for ${what}` },
      number(PROGRAM_FD),
      zero,
    ),
    call(`guard ${what}`, "bpf", number(BPF_PROG_ATTACH), place, number(24)),
  ];
}

/** The plan, in the order in which things can be given up. */
export function planManager(plan: ManagerPlan): Plan {
  const core = words(number(1), number(1));
  const filter = plan.filter ?? new Uint8Array();
  const argv = words(...plan.manager.map((text) => ({ kind: "text", text }) as const), number(0));
  return {
    operations: [
      ...attach("devices", CGROUP_DEVICE, plan.devices, plan.cgroupFd),
      ...attach("sysctls", CGROUP_SYSCTL, plan.sysctls, plan.cgroupFd),
      ...(plan.keyrings ? [call("keyring", "keyctl", number(KEYCTL_JOIN_SESSION_KEYRING), number(0))] : []),
      call("core dumps", "prlimit64", number(0), number(RLIMIT_CORE), core, number(0)),
      ...plan.dropped.map((name) =>
        call(
          `drop ${name}`,
          "prctl",
          number(PR_CAPBSET_DROP),
          number(capabilityBit(name)),
          number(0),
          number(0),
          number(0),
        ),
      ),
      ...(plan.filter === undefined
        ? []
        : [
            call(
              "filter",
              "seccomp",
              number(SECCOMP_SET_MODE_FILTER),
              number(0),
              words(number(filter.length / 8), bytes(filter)),
            ),
          ]),
      call("remove", "unlink", { kind: "text", text: plan.self }),
      call("close", "close_range", number(FIRST_TO_CLOSE), number(LAST_DESCRIPTOR), number(0)),
      call("systemd", "execve", { kind: "text", text: plan.manager[0] ?? "" }, argv, {
        kind: "result",
        of: ENVIRONMENT,
      }),
    ],
  };
}

/** The same as a program. */
export function managerProgram(plan: ManagerPlan): Uint8Array {
  return compilePlan(planManager(plan), x8664);
}

/** What every box may open and make: memory devices, terminals. */
const PSEUDO_DEVICES: readonly AllowedDevices[] = [
  ...[3, 5, 7, 8, 9].map((minor) => ({ major: 1, first: minor, last: minor })),
  { major: 5, first: 0, last: 2 },
  ...Array.from({ length: 8 }, (_, index) => ({ major: 136 + index, first: 0, last: 0xfffff })),
];

/** Sysctls of a box's own namespaces. */
const OWN_SYSCTLS = ["kernel/hostname", "kernel/domainname"];

/** What a box of these settings gives up. */
export function managerPlan(
  { devices, network }: Pick<InitPlan, "devices" | "network">,
  settings: Omit<GuardSettings, "devices">,
  cgroupFd: number,
): ManagerPlan {
  const own = devices.map(([, major, minor]) => ({ major, first: minor, last: minor }));
  const everyDevice = settings.attacks || settings.allowHost.includes("devices");
  return {
    self: MANAGER_PROGRAM,
    cgroupFd,
    devices: everyDevice ? undefined : deviceProgram([...PSEUDO_DEVICES, ...own]),
    sysctls: sysctlProgram(network === "private" ? [...OWN_SYSCTLS, "net/"] : OWN_SYSCTLS),
    dropped: guardedCapabilities(settings),
    filter: settings.attacks ? undefined : filterOfBox(),
    keyrings: existsSync("/proc/keys"),
    manager: MANAGER,
  };
}
