/**
 * The value of SystemCallFilter=: which calls it lists, and how lines of a unit merge. The first line decides whether
 * the list allows or denies; a call may have an answer of its own. Facts: systemd.exec(5), systemd 257, measured.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { expandGroup, GROUP_NAMES, groupMembers } from "../kernel/syscalls/groups.ts";
import { routeOf } from "../kernel/syscalls/multiplexer.ts";
import { type Abi, isSyscallName, numberOf } from "../kernel/syscalls/syscall.ts";
import { ignored } from "./_scalar.ts";
import { parseErrno, showErrno } from "./calls/system-call-error-number.ts";
import type { DirectiveAssignment } from "./directive.ts";

/** `listed`: as the list says. Otherwise the call is refused with this answer, in either mode. */
export type CallAnswer = "listed" | "kill" | number;

/** Calls by name, in alphabetical order. An allow list refuses what is not in it, a deny list what is. */
export interface CallList {
  readonly mode: "allow" | "deny";
  readonly calls: { readonly [name: string]: CallAnswer };
}

type Calls = Map<string, CallAnswer>;

function listOf(mode: CallList["mode"], calls: Calls): CallList {
  return { mode, calls: Object.fromEntries([...calls].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The calls of a word, sets expanded; undefined for a name that neither the kernel's tables nor systemd's sets have. */
function namesOf(word: string, systemd: number | undefined): readonly string[] | undefined {
  if (word.startsWith("@")) {
    return GROUP_NAMES.includes(word) ? expandGroup(word, systemd).filter(isSyscallName) : undefined;
  }
  if (isSyscallName(word)) {
    return [word];
  }
  return expandGroup("@known").includes(word) ? [] : undefined;
}

function splitAnswer(word: string, machine: Abi): { name: string; answer: CallAnswer } | undefined {
  const [name = "", text, ...rest] = word.split(":");
  if (rest.length > 0) {
    return undefined;
  }
  if (text === undefined) {
    return { name, answer: "listed" };
  }
  const answer = text === "kill" ? "kill" : parseErrno(text, machine);
  return answer === undefined ? undefined : { name, answer };
}

/** What a line is folded into. */
interface Folding {
  readonly mode: CallList["mode"];
  readonly calls: Calls;
  readonly machine: Abi;
  readonly answers: boolean;
  readonly systemd: number | undefined;
}

/** One word of a line that is (`invert`) or is not prefixed with `~`. False when systemd ignores it. */
function applyWord({ mode, calls, machine, answers, systemd }: Folding, invert: boolean, word: string): boolean {
  const split = splitAnswer(word, machine);
  const names = split === undefined ? undefined : namesOf(split.name, systemd);
  if (split === undefined || names === undefined || (split.answer !== "listed" && !(invert && answers))) {
    return false;
  }
  for (const name of names) {
    if (split.answer !== "listed") {
      calls.set(name, split.answer);
    } else if (invert === (mode === "deny")) {
      calls.set(name, "listed");
    } else {
      calls.delete(name);
    }
  }
  return true;
}

/** Folds one line into the calls; gives the words that systemd ignores. */
function foldLine(into: Folding, text: string): readonly string[] {
  const invert = text.startsWith("~");
  const words = (invert ? text.slice(1) : text).split(/\s+/).filter((each) => each !== "");
  return words.filter((word) => !applyWord(into, invert, word));
}

/** What sets the lists of two directives apart. */
export interface CallListKind {
  readonly name: string;
  /** Whether calls may have answers of their own, and an allow list begins with @default: as in SystemCallFilter=. */
  readonly answers: boolean;
}

/** Folds the lines of a unit for a machine, whose error numbers the answers are, as a release of systemd reads its sets. */
export function foldCalls(
  assignments: readonly DirectiveAssignment[],
  machine: Abi,
  { name, answers }: CallListKind = { name: "SystemCallFilter", answers: true },
  systemd?: number,
): {
  readonly value: CallList | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  let mode: CallList["mode"] | undefined;
  const calls: Calls = new Map();
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const text = assignment.value.trim();
    if (text === "") {
      mode = undefined;
      calls.clear();
      continue;
    }
    if (mode === undefined) {
      mode = text.startsWith("~") ? "deny" : "allow";
      if (mode === "allow" && answers) {
        applyWord({ mode, calls, machine, answers, systemd }, false, "@default");
      }
    }
    for (const word of foldLine({ mode, calls, machine, answers, systemd }, text)) {
      diagnostics.push(ignored(name, { ...assignment, value: word }, "a system call or a set of them"));
    }
  }
  return { value: mode === undefined ? undefined : listOf(mode, calls), diagnostics };
}

/** What a list does to a call: `default` is the list's own refusal. */
type Fate = "passes" | "default" | "kill" | number;

function fateOf(list: CallList, name: string): Fate {
  const answer = Object.hasOwn(list.calls, name) ? list.calls[name] : undefined;
  if (answer !== undefined && answer !== "listed") {
    return answer;
  }
  return (answer === "listed") === (list.mode === "allow") ? "passes" : "default";
}

/** A list's own refusal may kill, so it counts as stricter than any error. */
function stricterFate(a: Fate, b: Fate): Fate {
  for (const fate of ["kill", "default"] as const) {
    if (a === fate || b === fate) {
      return fate;
    }
  }
  if (a === "passes" || b === "passes") {
    return a === "passes" ? b : a;
  }
  return Math.min(Number(a), Number(b));
}

/**
 * What an allow list refuses with its own answer on a machine; all else gets ENOSYS. Of @known systemd takes the names
 * that stand in it directly (@obsolete, a set, is passed over) and to which libseccomp gives a number on the machine's
 * own ABI: measured on systemd 257. Calls that may be made through socketcall or ipc get none (libseccomp 2.6, measured).
 */
export function refusedByName(machine: Abi): readonly string[] {
  return (groupMembers("@known") ?? []).filter(
    (name) => numberOf(machine, name) !== undefined && routeOf(machine, name) === undefined,
  );
}

/** A search joins lists thousands of times. */
const refusedSets = new Map<Abi, ReadonlySet<string>>();

function isRefusedByName(name: string, machine: Abi): boolean {
  const names = refusedSets.get(machine) ?? new Set(refusedByName(machine));
  refusedSets.set(machine, names);
  return names.has(name);
}

/** Joins two lists so that what either refuses is refused, for a machine. */
export function meetCalls(a: CallList, b: CallList, machine: Abi): CallList {
  const mode = a.mode === "allow" || b.mode === "allow" ? "allow" : "deny";
  // An allow list answers ENOSYS to a call that it does not know; for what a deny list refused only death is as strict.
  const joinedFate = (list: CallList, name: string): Fate => {
    const fate = fateOf(list, name);
    const milder = fate === "default" && list.mode === "deny" && mode === "allow";
    return milder && !isRefusedByName(name, machine) ? "kill" : fate;
  };
  const unlisted: Fate = mode === "allow" ? "default" : "passes";
  const joined: Calls = new Map();
  for (const name of new Set([...Object.keys(a.calls), ...Object.keys(b.calls)])) {
    const fate = stricterFate(joinedFate(a, name), joinedFate(b, name));
    if (fate === "passes" || fate === "default") {
      if (fate !== unlisted) {
        joined.set(name, "listed");
      }
    } else {
      joined.set(name, fate);
    }
  }
  return listOf(mode, joined);
}

/** The shortest words for these calls that is easily found: sets that lie wholly inside, largest first, then single calls. */
function wordsFor(names: readonly string[], free: readonly string[]): readonly string[] {
  const inside = new Set(names);
  const left = new Set(names.filter((name) => !free.includes(name)));
  const sets = GROUP_NAMES.filter((set) => set !== "@known" && set !== "@default")
    .map((set) => ({ set, members: expandGroup(set).filter(isSyscallName) }))
    .filter(({ members }) => members.every((name) => inside.has(name)))
    .sort((a, b) => b.members.length - a.members.length);
  const words: string[] = [];
  for (const { set, members } of sets) {
    if (members.filter((name) => left.has(name)).length < 2) {
      continue;
    }
    words.push(set);
    for (const name of members) {
      left.delete(name);
    }
  }
  return [...words.sort(), ...[...left].sort()];
}

function specials(list: CallList, machine: Abi): readonly string[] {
  return Object.entries(list.calls).flatMap(([name, answer]) =>
    answer === "listed" ? [] : [`${name}:${answer === "kill" ? "kill" : showErrno(answer, machine)}`],
  );
}

function denyLines(list: CallList, below: CallList | undefined, machine: Abi): readonly string[] {
  const grows =
    below?.mode === "deny" && Object.keys(below.calls).every((name) => below.calls[name] === list.calls[name]);
  const names = Object.keys(list.calls).filter((name) => list.calls[name] === "listed");
  const fresh = grows ? names.filter((name) => !Object.hasOwn(below.calls, name)) : names;
  const words = [...wordsFor(fresh, []), ...specials(list, machine)];
  return [...(below === undefined || grows ? [] : [""]), `~${words.join(" ")}`];
}

/** The one line that gives calls an answer of their own, where that is all that sets a list apart from the one below. */
function answerLine(list: CallList, below: CallList | undefined, machine: Abi): string | undefined {
  const changed = Object.keys(list.calls).filter((name) => list.calls[name] !== below?.calls[name]);
  const kept = Object.keys(below?.calls ?? {}).every((name) => Object.hasOwn(list.calls, name));
  if (below?.mode !== list.mode || !kept || changed.some((name) => list.calls[name] === "listed")) {
    return undefined;
  }
  const answers = Object.fromEntries(changed.map((name) => [name, list.calls[name] ?? "listed"]));
  return changed.length === 0 ? undefined : `~${specials({ mode: list.mode, calls: answers }, machine).join(" ")}`;
}

/** The lines that make a list of whatever stands below them, for a machine (its error numbers). */
export function printCalls(list: CallList, below: CallList | undefined, machine: Abi): readonly string[] {
  const line = answerLine(list, below, machine);
  if (line !== undefined) {
    return [line];
  }
  if (list.mode === "deny") {
    return denyLines(list, below, machine);
  }
  const names = Object.keys(list.calls).filter((name) => list.calls[name] === "listed");
  const implied = expandGroup("@default").filter(isSyscallName);
  const words = wordsFor(names, implied);
  // systemd adds @default to the first line of an allow list: what must not be of it is taken out again.
  const taken = implied.filter((name) => !Object.hasOwn(list.calls, name));
  const inverted = [...taken, ...specials(list, machine)];
  return [
    ...(below === undefined ? [] : [""]),
    words.length === 0 ? "@default" : words.join(" "),
    ...(inverted.length === 0 ? [] : [`~${inverted.join(" ")}`]),
  ];
}
