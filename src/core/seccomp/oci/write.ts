/**
 * A policy as a container profile. The result is read back and compared: a profile that would not do the same is never
 * returned, and what it cannot express is reported.
 */
import type { Diagnostic, Parsed } from "../../diagnostic/diagnostic.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import { ABIS, type Abi, nameOf } from "../../kernel/syscalls/syscall.ts";
import { canonicalise, effects, rulesByNumber } from "../canonical/canonical.ts";
import { decompile } from "../decompile/decompile.ts";
import { createDiagrams } from "../diagram/diagram.ts";
import { withErrorNumbers } from "../policy/error-numbers.ts";
import type { AbiPolicy, Condition, FilterAction, Policy, Rule } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import { scmpOfAbi } from "./architectures.ts";
import { comparedBits } from "./conditions.ts";
import { readProfile } from "./profile.ts";
import { policyOfProfile } from "./resolve.ts";
import { type Term, termsOfRule } from "./terms.ts";

/** What a call gets where a term holds. */
interface Answer {
  readonly action: FilterAction;
  readonly when: Term;
}

/** One entry of `syscalls`: calls that share an answer. */
interface Entry extends Answer {
  readonly names: string[];
}

const ACTIONS: Readonly<Record<FilterAction["kind"], string>> = {
  allow: "SCMP_ACT_ALLOW",
  errno: "SCMP_ACT_ERRNO",
  "kill-process": "SCMP_ACT_KILL_PROCESS",
  "kill-thread": "SCMP_ACT_KILL_THREAD",
  trap: "SCMP_ACT_TRAP",
  trace: "SCMP_ACT_TRACE",
  log: "SCMP_ACT_LOG",
  notify: "SCMP_ACT_NOTIFY",
};

const COMPARISONS: Readonly<Record<Condition["operator"], string>> = {
  eq: "EQ",
  ne: "NE",
  lt: "LT",
  le: "LE",
  gt: "GT",
  ge: "GE",
  "masked-eq": "MASKED_EQ",
};

function actionFields(action: FilterAction, field: string, errnoField: string): readonly string[] {
  const fields = [`"${field}": "${ACTIONS[action.kind]}"`];
  if (action.kind === "errno") {
    const number = typeof action.errno === "number" ? action.errno : (errnoNumber(action.errno) ?? 0);
    fields.push(`"${errnoField}": ${number}`);
  }
  if (action.kind === "trace") {
    fields.push(`"${errnoField}": ${action.data}`);
  }
  return fields;
}

/** 64-bit numbers are written in full: a JavaScript number cannot hold them. */
function argumentText({ argument, operator, value, mask }: Condition): string {
  const word = operator === "masked-eq" ? (mask ?? 0n) : value;
  const second = operator === "masked-eq" ? `, "valueTwo": ${value}` : "";
  return `{ "index": ${argument}, "value": ${word}${second}, "op": "SCMP_CMP_${COMPARISONS[operator]}" }`;
}

function entryText({ names, action, when }: Entry): string {
  const quoted = [...names].sort().map((name) => JSON.stringify(name));
  const list = quoted.length === 1 ? `[${quoted[0]}]` : `[\n        ${quoted.join(",\n        ")}\n      ]`;
  const fields = [`"names": ${list}`, ...actionFields(action, "action", "errnoRet")];
  if (when.length > 0) {
    fields.push(`"args": [\n        ${when.map(argumentText).join(",\n        ")}\n      ]`);
  }
  return `    {\n      ${fields.join(",\n      ")}\n    }`;
}

function profileText(otherwise: FilterAction, abis: readonly Abi[], entries: readonly Entry[]): string {
  const architectures = abis.map((abi) => JSON.stringify(scmpOfAbi(abi)));
  const fields = [
    ...actionFields(otherwise, "defaultAction", "defaultErrnoRet"),
    `"architectures": [${architectures.join(", ")}]`,
    entries.length === 0 ? '"syscalls": []' : `"syscalls": [\n${entries.map(entryText).join(",\n")}\n  ]`,
  ];
  return `{\n  ${fields.join(",\n  ")}\n}\n`;
}

