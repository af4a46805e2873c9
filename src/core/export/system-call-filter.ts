/**
 * A filter as lines of a unit: SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=. These can express
 * names and errors, but not arguments; the result is compared with the filter, and every difference is a warning.
 * Facts: systemd.exec(5).
 */
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { type CallList, printCalls, refusedByName } from "../directives/call-list.ts";
import { systemCallArchitectures } from "../directives/calls/system-call-architectures.ts";
import { showErrno } from "../directives/calls/system-call-error-number.ts";
import { sandboxOfValues } from "../directives/sandbox.ts";
import { errnoNumber } from "../kernel/errno.ts";
import { expandGroup, GROUP_NAMES } from "../kernel/syscalls/groups.ts";
import { localAbis, machineWith } from "../kernel/syscalls/machine.ts";
import { ABIS, type Abi, isSyscallName, numberOf, tableOf } from "../kernel/syscalls/syscall.ts";
import { filtersOf } from "../sandbox/filters.ts";
import { rulesByNumber } from "../seccomp/canonical/canonical.ts";
import { intervalText } from "../seccomp/canonical/intervals.ts";
import { type Difference, diff } from "../seccomp/compare/diff.ts";
import { decompile } from "../seccomp/decompile/decompile.ts";
import { actionText } from "../seccomp/explain/explain.ts";
import type { Filter } from "../seccomp/filter/filter.ts";
import { letsThrough } from "../seccomp/policy/evaluate.ts";
import type { AbiPolicy, FilterAction, Policy } from "../seccomp/policy/policy.ts";

/** The version of systemd whose reading of the lines is compared. */
const SYSTEMD = 257;

/** What a call gets: `depends` on its arguments, or one action. */
type Fate = FilterAction | "depends";

/** A refusal as systemd can express it; undefined if it cannot. */
type Answer = "kill" | number;

function answerOf(action: FilterAction, machine: Abi): Answer | undefined {
  // A trap is SIGSYS, which kills a process without a handler for it.
  if (["kill-process", "kill-thread", "trap"].includes(action.kind)) {
    return "kill";
  }
  if (action.kind !== "errno") {
    return undefined;
  }
  return typeof action.errno === "number" ? action.errno : errnoNumber(action.errno, machine);
}

/** By name, the answer of the first ABI that has the call; names of @default, part of every allow list, may stay. */
function fatesOf(policy: Policy, machine: Abi): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>(expandGroup("@default").map((name) => [name, { kind: "allow" }]));
  for (const abi of localAbis(machine).toReversed()) {
    const own = policy.abis[abi];
    for (const [name, fate] of own === undefined ? [] : fatesOfAbi(abi, own)) {
      fates.set(name, fate);
    }
  }
  return fates;
}

function fatesOfAbi(abi: Abi, policy: AbiPolicy): ReadonlyMap<string, Fate> {
  const rules = rulesByNumber(policy);
  return new Map(
    Object.entries(tableOf(abi).numbers).map(([name, number]): [string, Fate] => {
      const own = rules.get(number);
      const first = own?.[0];
      if (first === undefined) {
        return [name, policy.otherwise];
      }
      return [name, first.when.length > 0 ? "depends" : first.action];
    }),
  );
}

