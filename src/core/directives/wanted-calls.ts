/**
 * From the calls that were seen to the allow list of SystemCallFilter=, each with its evidence: what was seen, its kin, and what
 * usually goes with it; never a dangerous call that was not seen.
 * Facts: systemd's sets (`systemd-analyze syscall-filter`), and that one member of these sets costs most of a check of
 * `systemd-analyze security`.
 */
import { callOf, type Observation, type Seen } from "../action/action.ts";
import { expandGroup, GROUP_NAMES } from "../kernel/syscalls/groups.ts";
import { type Abi, isSyscallName, numberOf, type SyscallName } from "../kernel/syscalls/syscall.ts";
import { DANGEROUS } from "./dangerous.ts";
import { counts, type EvidenceKind, inWords, worked } from "./seen.ts";
import { FALLBACKS, LIKELY, SIBLINGS } from "./siblings.ts";

/** The system calls that a service needs, seen or obviously the same as seen. */
export interface WantedCalls {
  /** The right-hand side of `SystemCallFilter=`: sets (`@…`) first, then single calls, each sorted. */
  readonly entries: readonly string[];
  /** All calls that the entries let through, sets (`@default` too) expanded, sorted. */
  readonly names: readonly string[];
  /** Calls that were left out because they are dangerous and were not seen. */
  readonly leftOut: readonly string[];
  readonly reason: string;
  /** Dangerous calls that had to stay, each with the need in words. */
  readonly doors: readonly string[];
}

/** Sets of which a single member fails a check: their calls are kept if they were seen to work, never added. */
const SPOILING: readonly string[] = [
  "@swap",
  "@obsolete",
  "@clock",
  "@cpu-emulation",
  "@debug",
  "@mount",
  "@module",
  "@raw-io",
  "@reboot",
  "@privileged",
  "@resources",
];

const SPOILING_CALLS: ReadonlySet<string> = new Set(SPOILING.flatMap((group) => expandGroup(group)));

/** Whether a call is kept only where it was seen to work. */
export function isGuarded(name: string): boolean {
  return DANGEROUS.has(name) || SPOILING_CALLS.has(name);
}

const EVERYBODYS: ReadonlySet<string> = new Set([
  ...expandGroup("@default"),
  ...LIKELY.flatMap(({ after, calls }) => (after.length === 0 ? calls : [])),
]);

/** Whether nearly every program makes a call, so that no advice can be to refuse it. */
export function isEverybodys(name: string): boolean {
  return EVERYBODYS.has(name);
}

/** A call with those of equal power that are not everybody's: to refuse one of them alone stops nobody. */
export function equalCalls(name: SyscallName): readonly SyscallName[] {
  const family = SIBLINGS.filter((each) => each.includes(name)).flat();
  return [...new Set([name, ...family])].filter((each) => !isEverybodys(each)).sort();
}

/** By call, the first action that made it and worked, otherwise the first that made it at all. */
function madeCalls(observation: Observation): ReadonlyMap<SyscallName, Seen> {
  const made = new Map<SyscallName, Seen>();
  for (const seen of observation.seen) {
    const name = callOf(seen.action)?.name;
    if (name === undefined) {
      continue;
    }
    const before = made.get(name);
    if (before === undefined || (!worked(before) && worked(seen))) {
      made.set(name, seen);
    }
  }
  return made;
}

/** Why a call stays allowed. */
export interface CallEvidence {
  readonly call: SyscallName;
  readonly kind: EvidenceKind;
  /** The action that it was made by, or is like, or goes with. */
  readonly seen: Seen;
  /** Of what was not seen: why it is expected, in words. */
  readonly because?: string;
}

/** Adds what is not known yet. */
type Add = (call: SyscallName, kind: EvidenceKind, seen: Seen, because?: string) => void;

/**
 * Calls of equal power with one that was made. One guarded call of a family fails the check of its set, so that leaving out the others
 * makes a list look stricter and stops nobody; a dangerous one is never brought along.
 */
function addKin(evident: ReadonlyMap<SyscallName, Seen>, add: Add): void {
  for (const family of SIBLINGS) {
    const members = [...evident].filter(([name]) => family.includes(name));
    for (const sibling of family.filter((name) => !DANGEROUS.has(name))) {
      const [name, seen] = members.find(([each]) => !isGuarded(sibling) || isGuarded(each)) ?? [];
      if (seen !== undefined) {
        add(sibling, "kin", seen, `of equal power with ${name}`);
      }
    }
  }
  for (const [name, seen] of evident) {
    for (const instead of (FALLBACKS[name] ?? []).filter((each) => !isGuarded(each))) {
      add(instead, "kin", seen, `made instead where there is no ${name}`);
    }
  }
}

