/**
 * From a profile to a policy for certain ABIs, as a runtime would load it: which entries count (setupSeccomp of moby's
 * profiles/seccomp), what rules they make (runc's libcontainer/seccomp), and what libseccomp does with those.
 */
import type { Diagnostic, Parsed } from "../../diagnostic/diagnostic.ts";
import type { Capability } from "../../kernel/capability.ts";
import { sameMachine } from "../../kernel/syscalls/machine.ts";
import { routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { type Abi, isSyscallName, numberOf } from "../../kernel/syscalls/syscall.ts";
import { localAction } from "../policy/error-numbers.ts";
import type { AbiPolicy, Condition, FilterAction, Policy, Rule } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import { abiOfScmp, isScmpArchitecture, nativeWords } from "./architectures.ts";
import { comparedBits, conditionsOf } from "./conditions.ts";
import { overlaps, type SourceRule } from "./overlap.ts";
import { inPrecedence } from "./precedence.ts";
import type {
  ContainerProfile,
  KernelVersion,
  Placed,
  ProfileArgument,
  ProfileEntry,
  Requirements,
} from "./profile.ts";

/** Docker's fourteen: what a container has by default. */
export const DOCKER_CAPABILITIES: readonly Capability[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

/** What a profile is resolved for. */
export interface ResolveOptions {
  /** The ABIs of the filter, native first; of each family the first is the machine's own. */
  readonly abis: readonly Abi[];
  /** The container's bounding set; by default Docker's fourteen. */
  readonly capabilities?: readonly Capability[];
  /** The kernel that it will run on; by default one newer than any that profiles ask for. */
  readonly kernel?: KernelVersion;
  /** Whether to look for rules that answer differently to the same call, which takes time; true by default. */
  readonly warn?: boolean;
}

/** What libseccomp does with calls of an architecture that a filter does not name (SCMP_FLTATR_ACT_BADARCH). */
const FOREIGN: FilterAction = { kind: "kill-thread" };

const NEWEST: KernelVersion = { major: 99999, minor: 0 };

function atLeast(kernel: KernelVersion, wanted: KernelVersion): boolean {
  return kernel.major > wanted.major || (kernel.major === wanted.major && kernel.minor >= wanted.minor);
}

/** Whether each requirement on machine, capabilities and kernel is met; one that is not made has no answer. */
function answers(
  { machines, capabilities, kernel }: Requirements,
  machine: readonly string[],
  given: ResolveOptions,
): boolean[] {
  const held: ReadonlySet<string> = new Set(given.capabilities ?? DOCKER_CAPABILITIES);
  const found = capabilities.map((capability) => held.has(capability));
  if (machines.length > 0) {
    found.push(machine.some((word) => machines.includes(word)));
  }
  if (kernel !== undefined) {
    found.push(atLeast(given.kernel ?? NEWEST, kernel));
  }
  return found;
}

function counts({ includes, excludes }: ProfileEntry, machine: readonly string[], options: ResolveOptions): boolean {
  if (excludes !== undefined && answers(excludes, machine, options).includes(true)) {
    return false;
  }
  return includes === undefined || !answers(includes, machine, options).includes(false);
}

/** The native ABI of the machine on which an ABI's programs run. */
function nativeOf(abi: Abi, abis: readonly Abi[]): Abi {
  return abis.find((each) => sameMachine(each, abi)) ?? abi;
}

function abisOf(names: readonly Placed[], found: Diagnostic[]): readonly Abi[] {
  return names.flatMap(({ text, span }) => {
    const abi = abiOfScmp(text);
    if (!isScmpArchitecture(text)) {
      const message = `there is no architecture '${text.slice(0, 40)}'`;
      found.push({ code: "oci-architecture", severity: "error", message, span, help: "for example SCMP_ARCH_X86_64" });
    } else if (abi === undefined) {
      found.push({
        code: "oci-architecture",
        severity: "note",
        message: `${text} is skipped: Cloison has no table of its calls`,
        span,
      });
    }
    return abi === undefined ? [] : [abi];
  });
}

/** The ABIs that a profile filters on a machine, native first. Unknown names are reported when the policy is made. */
export function abisOfProfile(profile: ContainerProfile, native: Abi): readonly Abi[] {
  const mapped = profile.architectureMap.find((each) => abiOfScmp(each.native.text) === native);
  const named = abisOf([...profile.architectures, ...(mapped?.others ?? [])], []);
  return [...new Set([native, ...named.filter((abi) => sameMachine(abi, native) || profile.architectures.length > 0)])];
}

/** An entry's rules: conditions that share an argument are rules of their own, as in runc. */
function variants(entry: ProfileEntry, abi: Abi): readonly (readonly Condition[])[] {
  const indices = entry.arguments.map(({ index }: ProfileArgument) => index);
  const conditions = conditionsOf(entry.arguments, abi);
  const shared = new Set(indices).size < indices.length;
  return shared ? conditions.map((condition) => [condition]) : [conditions];
}

/** The first argument of a multiplexer says which call it is; other conditions stay unchanged. */
function throughMultiplexer(abi: Abi, code: number, when: readonly Condition[]): readonly Condition[] {
  const which: Condition = { argument: 0, width: comparedBits(abi), operator: "eq", value: BigInt(code) };
  return [which, ...when.filter(({ argument }) => argument !== 0)];
}

interface Work {
  readonly abi: Abi;
  readonly byNumber: Map<number, SourceRule[]>;
  readonly found: Diagnostic[];
  readonly warn: boolean;
}

function add({ byNumber }: Work, number: number, rule: SourceRule): void {
  const rules = byNumber.get(number);
  if (rules === undefined) {
    byNumber.set(number, [rule]);
  } else {
    rules.push(rule);
  }
}

function keyOf({ when, action }: SourceRule): string {
  const conditions = when.map(({ argument, operator, value, mask }) => `${argument} ${operator} ${value} ${mask}`);
  return `${valueOfAction(action)} ${conditions.sort().join()}`;
}

/** Of identical rules the first one counts. */
function distinct(rules: readonly SourceRule[]): readonly SourceRule[] {
  const found = new Map<string, SourceRule>();
  for (const rule of rules) {
    const key = keyOf(rule);
    if (!found.has(key)) {
      found.set(key, rule);
    }
  }
  return [...found.values()];
}

/** Adds an entry's rules for one name; false if the ABI has no such call. */
function addName(work: Work, name: string, entry: ProfileEntry): boolean {
  const { abi, found } = work;
  const direct = numberOf(abi, name);
  const route = routeOf(abi, name);
  for (const when of variants(entry, abi)) {
    const rule: SourceRule = { name, when, action: localAction(entry.action, abi), entry };
    if (direct !== undefined) {
      add(work, direct, rule);
    }
    if (route !== undefined) {
      add(work, route.number, { ...rule, when: throughMultiplexer(abi, route.selector, when) });
    }
  }
  if (route !== undefined && entry.arguments.length > 0) {
    const how = direct === undefined ? "only through" : "also through";
    const message = `${abi}: ${name} is reached ${how} a call whose arguments a filter cannot see: there its arguments are not tested`;
    found.push({ code: "oci-multiplexed", severity: "note", message, span: entry.span });
  }
  return direct !== undefined || route !== undefined;
}

/** The most names listed of those that an ABI lacks. */
const MOST_NAMES = 8;

function unknownNames(abi: Abi, names: readonly Placed[]): readonly Diagnostic[] {
  const exists = ({ text }: Placed): boolean => isSyscallName(text) || routeOf("i386", text) !== undefined;
  const nowhere = names.filter((each) => !exists(each));
  const found = nowhere.map(({ text, span }): Diagnostic => {
    const message = `no architecture has a call named ${JSON.stringify(text.slice(0, 40))}: skipped`;
    return { code: "oci-unknown-call", severity: "warning", message, span, help: "is it spelt as in syscalls(2)?" };
  });
  const elsewhere = names.filter(exists);
  const [first] = elsewhere;
  if (first === undefined) {
    return found;
  }
  const shown = elsewhere.slice(0, MOST_NAMES).map(({ text }) => text);
  const more = elsewhere.length > MOST_NAMES ? ` and ${elsewhere.length - MOST_NAMES} more` : "";
  const message = `${abi} lacks ${shown.join(", ")}${more}: skipped`;
  return [...found, { code: "oci-absent-call", severity: "note", message, span: first.span }];
}

function addEntries(work: Work, profile: ContainerProfile, machine: readonly string[], options: ResolveOptions): void {
  const local = (action: FilterAction): number => valueOfAction(localAction(action, work.abi));
  const otherwise = local(profile.otherwise);
  for (const entry of profile.entries) {
    // A rule that only repeats the default is not handed to libseccomp: it does not stop another one.
    if (!counts(entry, machine, options) || local(entry.action) === otherwise) {
      continue;
    }
    const missing = entry.names.filter(({ text }) => !addName(work, text, entry));
    work.found.push(...unknownNames(work.abi, missing));
  }
}

/** The rules of each number by precedence; numbers with a single unconditional rule are grouped. */
function policyOfRules({ abi, byNumber, found, warn }: Work, otherwise: FilterAction): AbiPolicy {
  const plain = new Map<number, { readonly calls: number[]; readonly action: FilterAction }>();
  const rules: Rule[] = [];
  for (const [number, list] of byNumber) {
    const { rules: ordered, refused } = inPrecedence(distinct(list), abi);
    if (warn) {
      found.push(...overlaps(abi, ordered, refused));
    }
    const first = ordered[0];
    if (first === undefined) {
      continue;
    }
    if (first.when.length > 0) {
      rules.push(...ordered.map(({ when, action }) => ({ calls: [number], when, action })));
      continue;
    }
    const key = valueOfAction(first.action);
    const group = plain.get(key) ?? { calls: [], action: first.action };
    group.calls.push(number);
    plain.set(key, group);
  }
  const groups = [...plain.values()].map(({ calls, action }) => ({
    calls: calls.sort((a, b) => a - b),
    when: [],
    action,
  }));
  return { rules: [...rules, ...groups], otherwise };
}

/** What the profile leaves out on the machine that it is resolved for: runtimes kill those calls. */
function uncovered(profile: ContainerProfile, abis: readonly Abi[], found: Diagnostic[]): readonly Abi[] {
  const named = abisOf(profile.architectures, found);
  const maps = profile.architectureMap.map(({ native, others }) => ({
    native: abisOf([native], found)[0],
    others: abisOf(others, found),
  }));
  const without = abis.filter((abi) => {
    const native = nativeOf(abi, abis);
    const mapped = maps.find((each) => each.native === native);
    const saysNothing = named.length === 0 && mapped === undefined;
    return !(saysNothing || abi === native || named.includes(abi) || mapped?.others.includes(abi));
  });
  const span = profile.entries[0]?.span;
  for (const abi of without) {
    const message = `the profile does not filter ${abi}: a runtime kills its calls`;
    const diagnostic: Diagnostic = { code: "oci-architecture-left-out", severity: "warning", message };
    found.push(span === undefined ? diagnostic : { ...diagnostic, span });
  }
  return without;
}

/**
 * The policy of a profile. Notes and warnings say what was skipped and where rules answer differently to the same call;
 * the only errors are architectures that do not exist.
 *
 * @example
 * import { evaluate, policyOfProfile, readProfile } from "cloison";
 * import assert from "node:assert";
 * const text = JSON.stringify({
 *   defaultAction: "SCMP_ACT_ERRNO",
 *   syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_KILL"] } }],
 * });
 * const policy = policyOfProfile(readProfile(text, "p.json").value, { abis: ["x86_64"] }).value;
 * assert.deepEqual(evaluate(policy, { abi: "x86_64", number: 0, arguments: [] }), { kind: "allow" });
 * assert.deepEqual(evaluate(policy, { abi: "x86_64", number: 1, arguments: [] }), { kind: "errno", errno: 1 });
 */
export function policyOfProfile(profile: ContainerProfile, options: ResolveOptions): Parsed<Policy> {
  const found: Diagnostic[] = [];
  const { abis, warn = true } = options;
  const without = uncovered(profile, abis, found);
  const entries = abis
    .filter((abi) => !without.includes(abi))
    .map((abi): readonly [Abi, AbiPolicy] => {
      const work: Work = { abi, byNumber: new Map(), found, warn };
      addEntries(work, profile, nativeWords(nativeOf(abi, abis)), options);
      return [abi, policyOfRules(work, profile.otherwise)];
    });
  const diagnostics = withoutRepetition(found);
  if (diagnostics.some(({ severity }) => severity === "error")) {
    return { ok: false, diagnostics };
  }
  return { ok: true, value: { abis: Object.fromEntries(entries), foreign: FOREIGN }, diagnostics };
}

function withoutRepetition(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}
