/**
 * What in a filter deserves a second look: ways around it that its writer may not have meant. Facts: seccomp(2), syscall
 * tables of the kernel, CVE-2019-10063 and CVE-2019-7303 (upper halves), the manual pages of the calls.
 */
import { argumentsOf } from "../../kernel/syscalls/arguments.ts";
import { callsThrough, routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { type Abi, numberOf, tableOf, X32_SYSCALL_BIT } from "../../kernel/syscalls/syscall.ts";
import { SKIPPED } from "../canonical.ts";
import { equals, masked } from "../diagram/condition.ts";
import { branchNode, combineLeaves, type Diagrams, type Leaf, NO, type NodeId, YES } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { findInput } from "../diagram/witness.ts";
import { ARCH_WORD, argumentWord, NUMBER_WORD } from "../diagram/words.ts";
import { letsThrough, rankOf } from "../evaluate.ts";
import { abisOf, constantOf, foreignIntervals, intervalsOf, underArch } from "../intervals.ts";
import { actionOfValue } from "../return-value.ts";
import { IOCTLS } from "./value.ts";

/** One finding. `code` is stable; `calls` are those that it is about. */
export interface Finding {
  readonly code: string;
  readonly severity: "high" | "medium" | "low";
  readonly abi?: Abi;
  readonly calls: readonly string[];
  readonly message: string;
}

/** A function and where to look in it. */
export interface Subject {
  readonly diagrams: Diagrams;
  readonly root: NodeId;
  /** The ABIs that the filter tells apart, or those of a machine that it may run on. */
  readonly abis: readonly Abi[];
}

/** What a call gets; undefined if the ABI does not have it. */
function nodeOf({ diagrams, root }: Subject, abi: Abi, call: string): NodeId | undefined {
  const number = numberOf(abi, call);
  return number === undefined ? undefined : nodeAt(diagrams, root, abi, number);
}

function nodeAt(diagrams: Diagrams, root: NodeId, abi: Abi, number: number): NodeId {
  const under = underArch(diagrams, root, tableOf(abi).audit);
  return restrict(diagrams, under, NUMBER_WORD, number);
}

const passes = (leaf: Leaf): boolean =>
  leaf.kind === "unknown" || (leaf.kind === "return" && letsThrough(actionOfValue(leaf.value)));
const stops = (leaf: Leaf): boolean => leaf.kind === "return" && !letsThrough(actionOfValue(leaf.value));

function canPass(subject: Subject, node: NodeId | undefined): boolean {
  return node !== undefined && findInput(subject.diagrams, node, passes) !== undefined;
}

function canStop(subject: Subject, node: NodeId | undefined): boolean {
  return node !== undefined && findInput(subject.diagrams, node, stops) !== undefined;
}

function architecture(subject: Subject): readonly Finding[] {
  const { diagrams, root } = subject;
  if (constantOf(diagrams, root) !== undefined) return [];
  if (intervalsOf(diagrams, root, ARCH_WORD).length === 1) {
    const message = "the architecture is never looked at: numbers of another ABI are taken for this one's";
    return [{ code: "arch-unchecked", severity: "high", calls: [], message }];
  }
  const told = abisOf(diagrams, root);
  if (!foreignIntervals(diagrams, root, told).some(({ node }) => canPass(subject, node))) return [];
  const compatible = subject.abis.includes("x86_64") && !told.includes("i386");
  const i386 = compatible ? ", i386 through int 0x80 among them" : "";
  const message = `calls of other architectures pass${i386}: only a second filter stops them`;
  return [{ code: "arch-foreign", severity: "high", calls: [], message }];
}

/** x32's numbers are x86_64's with another bit: what is stopped there must be stopped here. */
function x32(subject: Subject): readonly Finding[] {
  if (!subject.abis.includes("x86_64")) return [];
  const around = Object.entries(tableOf("x86_64").numbers)
    .filter(([, number]) => {
      const native = nodeAt(subject.diagrams, subject.root, "x86_64", number);
      if (canPass(subject, native)) return false;
      return canPass(subject, nodeAt(subject.diagrams, subject.root, "x86_64", number + X32_SYSCALL_BIT));
    })
    .map(([name]) => name);
  if (around.length === 0) return [];
  const message = `${around.length} calls that are stopped pass with bit 30 in their number, as x32 calls`;
  return [{ code: "x32", severity: "high", abi: "x86_64", calls: around, message }];
}

/** Calls that open more of the kernel than services need; `code` of the finding, `what` they do. */
const RISKY: readonly (Pick<Finding, "code" | "severity" | "calls"> & { readonly what: string })[] = [
  {
    code: "allows-kernel-code",
    severity: "high",
    calls: ["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"],
    what: "load code into the kernel",
  },
  {
    code: "allows-kernel-tools",
    severity: "high",
    calls: ["bpf", "perf_event_open", "userfaultfd"],
    what: "are the kernel's most attacked tools",
  },
  {
    code: "io-uring",
    severity: "medium",
    calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],
    what: "carry out operations that no filter sees",
  },
  {
    code: "allows-other-processes",
    severity: "medium",
    calls: ["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"],
    what: "reach into other processes",
  },
  {
    code: "allows-mounts",
    severity: "medium",
    calls: [
      "mount",
      "umount2",
      "pivot_root",
      "open_tree",
      "move_mount",
      "fsopen",
      "fsmount",
      "fsconfig",
      "mount_setattr",
    ],
    what: "change mounts",
  },
  {
    code: "allows-namespaces",
    severity: "medium",
    calls: ["unshare", "setns"],
    what: "enter namespaces, where more of the kernel is within reach",
  },
  {
    code: "allows-keyrings",
    severity: "medium",
    calls: ["add_key", "request_key", "keyctl"],
    what: "use the kernel's key rings",
  },
  {
    code: "allows-file-handles",
    severity: "medium",
    calls: ["open_by_handle_at", "name_to_handle_at"],
    what: "open files past directories",
  },
  {
    code: "allows-whole-machine",
    severity: "medium",
    calls: ["reboot", "swapon", "swapoff", "acct", "syslog", "iopl", "ioperm", "settimeofday", "clock_settime"],
    what: "change the whole machine",
  },
];

