/** The one order in which everything of an observation is listed, so that equal observations are equal texts. */
import { type Argument, callOf, type Identity, type Need, type Phase, type Seen, type SeenAction } from "./action.ts";
import type { Gap, Loss } from "./gap.ts";

/** The phases in the order of a service's life. */
export const PHASES: readonly Phase[] = ["start", "workload", "reload", "restart", "stop"];

/** How many hashes of hosts are kept: exact up to this number, estimated above. */
export const HOSTS_KEPT = 16;

/** Compares two texts by their UTF-16 units: the same on every machine, whatever its language. */
export function compareTexts(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

/** The phases, once each, in the order of a service's life. */
export function orderedPhases(phases: Iterable<Phase>): readonly Phase[] {
  const present = new Set(phases);
  return PHASES.filter((phase) => present.has(phase));
}

/** The texts, once each, sorted. */
export function orderedTexts(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort(compareTexts);
}

/** The sixteen smallest hashes, once each, sorted. */
export function orderedHosts(hosts: Iterable<string>): readonly string[] {
  return orderedTexts(hosts).slice(0, HOSTS_KEPT);
}

/** The identities, once each, by uid, then gid. */
export function orderedIdentities(identities: Iterable<Identity>): readonly Identity[] {
  const unique = new Map<string, Identity>();
  for (const { uid, gid } of identities) {
    unique.set(`${uid}:${gid}`, { uid, gid });
  }
  return [...unique.values()].sort((a, b) => a.uid - b.uid || a.gid - b.gid);
}

/** The gaps, one per loss with the greatest count, by code. */
export function orderedGaps(gaps: Iterable<Gap>): readonly Gap[] {
  const unique = new Map<string, Gap>();
  for (const gap of gaps) {
    const key = lossKey(gap);
    const known = unique.get(key);
    if (known === undefined || known.count < gap.count) {
      unique.set(key, gap);
    }
  }
  return [...unique].sort(([a], [b]) => compareTexts(a, b)).map(([, gap]) => gap);
}

/** A text that is the same for equal losses only. */
export function lossKey(loss: Loss): string {
  const { code, call, name, reason } = { call: "", name: "", reason: "", ...loss };
  return JSON.stringify([code, call, name, reason]);
}

function argumentKey(argument: Argument): unknown {
  if (argument.kind === "pointers") {
    return ["p", argument.to.map(argumentKey)];
  }
  return argument.kind === "number" ? ["n", argument.value.toString(16)] : argument;
}

/** Any value with its keys sorted, so that equal values have equal texts whatever the order they were built in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareTexts(a, b))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function needKey(need: Need): string {
  return JSON.stringify(sorted(need));
}

/** The needs, once each, in a fixed order. */
export function orderedNeeds(needs: readonly Need[]): readonly Need[] {
  if (needs.length < 2) {
    return needs;
  }
  const unique = new Map(needs.map((need) => [needKey(need), need]));
  return [...unique].sort(([a], [b]) => compareTexts(a, b)).map(([, need]) => need);
}

/** A text that is the same for equal actions only: the call by name, ABI and arguments, and all needs in any order. */
export function actionKey(action: SeenAction): string {
  const call = callOf(action);
  const head =
    call === undefined
      ? "none"
      : `${call.name} ${call.abi} ${JSON.stringify(sorted(call.arguments.map(argumentKey)))}${call.through ?? ""}`;
  return `${head} ${orderedTexts(action.needs.map(needKey)).join(" ")}`;
}

/** The same of an action and its result: what two entries of one observation never share. */
export function seenKey(seen: Pick<Seen, "action" | "result">): string {
  return `${actionKey(seen.action)} = ${seen.result}`;
}