/** Why a profile cannot express the policy of an ABI. */
interface Obstacle {
  readonly code: string;
  readonly message: string;
}

function keyOf({ action, when }: Answer): string {
  return `${valueOfAction(action)} ${when.map(argumentText).join()}`;
}

/** The answers of one call; rules that only repeat the default are left out, since nothing else answers there. */
function answersOf(rules: readonly Rule[], otherwise: number, bits: 32 | 64): readonly Answer[] | undefined {
  const found: Answer[] = [];
  for (const [place, rule] of rules.entries()) {
    if (valueOfAction(rule.action) === otherwise) {
      continue;
    }
    const terms = termsOfRule(rules, place, bits);
    if (terms === undefined) {
      return undefined;
    }
    found.push(...terms.map((when) => ({ action: rule.action, when })));
  }
  return found;
}

function addEntries(entries: Map<string, Entry>, name: string, answers: readonly Answer[]): void {
  for (const answer of answers) {
    const key = keyOf(answer);
    const entry = entries.get(key) ?? { names: [], ...answer };
    if (!entry.names.includes(name)) {
      entry.names.push(name);
    }
    entries.set(key, entry);
  }
}

function addAbi(abi: Abi, policy: AbiPolicy, entries: Map<string, Entry>): Obstacle | undefined {
  const otherwise = valueOfAction(policy.otherwise);
  for (const [number, rules] of rulesByNumber(policy)) {
    const answers = answersOf(rules, otherwise, comparedBits(abi));
    const name = nameOf(abi, number);
    if (answers === undefined) {
      return { code: "oci-too-many", message: `${abi}: ${name ?? number}: its tests would need hundreds of entries` };
    }
    if (name !== undefined) {
      addEntries(entries, name, answers);
    } else if (answers.length > 0) {
      return { code: "oci-unnamed", message: `${abi}: number ${number} has no name, by which a profile could list it` };
    }
  }
  return undefined;
}

/** Whether a profile, read back, does for some ABIs what the policy does. */
function sameFor(abi: Abi, text: string, abis: readonly Abi[], policy: Policy): boolean {
  const profile = readProfile(text, "profile");
  const back = profile.ok ? policyOfProfile(profile.value, { abis, warn: false }) : profile;
  if (!back.ok) {
    return false;
  }
  const diagrams = createDiagrams();
  const only = (from: Policy): number => {
    const own = from.abis[abi];
    const alone: Policy = { abis: own === undefined ? {} : { [abi]: own }, foreign: { kind: "kill-thread" } };
    return effects(canonicalise(alone, { diagrams })).root;
  };
  return only(back.value) === only(policy);
}

function leftOut(abi: Abi, why: string): Diagnostic {
  const message = `${abi} is left out of the profile, so runtimes kill its calls: ${why}`;
  return { code: "oci-abi-left-out", severity: "warning", message };
}

function foreignWarning({ kind }: FilterAction): Diagnostic {
  const message = `this filter answers ${kind} to calls of other architectures; runtimes kill them`;
  return { code: "oci-foreign", severity: "warning", message };
}

/** Drops traps' data, by which a SIGSYS handler may tell why it was called: libseccomp's SCMP_ACT_TRAP carries none. */
function withoutTrapData(policy: Policy): Policy {
  const bare = (action: FilterAction): FilterAction => (action.kind === "trap" ? { kind: "trap", data: 0 } : action);
  const abis = Object.entries(policy.abis).map(([abi, { rules, otherwise }]): [string, AbiPolicy] => [
    abi,
    { rules: rules.map((rule) => ({ ...rule, action: bare(rule.action) })), otherwise: bare(otherwise) },
  ]);
  const less: Policy = { abis: Object.fromEntries(abis), foreign: bare(policy.foreign) };
  // Traps that became equal may need fewer rules.
  const said = decompile({ kind: "policy", policy: less });
  return said.ok && said.diagnostics.length === 0 ? said.value : less;
}

