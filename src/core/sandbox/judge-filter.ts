/** Judges a call by the filter walls: what each answers, and which answer the kernel takes. Facts: seccomp(2). */
import type { Argument, Call } from "../action/action.ts";
import { errnoName } from "../kernel/errno.ts";
import { numberOf } from "../kernel/syscalls/syscall.ts";
import { type CallData, letsThrough, possible, strongest } from "../seccomp/policy/evaluate.ts";
import type { FilterAction } from "../seccomp/policy/policy.ts";
import { type Answer, GRANTED, type Refusal, unclear } from "./answer.ts";
import { distinctOrigins, originText, type WallOrigin } from "./origin.ts";
import type { Wall } from "./wall.ts";

/** The combined answer of all filters, and what built those that are sure to refuse. */
export interface FilterAnswer {
  readonly answer: Answer;
  readonly by: readonly WallOrigin[];
}

const allowed: FilterAnswer = { answer: GRANTED, by: [] };

const numbers = new WeakMap<Call, CallData>();

/** The call as a filter gets it; undefined when the ABI has no such call. */
export function callData(call: Call): CallData | undefined {
  const cached = numbers.get(call);
  if (cached !== undefined) {
    return cached;
  }
  const number = numberOf(call.abi, call.name);
  if (number === undefined) {
    return undefined;
  }
  const data: CallData = { abi: call.abi, number, arguments: call.arguments.map(registerOf) };
  numbers.set(call, data);
  return data;
}

function registerOf(argument: Argument): bigint | undefined {
  return argument.kind === "number" ? BigInt.asUintN(64, argument.value) : undefined;
}

/** Judges a call by the filter walls, given in the order in which they were attached. */
export function judgeFilter(walls: readonly Wall[], call: Call): FilterAnswer {
  const filters = walls.filter((wall) => wall.kind === "filter");
  if (filters.length === 0) {
    return allowed;
  }
  const data = callData(call);
  if (data === undefined) {
    return { answer: unclear(`${call.abi} has no system call ${call.name}`), by: [] };
  }
  const certain: FilterAction[] = [];
  const by: WallOrigin[] = [];
  let doubtful: string | undefined;
  for (const { policy, by: origin } of filters) {
    const actions = possible(policy, data);
    const refusing = actions.filter((action) => !letsThrough(action));
    if (refusing.length === 0) {
      continue;
    }
    const first = refusing[0];
    if (first !== undefined && refusing.length === actions.length) {
      certain.push(first);
      by.push(origin);
    } else {
      doubtful ??= `${originText(origin)} decides by an argument of ${call.name} that is not known`;
    }
  }
  if (by.length > 0) {
    return { answer: refusalOf(strongest(certain), by), by: distinctOrigins(by) };
  }
  return doubtful === undefined ? allowed : { answer: unclear(doubtful), by: [] };
}

function refusalOf(action: FilterAction, by: readonly WallOrigin[]): Answer {
  if (action.kind === "notify") {
    return unclear(`${by.map(originText).join(", ")}: a supervisor decides`);
  }
  const as: Refusal = action.kind === "errno" ? { errno: nameOfErrno(action.errno) } : refusalOfKind(action.kind);
  return { kind: "refused", as };
}

function refusalOfKind(kind: FilterAction["kind"]): Refusal {
  return kind === "trace" ? { errno: "ENOSYS" } : { signal: "SIGSYS" };
}

function nameOfErrno(errno: string | number): string {
  return typeof errno === "string" ? errno : (errnoName(errno) ?? String(errno));
}