function addLikely(made: ReadonlyMap<SyscallName, Seen>, add: Add): void {
  const [any] = made.values();
  for (const { after, least = 1, calls, because } of LIKELY) {
    const families = after.map((family) => family.map((name) => made.get(name)).find((seen) => seen !== undefined));
    const met = families.filter((seen) => seen !== undefined);
    const seen = after.length === 0 ? any : met.length >= least ? met[0] : undefined;
    if (seen !== undefined) {
      for (const name of calls.filter((each) => !isGuarded(each))) {
        add(name, "likely", seen, because);
      }
    }
  }
}

/**
 * The calls that a service makes or will make, each once with its best evidence, in the order seen, kin, likely. What systemd always
 * allows (`@default`) is among them where it was seen. More observed never takes a call away.
 */
export function callEvidence(observation: Observation, abi: Abi): readonly CallEvidence[] {
  const made = madeCalls(observation);
  const found = new Map<SyscallName, CallEvidence>();
  const add: Add = (call, kind, seen, because) => {
    if (!found.has(call) && numberOf(abi, call) !== undefined) {
      found.set(call, { call, kind, seen, ...(because === undefined ? {} : { because }) });
    }
  };
  const evident = new Map([...made].filter(([name, seen]) => !isGuarded(name) || worked(seen)));
  for (const [name, seen] of evident) {
    add(name, "seen", seen);
  }
  addKin(evident, add);
  addLikely(made, add);
  return [...found.values()];
}

/** Sets all of whose calls are wanted, largest first, then the calls that no such set names. */
function entriesOf(names: ReadonlySet<string>, abi: Abi): readonly string[] {
  const groups = GROUP_NAMES.map((group) => ({
    group,
    members: expandGroup(group).filter((name) => numberOf(abi, name) !== undefined),
  }))
    .filter(({ members }) => members.length > 2 && members.every((name) => names.has(name)))
    .sort((a, b) => b.members.length - a.members.length || (a.group < b.group ? -1 : 1));
  const taken = new Set<string>();
  const entries: string[] = [];
  for (const { group, members } of groups) {
    if (members.every((name) => taken.has(name))) {
      continue;
    }
    entries.push(group);
    for (const name of members) {
      taken.add(name);
    }
  }
  return [...entries.sort(), ...[...names].filter((name) => !taken.has(name)).sort()];
}

/**
 * The calls that a service needs. `strict`: those that were seen, their kin, and what systemd always adds (`@default`). `balanced`:
 * also what usually goes with them.
 *
 * @example
 * import { wantedCalls } from "cloison";
 * import assert from "node:assert";
 * const observation = { schema: "cloison.observation/2", unit: "a.service", seen: [], gaps: [], phases: [] };
 * const { names } = wantedCalls(observation, "balanced", "x86_64");
 * assert.ok(names.includes("write") && !names.includes("ptrace"));
 */
export function wantedCalls(observation: Observation, level: "balanced" | "strict", abi: Abi): WantedCalls {
  const evidence = callEvidence(observation, abi).filter(({ kind }) => counts(level, kind));
  const always = expandGroup("@default").filter(isSyscallName);
  // systemd reports each start through a pipe and lets `write` through for that (256 and later): to leave it out is no wall.
  const wanted = new Set<string>([...always, "write", ...evidence.map(({ call }) => call)]);
  const counted = (kind: EvidenceKind): number => evidence.filter((each) => each.kind === kind).length;
  const made = new Set(evidence.filter(({ kind }) => kind === "seen").map(({ seen }) => callOf(seen.action)?.name));
  const likely = counted("likely");
  return {
    entries: entriesOf(wanted, abi),
    names: [...wanted].sort(),
    leftOut: [...DANGEROUS].filter((name) => !wanted.has(name) && numberOf(abi, name) !== undefined).sort(),
    reason: `was seen to make ${made.size} different calls; ${counted("kin")} more are variants of these${likely === 0 ? "" : `, and ${likely} usually go with them`}`,
    doors: evidence
      .flatMap(({ call, kind, seen }) =>
        kind === "seen" && DANGEROUS.has(call) ? [`kept ${call}: ${inWords(seen)}`] : [],
      )
      .sort(),
  };
}