function risky(subject: Subject): readonly Finding[] {
  return subject.abis.slice(0, 1).flatMap((abi) =>
    RISKY.flatMap(({ code, severity, calls: names, what }): readonly Finding[] => {
      const calls = names.filter((name) => canPass(subject, nodeOf(subject, abi, name)));
      if (calls.length === 0) return [];
      return [{ code, severity, abi, calls, message: `${calls.join(", ")} pass: they ${what}` }];
    }),
  );
}

/** Calls that do the same in another way. */
const SYNONYMS: readonly (readonly string[])[] = [
  ["execve", "execveat"],
  ["open", "openat", "openat2"],
  ["chmod", "fchmod", "fchmodat", "fchmodat2"],
  ["ptrace", "process_vm_writev"],
  ["kill", "tgkill", "pidfd_send_signal"],
  ["unshare", "clone"],
  ["setns", "unshare"],
  ["connect", "sendto", "sendmsg"],
];

function synonyms(subject: Subject): readonly Finding[] {
  return subject.abis.slice(0, 1).flatMap((abi) =>
    SYNONYMS.flatMap((names): readonly Finding[] => {
      const known = names.filter((name) => numberOf(abi, name) !== undefined);
      const shut = known.filter((name) => !canPass(subject, nodeOf(subject, abi, name)));
      const open = known.filter((name) => !canStop(subject, nodeOf(subject, abi, name)));
      if (shut.length === 0 || open.length === 0) return [];
      const message = `${shut.join(", ")} is stopped, ${open.join(", ")} does the same and passes`;
      return [{ code: "synonym", severity: "medium", abi, calls: [...shut, ...open], message }];
    }),
  );
}

/** Calls whose flags stand in an argument, each with the newer one that takes the same in memory. */
const FLAGS_IN_MEMORY = [
  { seen: "clone", hidden: "clone3" },
  { seen: "openat", hidden: "openat2" },
] as const;

function hiddenFlags(subject: Subject): readonly Finding[] {
  return subject.abis.flatMap((abi) =>
    FLAGS_IN_MEMORY.flatMap(({ seen, hidden }): readonly Finding[] => {
      const [filtered, other] = [nodeOf(subject, abi, seen), nodeOf(subject, abi, hidden)];
      if (filtered === undefined || other === undefined) return [];
      const conditional = canPass(subject, filtered) && canStop(subject, filtered);
      if (conditional && canPass(subject, other)) {
        const message = `the flags of ${seen} are tested, ${hidden} takes the same in memory and passes`;
        return [{ code: hidden, severity: "high", abi, calls: [seen, hidden], message }];
      }
      const action = constantOf(subject.diagrams, other, abi);
      const falls = action?.kind === "errno" && action.errno === "ENOSYS";
      if (action === undefined || letsThrough(action) || falls || !canPass(subject, filtered)) return [];
      const message = `${hidden} does not get ENOSYS: libc falls back to ${seen} only then`;
      return [{ code: `${hidden}-errno`, severity: "low", abi, calls: [hidden], message }];
    }),
  );
}

/** Requests that write into the terminal of whoever started the program: ioctl_tty(2), ioctl_console(2). */
const TYPES_INTO_TERMINAL = ["TIOCSTI", "TIOCLINUX"] as const;

