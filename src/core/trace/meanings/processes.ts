/** Processes, namespaces and scheduling. Facts: clone(2), unshare(2), setns(2), kill(2), ptrace(2), sched_setscheduler(2). */

import type { Need } from "../../action/action.ts";
import { isNamespaceKind, type NamespaceKind, namespacesOfFlags } from "../../kernel/namespace.ts";
import { SCHED_RESET_ON_FORK, SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { type BegunCall, type FinishedCall, numberAt, type ProcessTarget, succeeded } from "../call/call.ts";
import { factsOf } from "../call/paths.ts";
import { fieldOf, numberOfValue } from "../call/value.ts";
import type { Meaning, Meanings } from "./meaning.ts";

/** The flags of a finished or pending clone or clone3; clone's exit signal stays in the low byte. */
export function cloneFlags({ name, argument }: BegunCall): number | undefined {
  const source = name === "clone3" ? fieldOf(argument(0), "flags") : argument(0);
  const value = numberOfValue(source);
  return value === undefined ? undefined : Number(value);
}

function namespaceNeeds(kinds: readonly NamespaceKind[]): readonly Need[] {
  if (kinds.length === 0) {
    return [];
  }
  const made: Need = { kind: "namespace", namespaces: kinds };
  // With CLONE_NEWUSER the other namespaces are created inside the new user namespace, where the creator has every capability.
  if (kinds.includes("user")) {
    return [made];
  }
  return [made, { kind: "capability", capability: "CAP_SYS_ADMIN", over: "own" }];
}

/** The namespaces of clone: the low byte of its flags is a signal, so it cannot ask for a time namespace. */
function kindsOfClone(call: FinishedCall): readonly NamespaceKind[] {
  const flags = cloneFlags(call);
  if (flags === undefined) {
    if (succeeded(call)) {
      call.gap({ code: "flags", call: call.name });
    }
    return [];
  }
  const low = flags % 2 ** 32;
  return namespacesOfFlags(call.name === "clone" ? low - (low % 256) : low);
}

function kindsOfEntry(call: FinishedCall): readonly NamespaceKind[] {
  const kinds = namespacesOfFlags(numberAt(call, 1) ?? 0);
  const value = call.argument(0);
  if (kinds.length > 0 || value?.kind !== "descriptor") {
    return kinds;
  }
  const name = /(?:^|\/)([a-z]+)(?::\[\d+\])?$/.exec(value.path)?.[1] ?? "";
  return isNamespaceKind(name) ? [name] : [];
}

function target(call: FinishedCall, index: number): ProcessTarget | undefined {
  const value = call.argument(index);
  if (value?.kind === "process") {
    return { inside: value.number, outside: value.outside };
  }
  const inside = numberAt(call, index);
  return inside === undefined ? undefined : { inside, outside: 0 };
}

function aimedNeeds(call: FinishedCall, index: number, operation: "signal" | "trace"): readonly Need[] {
  const aim = target(call, index);
  // 0 and negative numbers are process groups, taken to be the service's own; -1 is every process.
  if (aim === undefined || (aim.inside <= 0 && aim.inside !== -1)) {
    return [];
  }
  const facts = factsOf(call, aim);
  return facts.relation === "self" ? [] : [{ kind: "process", operation, target: facts }];
}

function signals(index: number, signal: number): Meaning {
  return { numbers: [signal], needs: (call) => aimedNeeds(call, index, "signal") };
}

function traces(index: number): Meaning {
  return { needs: (call) => aimedNeeds(call, index, "trace") };
}

const REAL_TIME: readonly number[] = [
  SCHEDULER_POLICIES.SCHED_FIFO,
  SCHEDULER_POLICIES.SCHED_RR,
  SCHEDULER_POLICIES.SCHED_DEADLINE,
];

function policyNeeds(policy: number | undefined): readonly Need[] {
  const base = (policy ?? 0) & ~SCHED_RESET_ON_FORK;
  return REAL_TIME.includes(base) ? [{ kind: "real-time" }] : [];
}

const PTRACE_TRACEME = 0;

/** Meanings of the calls about processes. */
export const processMeanings: Meanings = {
  clone: { numbers: [0], needs: (call) => namespaceNeeds(kindsOfClone(call)) },
  clone3: { needs: (call) => namespaceNeeds(kindsOfClone(call)) },
  unshare: {
    numbers: [0],
    needs: (call) => namespaceNeeds(namespacesOfFlags(numberAt(call, 0) ?? 0)),
  },
  setns: { numbers: [1], needs: (call) => namespaceNeeds(kindsOfEntry(call)) },
  kill: signals(0, 1),
  tkill: signals(0, 1),
  tgkill: signals(0, 2),
  rt_sigqueueinfo: signals(0, 1),
  rt_tgsigqueueinfo: signals(0, 2),
  pidfd_send_signal: { numbers: [1] },
  ptrace: {
    numbers: [0],
    // Any other request either attaches or follows one that did, and attaching is what a wall refuses.
    needs: (call) => (numberAt(call, 0) === PTRACE_TRACEME ? [] : aimedNeeds(call, 1, "trace")),
  },
  process_vm_readv: traces(0),
  process_vm_writev: traces(0),
  kcmp: traces(0),
  sched_setscheduler: {
    numbers: [1],
    needs: (call) => policyNeeds(numberAt(call, 1)),
  },
  sched_setattr: {
    needs: (call) => {
      const policy = numberOfValue(fieldOf(call.argument(1), "sched_policy"));
      return policyNeeds(policy === undefined ? undefined : Number(policy));
    },
  },
  prlimit64: { numbers: [1] },
  setrlimit: { numbers: [0] },
  setpriority: {
    needs: (call) =>
      (numberAt(call, 2) ?? 0) < 0 ? [{ kind: "capability", capability: "CAP_SYS_NICE", over: "init" }] : [],
  },
};