/** The refusal that most calls get. */
function usual(fates: ReadonlyMap<string, Fate>, machine: Abi): Answer {
  const counts = new Map<Answer, number>();
  for (const fate of fates.values()) {
    const answer = fate === "depends" || letsThrough(fate) ? undefined : answerOf(fate, machine);
    if (answer !== undefined) {
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
  }
  let best: Answer = 1;
  for (const [answer, count] of counts) {
    if (count > (counts.get(best) ?? 0)) {
      best = answer;
    }
  }
  return best;
}

function failed(code: string, message: string): Parsed<string> {
  return {
    ok: false,
    diagnostics: [{ code, severity: "error", message, help: "use the text form, which can express any filter" }],
  };
}

type Calls = CallList["calls"];

/** What applies to all lines and calls. */
interface Whole {
  readonly machine: Abi;
  readonly mode: "allow" | "deny";
  /** What refused calls get. */
  readonly answer: Answer;
  /** Calls that an allow list refuses with that answer; the others get ENOSYS. */
  readonly known: ReadonlySet<string>;
}

/** A call's entry in the list; undefined if it has none. */
function entryOf({ machine, mode, answer, known }: Whole, name: string, fate: Fate): "listed" | Answer | undefined {
  if (fate === "depends" || letsThrough(fate)) {
    return mode === "allow" ? "listed" : undefined;
  }
  const own = answerOf(fate, machine);
  if (mode === "deny") {
    return own === undefined || own === answer ? "listed" : own;
  }
  return own === (known.has(name) ? answer : errnoNumber("ENOSYS", machine)) ? undefined : own;
}

/** The calls of the list; in an allow list also those with a refusal of their own. */
function callsOf(whole: Whole, fates: ReadonlyMap<string, Fate>): Calls {
  const calls: [string, "listed" | Answer][] = [];
  for (const [name, fate] of fates) {
    const entry = entryOf(whole, name, fate);
    if (entry !== undefined) {
      calls.push([name, entry]);
    }
  }
  return Object.fromEntries(calls.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An allow list may include calls that no ABI has: adding them completes sets, which can then be named as such. */
function withWholeSets(calls: Calls, abis: readonly Abi[]): Calls {
  const more: [string, "listed"][] = [];
  for (const set of GROUP_NAMES.filter((each) => each !== "@known")) {
    const members = expandGroup(set).filter(isSyscallName);
    const absent = members.filter((name) => abis.every((abi) => numberOf(abi, name) === undefined));
    const listed = members.filter((name) => Object.hasOwn(calls, name) && calls[name] === "listed");
    const missing = absent.filter((name) => !Object.hasOwn(calls, name));
    if (listed.length > 0 && members.every((name) => listed.includes(name) || missing.includes(name))) {
      more.push(...missing.map((name): [string, "listed"] => [name, "listed"]));
    }
  }
  const all = [...Object.entries(calls), ...more];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether an ABI has any call that is carried out. */
function isOpen({ rules, otherwise }: AbiPolicy): boolean {
  return letsThrough(otherwise) || rules.some(({ action }) => letsThrough(action));
}

/** The ABIs to name: one that lets nothing through is better killed than opened to the others' list. */
function architecturesOf(policy: Policy, machine: Abi): readonly Abi[] | undefined {
  const killed = ["kill-process", "kill-thread", "trap"].includes(policy.foreign.kind);
  const open = (abi: Abi): boolean => {
    const own = policy.abis[abi];
    return own !== undefined && isOpen(own);
  };
  return killed ? localAbis(machine).filter((abi) => abi === machine || open(abi)) : undefined;
}

const MOST_NAMES = 20;

function warning({ abi, calls, numbers, examples }: Difference): readonly Diagnostic[] {
  return Object.entries(examples).map(([direction, { first, second }]) => {
    const unnamed = numbers.map(intervalText);
    const words = calls.length > 0 ? calls : [`numbers ${unnamed.slice(0, 4).join(", ")}`];
    const shown = words.slice(0, MOST_NAMES).join(", ");
    const rest = words.length > MOST_NAMES ? ` and ${words.length - MOST_NAMES} more` : "";
    const what = direction === "other" ? "different" : direction;
    const message = `${abi ?? "other architectures"}: ${shown}${rest}: the lines are ${what}: ${actionText(second)} in place of ${actionText(first)}`;
    return { code: "systemd-not-exact", severity: "warning", message };
  });
}

/** How the meaning of the lines differs from the filter. */
function differences(filter: Filter, values: ReadonlyMap<string, unknown>, machine: Abi): readonly Diagnostic[] {
  const host = { systemd: SYSTEMD, machine, user: () => undefined, directories: [], executables: [] };
  const compared = diff(filter, filtersOf(sandboxOfValues(values, host).sandbox));
  return compared.kind === "unknown"
    ? [{ code: "systemd-not-exact", severity: "warning", message: `not compared: ${compared.reason}` }]
    : compared.differences.flatMap(warning);
}

/** The machine that a filter is for; undefined if no machine has all the ABIs that it tells apart. */
function machineOfPolicy({ abis }: Policy): Abi | undefined {
  const told = ABIS.filter((abi) => abis[abi] !== undefined);
  return told.length === 0 ? undefined : machineWith(told);
}

/**
 * The lines that come closest to a filter for one machine. Calls whose arguments decide are let through. Errors: those
 * of `decompile`, `systemd-architecture` (it is for several machines, or does not cover the native calls of one),
 * `systemd-action` (it asks a supervisor or tracer). Warnings: `systemd-not-exact`, one for each way in which systemd's
 * filters would answer differently.
 *
 * @example
 * import { denyList, systemCallFilterLines } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot", "swapon"], { kind: "errno", errno: "EPERM" });
 * const { value, diagnostics } = systemCallFilterLines({ kind: "policy", policy });
 * assert.equal(value, "SystemCallFilter=~reboot swapon\nSystemCallErrorNumber=EPERM\n");
 * assert.deepEqual(diagnostics, []);
 */
export function systemCallFilterLines(filter: Filter): Parsed<string> {
  const decompiled = decompile(filter);
  if (!decompiled.ok) {
    return decompiled;
  }
  const policy = decompiled.value;
  const machine = machineOfPolicy(policy);
  const own = machine === undefined ? undefined : policy.abis[machine];
  if (machine === undefined || own === undefined) {
    return failed("systemd-architecture", "the filter does not cover the native calls of any one machine");
  }
  const fates = fatesOf(policy, machine);
  const odd = [...fates].find(
    ([, fate]) => fate !== "depends" && !letsThrough(fate) && answerOf(fate, machine) === undefined,
  );
  if (odd !== undefined && odd[1] !== "depends") {
    return failed("systemd-action", `${odd[0]} gets ${actionText(odd[1])}, which a unit cannot express`);
  }
  const answer = usual(fates, machine);
  const mode = letsThrough(own.otherwise) ? "deny" : "allow";
  const calls = callsOf({ machine, mode, answer, known: new Set(refusedByName(machine)) }, fates);
  const named = ABIS.filter((abi) => policy.abis[abi] !== undefined);
  const list: CallList = { mode, calls: mode === "allow" ? withWholeSets(calls, named) : calls };
  const architectures = architecturesOf(policy, machine);
  const values = new Map<string, unknown>([
    ["SystemCallFilter", list],
    ["SystemCallErrorNumber", answer],
    ...(architectures === undefined ? [] : [["SystemCallArchitectures", architectures] as const]),
  ]);
  const lines = [
    ...printCalls(list, undefined, machine).map((line) => `SystemCallFilter=${line}`),
    `SystemCallErrorNumber=${answer === "kill" ? answer : showErrno(answer, machine)}`,
    ...systemCallArchitectures
      .print(architectures, undefined, machine)
      .map((line) => `SystemCallArchitectures=${line}`),
  ];
  return { ok: true, value: `${lines.join("\n")}\n`, diagnostics: differences(filter, values, machine) };
}
