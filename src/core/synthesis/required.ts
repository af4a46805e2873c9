/**
 * What must still be allowed behind the new walls, with everything taken out that repeats: calls for the filters, needs
 * for the rest, per identity.
 */
import { type Call, callOf, type Identity, type Need, type Seen } from "../action/action.ts";
import { FALLBACKS } from "../directives/siblings.ts";
import { plainPath } from "../kernel/path.ts";
import { type Answer, GRANTED } from "../sandbox/answer.ts";
import { behind, judgeNeed } from "../sandbox/judge.ts";
import { judgeFilter } from "../sandbox/judge-filter.ts";
import { viewOf } from "../sandbox/mounts.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { type Evidence, evidenceText } from "./evidence.ts";

/** One thing that must be allowed, with the evidence that it comes from, also in words. */
export interface Requirement {
  readonly words: string;
  readonly evidence: Evidence;
  readonly identity: Identity;
  /** What the walls of this identity say. */
  readonly ask: (walls: readonly Wall[]) => Answer;
}

type Made = (path: string) => boolean;

/** Whether some of these actions made a path, or a directory above it, or an abstract socket. */
function madeBy(actions: readonly Seen[]): Made {
  const made = new Set<string>();
  for (const seen of actions) {
    for (const need of seen.action.needs) {
      if (need.kind === "path" && need.access === "create") {
        made.add(plainPath(need.path));
      }
      if (need.kind === "address" && need.operation === "bind" && need.family === "AF_UNIX") {
        made.add(need.address);
      }
    }
  }
  return (path) => {
    for (let at = path; at.length > 1; at = at.slice(0, Math.max(at.lastIndexOf("/"), 0))) {
      if (made.has(at)) {
        return true;
      }
    }
    return false;
  };
}

/** A call that fails with ENOSYS does no harm if programs fall back on another one that is allowed. */
function askFilter(walls: readonly Wall[], call: Call): Answer {
  const { answer } = judgeFilter(walls, call);
  if (answer.kind !== "refused" || !("errno" in answer.as) || answer.as.errno !== "ENOSYS") {
    return answer;
  }
  const fallbacks = FALLBACKS[call.name];
  if (fallbacks === undefined) {
    return answer;
  }
  const zeros = Array.from({ length: 6 }, () => ({ kind: "number", value: 0n }) as const);
  const [instead] = fallbacks;
  return instead === undefined
    ? GRANTED
    : judgeFilter(walls, { abi: call.abi, name: instead, arguments: zeros }).answer;
}

/** A socket that others connect to must stay where they look for it. */
function askShared(walls: readonly Wall[], need: Need): Answer {
  if (need.kind !== "address" || need.operation !== "bind") {
    return GRANTED;
  }
  const hidden = need.address.startsWith("/") && viewOf(walls, need.address).content.kind !== "host";
  const netless = walls.some((wall) => wall.kind === "namespace" && wall.namespace === "net");
  const outward = need.family === "AF_INET" || need.family === "AF_INET6" || need.address.startsWith("@");
  if (hidden || (netless && outward)) {
    return { kind: "refused", as: { errno: "ECONNREFUSED" } };
  }
  return GRANTED;
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
}

function keyOfCall({ abi, name }: Call): string {
  return `${abi} ${name}`;
}

/** Uses of capabilities are recorded without the call's arguments; the same call recorded with arguments stands for them. */
function filterAsker(all: readonly Seen[]): (walls: readonly Wall[], call: Call) => Answer {
  const calls = all.flatMap(({ action }) => callOf(action) ?? []);
  const told = new Set(calls.filter((call) => call.arguments.length > 0).map(keyOfCall));
  return (walls, call) => (call.arguments.length === 0 && told.has(keyOfCall(call)) ? GRANTED : askFilter(walls, call));
}

function isBinding(need: Need): need is Extract<Need, { readonly kind: "address" }> {
  return need.kind === "address" && need.operation === "bind";
}

/**
 * Everything that there is evidence of, once each. An action that several identities did is required for each of them; without a
 * known identity it is the unit's own.
 */
export function requirementsOf(all: readonly Evidence[], own: Identity): readonly Requirement[] {
  const found = new Map<string, Requirement>();
  const actions = all.map(({ seen }) => seen);
  const past = { made: madeBy(actions) };
  const ask = filterAsker(actions);
  for (const evidence of all) {
    const { seen } = evidence;
    const { needs } = seen.action;
    const call = callOf(seen.action);
    for (const identity of seen.identities.length === 0 ? [own] : seen.identities) {
      const { uid, gid } = identity;
      const add = (key: string, ask: (walls: readonly Wall[]) => Answer, need?: Need): void => {
        if (!found.has(key)) {
          found.set(key, { words: evidenceText(evidence, need), evidence, identity, ask });
        }
      };
      if (call !== undefined) {
        add(keyOf(call), (walls) => ask(walls, call));
      }
      for (const need of needs) {
        add(keyOf([need, uid, gid]), (walls) => judgeNeed(walls, need, past), need);
      }
      for (const need of needs.filter(isBinding)) {
        add(keyOf(["shared", need]), (walls) => askShared(walls, need));
      }
    }
  }
  return [...found.values()];
}

/**
 * The requirements that a sandbox does not meet. An undecided one counts as not met, but for what the unit's own settings
 * make undecided that the model cannot reckon: behind those it was seen to work, and no candidate touches them.
 */
export function unmet(sandbox: Sandbox, requirements: readonly Requirement[]): readonly Requirement[] {
  const impossible = sandbox.walls.find((wall) => wall.kind === "unstartable");
  if (impossible !== undefined) {
    return requirements.map((each) => ({ ...each, words: `start at all: ${impossible.reason}` }));
  }
  const walls = new Map<string, readonly Wall[]>();
  return requirements.filter(({ identity, ask }) => {
    const key = `${identity.uid}:${identity.gid}`;
    let own = walls.get(key);
    if (own === undefined) {
      own = behind(sandbox, identity).walls.filter(({ kind }) => kind !== "unmodelled");
      walls.set(key, own);
    }
    return ask(own).kind !== "granted";
  });
}