/** The data of the traps of a policy that is not 0. */
function trapData({ abis }: Policy): readonly number[] {
  const actions = Object.values(abis).flatMap(({ rules, otherwise }) => [
    otherwise,
    ...rules.map(({ action }) => action),
  ]);
  const data = actions.flatMap((action) => (action.kind === "trap" && action.data !== 0 ? [action.data] : []));
  return [...new Set(data)].sort((a, b) => a - b);
}

function trapWarning(policy: Policy): readonly Diagnostic[] {
  const data = trapData(policy);
  if (data.length === 0) {
    return [];
  }
  const message = `a profile has no place for the data of a trap (${data.join(", ")}): the signal handler will get 0`;
  return [{ code: "oci-trap-data", severity: "warning", message }];
}

interface Written {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The profile for some ABIs; an obstacle if it is not exact for each of them. */
function writeFor(policy: Policy, abis: readonly Abi[]): string | Obstacle {
  const entries = new Map<string, Entry>();
  const first = abis[0];
  const otherwise = first === undefined ? policy.foreign : policy.abis[first]?.otherwise;
  for (const abi of abis) {
    const own = policy.abis[abi];
    const obstacle = own === undefined ? undefined : addAbi(abi, own, entries);
    if (obstacle !== undefined) {
      return obstacle;
    }
  }
  const text = profileText(otherwise ?? policy.foreign, abis, [...entries.values()]);
  const wrong = abis.find((abi) => !sameFor(abi, text, abis, policy));
  if (wrong === undefined) {
    return text;
  }
  return {
    code: "oci-not-exact",
    message: `${wrong}: it needs rules of its own, but those of a profile apply to all architectures`,
  };
}

/** Adds one ABI after another, as long as the profile stays exact. */
function widest(policy: Policy, abis: readonly Abi[]): Written | Obstacle {
  const [first, ...rest] = abis;
  let kept: readonly Abi[] = first === undefined ? [] : [first];
  let text = writeFor(policy, kept);
  if (typeof text !== "string") {
    return text;
  }
  const diagnostics: Diagnostic[] = [];
  for (const abi of rest) {
    const next = writeFor(policy, [...kept, abi]);
    if (typeof next === "string") {
      kept = [...kept, abi];
      text = next;
    } else {
      diagnostics.push(leftOut(abi, next.message));
    }
  }
  return { text, diagnostics };
}

/**
 * Writes a policy as a profile of the OCI runtime specification, whose `syscalls` have no order. Exact for the
 * architectures that it names. Errors: `oci-unnamed` (a number without a name has an action of its own),
 * `oci-too-many`, `oci-not-exact`. Warnings: `oci-abi-left-out`, `oci-trap-data` (a profile has no data for SIGSYS), and
 * `oci-foreign` where the policy does not kill calls of other architectures, as runtimes do.
 *
 * @example
 * import { denyList, readProfile, writeProfile } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" }, ["x86_64"]);
 * const { value, diagnostics } = writeProfile(policy);
 * assert.deepEqual(readProfile(value, "p.json").value.entries[0].names[0].text, "reboot");
 * assert.deepEqual(diagnostics.map(({ code }) => code), ["oci-foreign"]);
 */
export function writeProfile(said: Policy): Parsed<string> {
  const numbered = withErrorNumbers(said);
  const policy = trapData(said).length === 0 ? numbered : withErrorNumbers(withoutTrapData(numbered));
  const abis = ABIS.filter((abi) => policy.abis[abi] !== undefined);
  const written = widest(policy, abis);
  if (!("text" in written)) {
    const { code, message } = written;
    return {
      ok: false,
      diagnostics: [{ code, severity: "error", message, help: "use the text form, which can express any filter" }],
    };
  }
  const killed = policy.foreign.kind === "kill-thread" || policy.foreign.kind === "kill-process";
  const foreign = killed ? [] : [foreignWarning(policy.foreign)];
  const diagnostics = [...trapWarning(said), ...written.diagnostics, ...foreign];
  return { ok: true, value: written.text, diagnostics };
}
