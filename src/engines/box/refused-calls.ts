/**
 * The filter on a box's PID 1: calls through which root inside would reach past the namespaces to the machine, and which
 * services and systemd do not need there. Facts: bpf(2), syslog(2), keyctl(2), fanotify_mark(2), core(5), and the kernel's
 * kernel/bpf/syscall.c, security/keys/keyctl.c, fs/coredump.c, fs/nsfs.c, fs/quota/quota.c, net/socket.c.
 */
import { encode } from "../../core/bpf/instruction.ts";
import { compile } from "../../core/seccomp/compile/compile.ts";
import { is32, type NamedRule, policyOf } from "../../core/seccomp/policy/build.ts";
import type { Condition, FilterAction, Policy } from "../../core/seccomp/policy/policy.ts";
import { SystemError } from "../../linux/system-error.ts";

const REFUSED: FilterAction = { kind: "errno", errno: "EPERM" };
const NO_SUCH_FAMILY: FilterAction = { kind: "errno", errno: "EAFNOSUPPORT" };
const ALLOWED: FilterAction = { kind: "allow" };
/** The call is not made, and the caller is told that it was. */
const DONE: FilterAction = { kind: "errno", errno: 0 };

/** MAP_* (elements, freezing), PROG_LOAD, PROG_ATTACH, PROG_DETACH, PROG_QUERY: what systemd's own policies need. */
const BPF_COMMANDS = [0, 1, 2, 3, 4, 5, 8, 9, 16, 21, 22];
/** READ, READ_CLEAR and CLEAR take messages from the machine's log, the others set its console. */
const SYSLOG_ACTIONS = [2, 4, 5, 6, 7, 8];
/** KEY_SPEC_USER_KEYRING and KEY_SPEC_USER_SESSION_KEYRING: root's here are root's on the machine. */
const FOREIGN_KEYRINGS = [-4, -5];
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const KEYCTL_GET_PERSISTENT = 22;
const FAN_MARK_FILESYSTEM = 0x100;
const RLIMIT_CORE = 4;
const AF_VSOCK = 40;
const SIOCGSKNS = 0x894c;
/** NS_MNT_GET_NEXT and NS_MNT_GET_PREV; the size that such a request also holds may be any. */
const NS_MNT_GET = [0xb70b, 0xb70c];
const TYPE_AND_NUMBER = 0xffff;

/** Everything in a box but boxes for attacks, whose controls need some of these calls. */
export const REFUSED_CALLS: Policy = policyOf([
  {
    calls: [
      "perf_event_open", // sees every process of the machine
      "open_by_handle_at", // opens files of the machine that no mount shows
      "pidfd_getfd", // takes descriptors out of whatever process a pidfd is had of
      "quotactl", // takes a disk by its node, which it never opens
      "quotactl_fd",
      "kexec_load",
      "kexec_file_load",
      "swapon",
      "swapoff",
    ],
    action: REFUSED,
  },
  ...BPF_COMMANDS.map((command) => rule("bpf", [is32(0, "eq", command)], ALLOWED)),
  rule("bpf", [], REFUSED),
  ...SYSLOG_ACTIONS.map((action) => rule("syslog", [is32(0, "eq", action)], REFUSED)),
  // Events of a whole file system come with descriptors of files that are opened on the machine.
  rule("fanotify_mark", [is32(1, "masked-eq", FAN_MARK_FILESYSTEM, FAN_MARK_FILESYSTEM)], REFUSED),
  ...keyRules(),
  ...coreRules(),
  ...namespaceRules(),
  // Such sockets belong to no network namespace: they lead to the machine's hypervisor. A kernel without them says the same.
  ...["socket", "socketpair"].map((name) => rule(name, [is32(0, "eq", AF_VSOCK)], NO_SUCH_FAMILY)),
]);

function rule(name: string, when: readonly Condition[], action: FilterAction): NamedRule {
  return { calls: [name], when, action };
}

function given(argument: number): Condition {
  return { argument, width: 64, operator: "ne", value: 0n };
}

/** A named session keyring may be another's; a request with information for it runs a program on the machine. */
function keyRules(): readonly NamedRule[] {
  const named = (call: string, argument: number) =>
    FOREIGN_KEYRINGS.map((keyring) => rule(call, [is32(argument, "eq", BigInt.asUintN(32, BigInt(keyring)))], REFUSED));
  return [
    ...named("add_key", 4),
    rule("request_key", [given(2)], REFUSED),
    ...named("request_key", 3),
    rule("keyctl", [is32(0, "eq", KEYCTL_JOIN_SESSION_KEYRING), given(1)], REFUSED),
    rule("keyctl", [is32(0, "eq", KEYCTL_GET_PERSISTENT)], REFUSED),
    ...[1, 2, 3, 4].flatMap((argument) => named("keyctl", argument)),
  ];
}

/**
 * The socket of the entrance was made in the machine's network, and gives it away to who takes it from the keeper.
 * Linux before 6.18 shows root every mount namespace of the machine in turn.
 */
function namespaceRules(): readonly NamedRule[] {
  return [
    rule("ioctl", [is32(1, "eq", SIOCGSKNS)], REFUSED),
    ...NS_MNT_GET.map((request) => rule("ioctl", [is32(1, "masked-eq", request, TYPE_AND_NUMBER)], REFUSED)),
  ];
}

/**
 * With a limit of exactly 1 the kernel does not start the machine's program for core dumps, which would run outside of
 * every box; the limit is to stay, and a service that sets one is not to fail. Who asks for the old value at the same time
 * must not be told rubbish.
 */
function coreRules(): readonly NamedRule[] {
  return [
    rule("setrlimit", [is32(0, "eq", RLIMIT_CORE)], DONE),
    rule("prlimit64", [is32(1, "eq", RLIMIT_CORE), given(2), given(3)], REFUSED),
    rule("prlimit64", [is32(1, "eq", RLIMIT_CORE), given(2)], DONE),
  ];
}

/** The filter as instructions for seccomp(2). */
export function filterOfBox(): Uint8Array {
  const compiled = compile(REFUSED_CALLS);
  if (compiled.ok) {
    return encode(compiled.value.program, true);
  }
  throw new SystemError("make the filter of a box", { reason: compiled.diagnostics[0]?.message ?? "not compiled" });
}
