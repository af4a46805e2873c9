/**
 * From the calls that were seen to the allow list of SystemCallFilter=: first what was seen, then, while there is room,
 * calls that a program may use in place of those; never a dangerous call that was not seen.
 * Facts: systemd's sets (`systemd-analyze syscall-filter`), and that one member of these sets costs most of a check of
 * `systemd-analyze security`.
 */
import { callOf, type Observation, type Seen } from "../action/action.ts";
import { expandGroup, GROUP_NAMES } from "../kernel/syscalls/groups.ts";
import { type Abi, isSyscallName, numberOf, type SyscallName } from "../kernel/syscalls/syscall.ts";
import { inWords, worked } from "./seen.ts";
import { DANGEROUS, SIBLINGS, TENDED, TENDING, USUAL, VITAL } from "./siblings.ts";

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

/** Beyond so many native calls nothing is added that was not seen. */
const ROOM = 158;

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

function count(names: Iterable<string>, abi: Abi): number {
  return [...names].filter((name) => numberOf(abi, name) !== undefined).length;
}

/** Adds calls that are not guarded, one by one while there is room. */
function widen(wanted: Set<string>, calls: readonly SyscallName[], abi: Abi): void {
  let size = count(wanted, abi);
  for (const name of calls) {
    if (size >= ROOM) {
      return;
    }
    if (wanted.has(name) || isGuarded(name) || numberOf(abi, name) === undefined) {
      continue;
    }
    wanted.add(name);
    size += 1;
  }
}

/**
 * Families whose calls all do the same with the same capability: leaving some out makes a list look stricter and stops
 * nobody.
 */
const ALIKE: readonly (readonly SyscallName[])[] = SIBLINGS.filter(
  (family) => family.includes("setuid") || family.includes("setgid"),
);

/** Siblings of guarded calls already in the list: one member fails the check of its set, further ones cost nothing. */
function addGuardedSiblings(wanted: Set<string>): void {
  for (const family of SIBLINGS) {
    const guarded = family.filter((name) => isGuarded(name) && !DANGEROUS.has(name));
    if (guarded.some((name) => wanted.has(name))) {
      for (const name of guarded) {
        wanted.add(name);
      }
    }
  }
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
 * The calls that a service needs. `strict`: those that were seen, and what systemd always adds (`@default`). `balanced`:
 * also their siblings and what nearly every program does, within 158 native calls unless more were seen.
 *
 * @example
 * import { wantedCalls } from "cloison";
 * import assert from "node:assert";
 * const observation = { schema: "cloison.observation/2", unit: "a.service", seen: [], gaps: [], phases: [] };
 * const { names } = wantedCalls(observation, "balanced", "x86_64");
 * assert.ok(names.includes("openat") && !names.includes("ptrace"));
 */
export function wantedCalls(observation: Observation, level: "balanced" | "strict", abi: Abi): WantedCalls {
  const made = madeCalls(observation);
  const wanted = new Set<string>(expandGroup("@default").filter(isSyscallName));
  const doors: string[] = [];
  for (const [name, seen] of made) {
    if (isGuarded(name) && !worked(seen)) {
      continue;
    }
    wanted.add(name);
    if (DANGEROUS.has(name)) {
      doors.push(`kept ${name}: ${inWords(seen)}`);
    }
  }
  // systemd reports each start through a pipe and lets `write` through for that (256 and later): to leave it out is no wall.
  wanted.add("write");
  const alike = ALIKE.filter((family) => family.some((name) => wanted.has(name)));
  for (const name of alike.flat()) {
    if (numberOf(abi, name) !== undefined) {
      wanted.add(name);
    }
  }
  if (level === "balanced") {
    const related = SIBLINGS.filter((family) => family.some((name) => made.has(name)));
    addGuardedSiblings(wanted);
    const tended = TENDING.families.filter((family) => family.some((name) => made.has(name))).length >= TENDING.least;
    widen(wanted, [...alike.flat(), ...(tended ? TENDED : []), ...VITAL, ...related.flat(), ...USUAL], abi);
  }
  const names = [...wanted].sort();
  const left = [...DANGEROUS].filter((name) => !wanted.has(name) && numberOf(abi, name) !== undefined).sort();
  const added =
    count(names, abi) -
    count(
      [...made.keys()].filter((name) => wanted.has(name)),
      abi,
    );
  return {
    entries: entriesOf(wanted, abi),
    names,
    leftOut: left,
    reason: `was seen to make ${made.size} different calls; ${added} more are variants of these, or made by nearly every program`,
    doors: doors.sort(),
  };
}
