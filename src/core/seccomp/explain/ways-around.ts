/**
 * Ways around a filter that its writer may not have meant: another architecture, another number, another call, halves of
 * arguments that the kernel does not read. Facts: seccomp(2), tables of the kernel, CVE-2019-10063 and CVE-2019-7303 (upper
 * halves), manual pages of the calls.
 */
import { argumentsOf } from "../../kernel/syscalls/arguments.ts";
import { sameMachine } from "../../kernel/syscalls/machine.ts";
import { callsThrough, routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { type Abi, numberOf, tableOf, X32_SYSCALL_BIT } from "../../kernel/syscalls/syscall.ts";
import { abisOf, constantOf, foreignIntervals, intervalsOf } from "../canonical/intervals.ts";
import { branchNode, combineLeaves } from "../diagram/combine.ts";
import { masked } from "../diagram/condition.ts";
import { NO, type NodeId, YES } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { findInput, isYes } from "../diagram/witness.ts";
import { ARCH_WORD, argumentWord } from "../diagram/words.ts";
import { letsThrough, rankOf } from "../policy/evaluate.ts";
import { actionOfValue } from "../policy/return-value.ts";
import {
  type Check,
  canPass,
  canStop,
  type Finding,
  namesText,
  nativeAbis,
  nodeAt,
  nodeOf,
  type Subject,
} from "./check.ts";

function architecture(subject: Subject): readonly Finding[] {
  const { diagrams, root } = subject;
  if (constantOf(diagrams, root) !== undefined) {
    return [];
  }
  if (intervalsOf(diagrams, root, ARCH_WORD).length === 1) {
    const message = "the architecture is never looked at: numbers of another ABI are taken for this one's";
    return [{ code: "arch-unchecked", severity: "high", calls: [], message }];
  }
  const told = abisOf(diagrams, root);
  if (!foreignIntervals(diagrams, root, told).some(({ node }) => canPass(subject, node))) {
    return [];
  }
  const compatible = subject.abis.includes("x86_64") && !told.includes("i386");
  const i386 = compatible ? ", i386 through int 0x80 among them" : "";
  const message = `calls of other architectures pass${i386}: only a second filter stops them`;
  return [{ code: "arch-foreign", severity: "high", calls: [], message }];
}

/** x32 has x86_64's numbers with one more bit set, and some of its own: what x86_64 stops, x32 must stop too. */
function x32(subject: Subject): readonly Finding[] {
  if (!subject.abis.includes("x86_64")) {
    return [];
  }
  const around = Object.entries(tableOf("x86_64").numbers)
    .filter(([name, number]) => {
      if (canPass(subject, nodeAt(subject, "x86_64", number))) {
        return false;
      }
      const numbers = [number + X32_SYSCALL_BIT, numberOf("x32", name) ?? number];
      return numbers.some((each) => canPass(subject, nodeAt(subject, "x86_64", each)));
    })
    .map(([name]) => name);
  if (around.length === 0) {
    return [];
  }
  const calls =
    around.length === 1 ? "one call that is stopped passes" : `${around.length} calls that are stopped pass`;
  const message = `${calls} with bit 30 in the number, as an x32 call`;
  return [{ code: "x32", severity: "high", abi: "x86_64", calls: around, message }];
}

/** Calls that the native ABI stops but another ABI of the machine, open to every process, lets through. */
function otherAbis(subject: Subject): readonly Finding[] {
  const natives = nativeAbis(subject);
  return subject.abis.flatMap((abi): readonly Finding[] => {
    const native = natives.find((each) => sameMachine(each, abi));
    if (native === undefined || native === abi || abi === "x32") {
      return [];
    }
    const calls = Object.keys(tableOf(abi).numbers).filter((name) => {
      const [own, other] = [nodeOf(subject, native, name), nodeOf(subject, abi, name)];
      return canStop(subject, own) && canPass(subject, other) && (!canPass(subject, own) || !canStop(subject, other));
    });
    if (calls.length === 0) {
      return [];
    }
    const pass = calls.length === 1 ? "passes" : "pass";
    const message = `${namesText(calls.sort())} ${pass} here, stopped or tested though on ${native}`;
    return [{ code: "other-abi", severity: "high", abi, calls, message }];
  });
}

/** Stopping a call of `stopped` is in vain while one that does the `same` passes. */
const SYNONYMS: readonly { readonly stopped: readonly string[]; readonly same: readonly string[] }[] = [
  { stopped: ["execve", "execveat"], same: ["execve", "execveat"] },
  { stopped: ["open", "openat"], same: ["open", "openat", "openat2"] },
  { stopped: ["chmod", "fchmod", "fchmodat"], same: ["chmod", "fchmod", "fchmodat", "fchmodat2"] },
  { stopped: ["ptrace"], same: ["process_vm_writev"] },
  { stopped: ["kill", "tgkill", "pidfd_send_signal"], same: ["kill", "tgkill", "pidfd_send_signal"] },
  { stopped: ["clone"], same: ["clone3"] },
  { stopped: ["unshare"], same: ["clone", "clone3"] },
  { stopped: ["connect"], same: ["sendto", "sendmsg"] },
];

function synonyms(subject: Subject): readonly Finding[] {
  return nativeAbis(subject).flatMap((abi) =>
    SYNONYMS.flatMap(({ stopped, same }): readonly Finding[] => {
      const known = (names: readonly string[]): readonly string[] =>
        names.filter((name) => numberOf(abi, name) !== undefined);
      const shut = known(stopped).filter((name) => !canPass(subject, nodeOf(subject, abi, name)));
      const open = known(same).filter((name) => !canStop(subject, nodeOf(subject, abi, name)));
      if (shut.length === 0 || open.length === 0) {
        return [];
      }
      const are = shut.length === 1 ? "is" : "are";
      const passes = open.length === 1 ? "does the same and passes" : "do the same and pass";
      const message = `${shut.join(", ")} ${are} stopped, ${open.join(", ")} ${passes}`;
      return [{ code: "synonym", severity: "medium", abi, calls: [...shut, ...open], message }];
    }),
  );
}

/** Calls that take flags in an argument, each with its newer variant that takes them in memory, unseen. */
const FLAGS_IN_MEMORY = [
  { seen: "clone", hidden: "clone3" },
  { seen: "openat", hidden: "openat2" },
] as const;

function hiddenFlags(subject: Subject): readonly Finding[] {
  return subject.abis.flatMap((abi) =>
    FLAGS_IN_MEMORY.flatMap(({ seen, hidden }): readonly Finding[] => {
      const [filtered, other] = [nodeOf(subject, abi, seen), nodeOf(subject, abi, hidden)];
      if (filtered === undefined || other === undefined) {
        return [];
      }
      const conditional = canPass(subject, filtered) && canStop(subject, filtered);
      if (conditional && canPass(subject, other)) {
        const message = `the flags of ${seen} are tested, ${hidden} takes the same in memory and passes`;
        return [{ code: hidden, severity: "high", abi, calls: [seen, hidden], message }];
      }
      const action = constantOf(subject.diagrams, other, abi);
      const falls = action?.kind === "errno" && action.errno === "ENOSYS";
      if (action === undefined || letsThrough(action) || falls || !canPass(subject, filtered)) {
        return [];
      }
      const message = `${hidden} does not get ENOSYS: libc falls back to ${seen} only then`;
      return [{ code: `${hidden}-errno`, severity: "low", abi, calls: [hidden], message }];
    }),
  );
}

/** Where a non-zero upper half, which the kernel ignores, lets more through than 0 does. */
function upperHalf(subject: Subject, abi: Abi, call: string, node: NodeId): readonly Finding[] {
  const { diagrams } = subject;
  const words = argumentsOf(abi, call) ?? [];
  return words.flatMap(({ name, width }, argument): readonly Finding[] => {
    if (width === 64) {
      return [];
    }
    const plain = restrict(diagrams, node, argumentWord(argument), 0);
    if (plain === node) {
      return [];
    }
    const more = combineLeaves(diagrams, plain, node, (a, b) => {
      if (a.kind !== "return" || b.kind !== "return") {
        return NO;
      }
      return rankOf(actionOfValue(b.value)) > rankOf(actionOfValue(a.value)) ? YES : NO;
    });
    if (findInput(diagrams, more, isYes) === undefined) {
      return [];
    }
    const message = `${call}: ${name} is tested on 64 bits, the kernel reads ${width}: a value above them passes the test`;
    return [{ code: "upper-half", severity: "high", abi, calls: [call], message }];
  });
}

function upperHalves(subject: Subject): readonly Finding[] {
  const { diagrams } = subject;
  if (diagrams.atoms !== undefined) {
    return [];
  }
  return subject.abis.flatMap((abi) =>
    Object.entries(tableOf(abi).numbers).flatMap(([call, number]) => {
      const node = nodeAt(subject, abi, number);
      return constantOf(diagrams, node) === undefined ? upperHalf(subject, abi, call, node) : [];
    }),
  );
}

/** What a call gets through its multiplexer. */
function routed(subject: Subject, abi: Abi, call: string): NodeId | undefined {
  const { diagrams } = subject;
  const route = routeOf(abi, call);
  if (route === undefined) {
    return undefined;
  }
  const { number, mask, selector } = route;
  const selects = masked(diagrams, argumentWord(0) + 1, mask, selector);
  return branchNode(diagrams, selects, nodeAt(subject, abi, number), NO);
}

/** Calls that are answered differently when made through socketcall or ipc. */
function multiplexed(subject: Subject): readonly Finding[] {
  return subject.abis.flatMap((abi) =>
    (["socketcall", "ipc"] as const).flatMap((through): readonly Finding[] => {
      const node = nodeOf(subject, abi, through);
      if (!canPass(subject, node)) {
        return [];
      }
      const calls = callsThrough(through).filter((call) => canStop(subject, nodeOf(subject, abi, call)));
      const open = calls.filter((call) => canPass(subject, routed(subject, abi, call)));
      if (open.length === 0) {
        return [];
      }
      const message = `${open.join(", ")} can be stopped, ${through} makes the same calls and passes`;
      return [{ code: through, severity: "high", abi, calls: open, message }];
    }),
  );
}

/** All of these checks. */
export const WAYS_AROUND: readonly Check[] = [
  architecture,
  x32,
  otherAbis,
  multiplexed,
  upperHalves,
  hiddenFlags,
  synonyms,
];