function terminal(subject: Subject): readonly Finding[] {
  const { diagrams } = subject;
  return subject.abis.slice(0, 1).flatMap((abi) => {
    const node = nodeOf(subject, abi, "ioctl");
    if (node === undefined) return [];
    return TYPES_INTO_TERMINAL.flatMap((name): readonly Finding[] => {
      const under = branchNode(diagrams, equals(diagrams, argumentWord(1) + 1, IOCTLS[name]), node, NO);
      if (findInput(diagrams, under, passes) === undefined) return [];
      const message = `ioctl with ${name} passes: it types into the terminal of whoever started the program`;
      return [{ code: name.toLowerCase(), severity: "medium", abi, calls: ["ioctl"], message }];
    });
  });
}

/** Where an upper half that the kernel does not read lets more through than 0 does. */
function upperHalf(subject: Subject, abi: Abi, call: string, node: NodeId): readonly Finding[] {
  const { diagrams } = subject;
  const words = argumentsOf(abi, call) ?? [];
  return words.flatMap(({ name, width }, argument): readonly Finding[] => {
    if (width === 64) return [];
    const plain = restrict(diagrams, node, argumentWord(argument), 0);
    if (plain === node) return [];
    const more = combineLeaves(diagrams, plain, node, (a, b) => {
      if (a.kind !== "return" || b.kind !== "return") return NO;
      return rankOf(actionOfValue(b.value)) > rankOf(actionOfValue(a.value)) ? YES : NO;
    });
    if (findInput(diagrams, more, (leaf) => leaf.kind === "flag" && leaf.value) === undefined) return [];
    const message = `${call}: ${name} is tested on 64 bits, the kernel reads ${width}: a value above them passes the test`;
    return [{ code: "upper-half", severity: "high", abi, calls: [call], message }];
  });
}

function upperHalves(subject: Subject): readonly Finding[] {
  const { diagrams, root } = subject;
  if (diagrams.atoms !== undefined) return [];
  return subject.abis.flatMap((abi) =>
    Object.entries(tableOf(abi).numbers).flatMap(([call, number]) => {
      const node = nodeAt(diagrams, root, abi, number);
      return constantOf(diagrams, node) === undefined ? upperHalf(subject, abi, call, node) : [];
    }),
  );
}

/** What a call gets through its multiplexer. */
function routed(subject: Subject, abi: Abi, call: string): NodeId | undefined {
  const { diagrams, root } = subject;
  const route = routeOf(abi, call);
  if (route === undefined) return undefined;
  const { number, mask, selector } = route;
  const selects = masked(diagrams, argumentWord(0) + 1, mask, selector);
  return branchNode(diagrams, selects, nodeAt(diagrams, root, abi, number), NO);
}

/** Calls whose other way through socketcall or ipc has a different answer. */
function multiplexed(subject: Subject): readonly Finding[] {
  return subject.abis.flatMap((abi) =>
    (["socketcall", "ipc"] as const).flatMap((through): readonly Finding[] => {
      const node = nodeOf(subject, abi, through);
      if (!canPass(subject, node)) return [];
      const calls = callsThrough(through).filter((call) => canStop(subject, nodeOf(subject, abi, call)));
      const open = calls.filter((call) => canPass(subject, routed(subject, abi, call)));
      if (open.length === 0) return [];
      const message = `${open.join(", ")} can be stopped, ${through} makes the same calls and passes`;
      return [{ code: through, severity: "high", abi, calls: open, message }];
    }),
  );
}

/** A tracer skips a call by the number -1, which the filter sees. */
function skipped(subject: Subject): readonly Finding[] {
  return subject.abis.slice(0, 1).flatMap((abi): readonly Finding[] => {
    const action = constantOf(subject.diagrams, nodeAt(subject.diagrams, subject.root, abi, SKIPPED));
    if (action?.kind !== "kill-process" && action?.kind !== "kill-thread" && action?.kind !== "trap") return [];
    const message = "number -1, with which a tracer skips a call, does not survive the filter";
    return [{ code: "skipped-call", severity: "low", abi, calls: [], message }];
  });
}

function threads(subject: Subject): readonly Finding[] {
  const killed = findInput(subject.diagrams, subject.root, (leaf) => leaf.kind === "return" && leaf.value === 0);
  if (killed === undefined) return [];
  const message = "KILL_THREAD kills one thread and leaves the others, which may wait for it forever";
  return [{ code: "kill-thread", severity: "low", calls: [], message }];
}

const order = { high: 0, medium: 1, low: 2 } as const;

/** All findings, the worst first. */
export function findingsOf(subject: Subject): readonly Finding[] {
  const checks = [
    architecture,
    x32,
    multiplexed,
    upperHalves,
    hiddenFlags,
    risky,
    terminal,
    synonyms,
    skipped,
    threads,
  ];
  return checks.flatMap((check) => check(subject)).sort((a, b) => order[a.severity] - order[b.severity]);
}
