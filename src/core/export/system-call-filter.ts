/**
 * A filter as lines of a unit: SystemCallFilter=, SystemCallErrorNumber=, SystemCallArchitectures=. They know names and
 * errors, no arguments; what they say is compared with the filter, and every difference is a warning. Facts:
 * systemd.exec(5).
 */
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { systemCallArchitectures } from "../directives/calls/system-call-architectures.ts";
import { systemCallErrorNumber } from "../directives/calls/system-call-error-number.ts";
import { systemCallFilter } from "../directives/calls/system-call-filter.ts";
import { sandboxOfValues } from "../directives/sandbox.ts";
import { errnoNumber } from "../kernel/errno.ts";
import { expandGroup } from "../kernel/syscalls/groups.ts";
import { type Abi, tableOf, X86_ABIS } from "../kernel/syscalls/syscall.ts";
import { filtersOf } from "../sandbox/filters.ts";
import { rulesByNumber } from "../seccomp/canonical.ts";
import { decompile } from "../seccomp/decompile.ts";
import { type Difference, diff } from "../seccomp/diff.ts";
import { letsThrough } from "../seccomp/evaluate.ts";
import { actionText } from "../seccomp/explain.ts";
import type { Filter } from "../seccomp/filter.ts";
import { intervalText } from "../seccomp/intervals.ts";
import type { AbiPolicy, FilterAction, Policy } from "../seccomp/policy.ts";

/** The systemd whose reading of the lines is compared. */
const SYSTEMD = 257;

/** What a call gets: `depends` on its arguments, or one action. */
type Fate = FilterAction | "depends";

/** How systemd says an action that refuses; undefined for one that it has no word for. */
type Answer = "kill" | number;

function answerOf(action: FilterAction): Answer | undefined {
  if (action.kind === "kill-process" || action.kind === "kill-thread") return "kill";
  if (action.kind !== "errno") return undefined;
  return typeof action.errno === "number" ? action.errno : errnoNumber(action.errno);
}

/** By name what the first ABI that has the call says; what none has and every allow list holds may stay in it. */
function fatesOf(policy: Policy): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>(expandGroup("@default").map((name) => [name, { kind: "allow" }]));
  for (const abi of X86_ABIS.toReversed()) {
    const own = policy.abis[abi];
    for (const [name, fate] of own === undefined ? [] : fatesOfAbi(abi, own)) fates.set(name, fate);
  }
  return fates;
}

function fatesOfAbi(abi: Abi, policy: AbiPolicy): ReadonlyMap<string, Fate> {
  const rules = rulesByNumber(policy);
  return new Map(
    Object.entries(tableOf(abi).numbers).map(([name, number]): [string, Fate] => {
      const own = rules.get(number);
      const first = own?.[0];
      if (first === undefined) return [name, policy.otherwise];
      return [name, first.when.length > 0 ? "depends" : first.action];
    }),
  );
}

/** The refusal that most calls get. */
function usual(fates: ReadonlyMap<string, Fate>): Answer {
  const counts = new Map<Answer, number>();
  for (const fate of fates.values()) {
    const answer = fate === "depends" || letsThrough(fate) ? undefined : answerOf(fate);
    if (answer !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  let best: Answer = 1;
  for (const [answer, count] of counts) if (count > (counts.get(best) ?? 0)) best = answer;
  return best;
}

function failed(code: string, message: string): Parsed<string> {
  return { ok: false, diagnostics: [{ code, severity: "error", message, help: "the text form says all" }] };
}

type Calls = NonNullable<typeof systemCallFilter.initial>["calls"];

/** ENOSYS is what systemd answers to calls that an allow list does not know. */
const ENOSYS = 38;

const known: ReadonlySet<string> = new Set(expandGroup("@known"));

/** How a call stands in the list; undefined if it does not. */
function entryOf(name: string, fate: Fate, mode: "allow" | "deny", answer: Answer): "listed" | Answer | undefined {
  if (fate === "depends" || letsThrough(fate)) return mode === "allow" ? "listed" : undefined;
  const own = answerOf(fate);
  if (mode === "deny") return own === undefined || own === answer ? "listed" : own;
  return own === (known.has(name) ? answer : ENOSYS) ? undefined : own;
}

/** The calls of the list; in an allow list those with a refusal of their own, too. */
function callsOf(fates: ReadonlyMap<string, Fate>, mode: "allow" | "deny", answer: Answer): Calls {
  const calls: [string, "listed" | Answer][] = [];
  for (const [name, fate] of fates) {
    const entry = entryOf(name, fate, mode, answer);
    if (entry !== undefined) calls.push([name, entry]);
  }
  return Object.fromEntries(calls.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function architecturesOf(policy: Policy): readonly Abi[] | undefined {
  const killed = policy.foreign.kind === "kill-process" || policy.foreign.kind === "kill-thread";
  return killed ? X86_ABIS.filter((abi) => abi === "x86_64" || policy.abis[abi] !== undefined) : undefined;
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

/** What the values mean, compared with the filter. */
function differences(filter: Filter, values: ReadonlyMap<string, unknown>): readonly Diagnostic[] {
  const host = { systemd: SYSTEMD, user: () => undefined, directories: [], executables: [] };
  const compared = diff(filter, filtersOf(sandboxOfValues(values, host).sandbox));
  return compared.kind === "unknown"
    ? [{ code: "systemd-not-exact", severity: "warning", message: `not compared: ${compared.reason}` }]
    : compared.differences.flatMap(warning);
}

function linesOf(values: ReadonlyMap<string, unknown>): readonly string[] {
  return [systemCallFilter, systemCallErrorNumber, systemCallArchitectures].flatMap((directive) => {
    if (!values.has(directive.name)) return [];
    const print = directive.print as (value: unknown, below: unknown) => readonly string[];
    return print(values.get(directive.name), directive.initial).map((line) => `${directive.name}=${line}`);
  });
}

/**
 * The lines that come nearest to a filter for x86-64. Calls whose arguments decide are let through. Errors: what
 * `decompile` says, `systemd-architecture` (no x86-64 in it), `systemd-action` (a supervisor or tracer is asked). Warnings:
 * `systemd-not-exact`, one for each way in which systemd's filters would answer otherwise.
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
  const policy = decompile(filter);
  if (!policy.ok) return policy;
  const own = policy.value.abis.x86_64;
  if (own === undefined) return failed("systemd-architecture", "the filter says nothing of its own about x86_64");
  const fates = fatesOf(policy.value);
  const odd = [...fates].find(([, fate]) => fate !== "depends" && !letsThrough(fate) && answerOf(fate) === undefined);
  if (odd !== undefined && odd[1] !== "depends") {
    return failed("systemd-action", `${odd[0]} gets ${actionText(odd[1])}, which a unit cannot say`);
  }
  const mode = letsThrough(own.otherwise) ? "deny" : "allow";
  const answer = usual(fates);
  const values = new Map<string, unknown>([
    ["SystemCallFilter", { mode, calls: callsOf(fates, mode, answer) }],
    ["SystemCallErrorNumber", answer],
  ]);
  const architectures = architecturesOf(policy.value);
  if (architectures !== undefined) values.set("SystemCallArchitectures", architectures);
  return { ok: true, value: `${linesOf(values).join("\n")}\n`, diagnostics: differences(filter, values) };
}
