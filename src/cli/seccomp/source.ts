/**
 * Whatever has a filter, by the word that names it: raw bytes, a listing, a container profile, a unit, a process. What a
 * word means is seen from the file itself, unless --from says it.
 */
import { existsSync } from "node:fs";
import { assembleText } from "../../core/bpf/assemble-text.ts";
import { readFilter } from "../../core/bpf/read.ts";
import { validate } from "../../core/bpf/validate.ts";
import { type Diagnostic, formatDiagnostic, type Parsed } from "../../core/diagnostic/diagnostic.ts";
import { InputError, inputError } from "../../core/diagnostic/input-error.ts";
import { machineWith } from "../../core/kernel/syscalls/machine.ts";
import type { Abi } from "../../core/kernel/syscalls/syscall.ts";
import { decompile } from "../../core/seccomp/decompile/decompile.ts";
import type { Filter } from "../../core/seccomp/filter/filter.ts";
import { type ContainerProfile, readProfile } from "../../core/seccomp/oci/profile.ts";
import { abisOfProfile, policyOfProfile } from "../../core/seccomp/oci/resolve.ts";
import type { Policy } from "../../core/seccomp/policy/policy.ts";
import { nativeAbi } from "../../linux/native-abi.ts";
import { filtersOfProcess } from "../../linux/seccomp-filters.ts";
import type { Arguments, OptionSpec } from "../verb.ts";
import { abisOption, capabilitiesOption, kernelOption, orderOption } from "./architecture.ts";
import { isText, readBytes } from "./bytes.ts";
import { threadWarning } from "./threads.ts";
import { namesUnit, type UnitFilters, unitFilters } from "./unit.ts";

export const fromOption: OptionSpec = {
  type: "string",
  value: "KIND",
  choices: ["oci", "systemd", "filter"],
  help: "what FILE is, seen from the file unless said otherwise",
};

/** What was read; a profile or a unit is a filter only once it is known for which ABIs. */
type Source =
  | { readonly kind: "profile"; readonly profile: ContainerProfile; readonly found: readonly Diagnostic[] }
  | { readonly kind: "unit"; readonly filters: UnitFilters }
  | { readonly kind: "filter"; readonly filter: Filter; readonly found: readonly Diagnostic[] };

/** A filter and the diagnostics from reading it. */
export interface Named {
  readonly word: string;
  readonly filter: Filter;
  readonly notes: readonly string[];
}

function taken<T>(parsed: Parsed<T>): T {
  if (parsed.ok) {
    return parsed.value;
  }
  throw new InputError(parsed.diagnostics);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function readProgram(word: string, bytes: Uint8Array, given: Arguments): Filter {
  const listing = isText(bytes);
  const { program, littleEndian } = listing
    ? taken(assembleText(textOf(bytes), word))
    : taken(readFilter(bytes, orderOption(given)));
  const wrong = validate(program);
  if (wrong.length > 0) {
    throw new InputError(
      wrong.map((each) => ({ ...each, message: `${word}: no filter that the kernel takes: ${each.message}` })),
    );
  }
  return { kind: "program", program, littleEndian };
}

async function readSource(word: string, given: Arguments, from: string | undefined): Promise<Source> {
  if (from === undefined && /^\d+$/.test(word) && !existsSync(word)) {
    const { programs, others } = await filtersOfProcess(Number(word));
    return { kind: "filter", filter: { kind: "stack", programs }, found: threadWarning(Number(word), others) };
  }
  if (from === "systemd" || (from === undefined && namesUnit(word))) {
    return { kind: "unit", filters: await unitFilters(word) };
  }
  const bytes = await readBytes(word);
  const first = textOf(bytes.subarray(0, 4096)).trimStart()[0];
  if (from === "oci" || (from === undefined && (first === "{" || first === "\ufeff"))) {
    const parsed = readProfile(textOf(bytes), word);
    return { kind: "profile", profile: taken(parsed), found: parsed.diagnostics };
  }
  return { kind: "filter", filter: readProgram(word, bytes, given), found: [] };
}

/** The ABIs that a filter tells apart; undefined if no policy can express it. */
function toldBy(filter: Filter): readonly Abi[] | undefined {
  const policy = decompile(filter);
  return policy.ok ? (Object.keys(policy.value.abis) as Abi[]) : undefined;
}

/** Leaves out of policies what is not of these ABIs: other calls then get what foreign ones get. */
function narrowed(filter: Filter, abis: readonly Abi[] | undefined): Filter {
  if (abis === undefined || filter.kind !== "policies") {
    return filter;
  }
  const policies = filter.policies.map((policy): Policy => {
    const kept = Object.entries(policy.abis).filter(([abi]) => abis.includes(abi as Abi));
    return { ...policy, abis: Object.fromEntries(kept) };
  });
  return { kind: "policies", policies };
}

/** The ABIs by machine: those that one machine can have side by side belong together. */
function byMachine(abis: readonly Abi[]): ReadonlyMap<Abi, readonly Abi[]> {
  const groups: Abi[][] = [];
  for (const abi of abis) {
    const group = groups.find((each) => machineWith([...each, abi]) !== undefined);
    if (group === undefined) {
      groups.push([abi]);
    } else {
      group.push(abi);
    }
  }
  return new Map(groups.map((group) => [machineWith(group) ?? "x86_64", group]));
}

/** A unit's filter on the machines that have the requested ABIs; without any, on this machine. */
function ofUnit(word: string, filters: UnitFilters, asked: readonly Abi[] | undefined): Named {
  const machines = [...byMachine(asked ?? [])];
  if (machines.length === 0) {
    const { filter, found } = filters(nativeAbi());
    return { word, filter, notes: lines(found) };
  }
  const parts = machines.map(([machine, abis]) => {
    const { filter, found } = filters(machine);
    return { filter: narrowed(filter, abis), found };
  });
  const notes = [...new Set(parts.flatMap(({ found }) => lines(found)))];
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) {
    return { word, filter: first.filter, notes };
  }
  const decompiled = parts.map(({ filter }) => decompile(filter));
  const policies = decompiled.map(taken);
  // One unit says the same of foreign calls on every machine, unless that machine has none.
  const foreign = policies.map((policy) => policy.foreign).find(({ kind }) => kind !== "allow") ?? { kind: "allow" };
  const policy: Policy = { abis: Object.assign({}, ...policies.map(({ abis }) => abis)), foreign };
  const said = decompiled.flatMap(({ diagnostics }) => lines(diagnostics));
  return { word, filter: { kind: "policy", policy }, notes: [...notes, ...said] };
}

function lines(found: readonly Diagnostic[]): readonly string[] {
  return found.map(formatDiagnostic);
}

function finish(word: string, source: Source, given: Arguments, hint: readonly Abi[] | undefined): Named {
  const asked = abisOption(given);
  if (source.kind === "unit") {
    return ofUnit(word, source.filters, asked);
  }
  if (source.kind !== "profile") {
    return { word, filter: narrowed(source.filter, asked), notes: lines(source.found) };
  }
  const capabilities = capabilitiesOption(given);
  const kernel = kernelOption(given);
  const abis = asked ?? hint ?? abisOfProfile(source.profile, nativeAbi());
  const resolved = policyOfProfile(source.profile, {
    abis,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(kernel === undefined ? {} : { kernel }),
  });
  return {
    word,
    filter: { kind: "policy", policy: taken(resolved) },
    notes: lines([...source.found, ...resolved.diagnostics]),
  };
}

/**
 * Reads several filters. A profile among them that nobody has said the architectures of is taken for those that the
 * others tell apart.
 */
export async function readFilters(
  words: readonly string[],
  given: Arguments,
  from?: string,
): Promise<readonly Named[]> {
  orderOption(given);
  const sources: (readonly [string, Source])[] = [];
  for (const [place, word] of words.entries()) {
    sources.push([word, await readSource(word, given, place === 0 ? from : undefined)]);
  }
  const others = sources.flatMap(([, source]) => (source.kind === "filter" ? [source.filter] : []));
  const asksForHint = abisOption(given) === undefined && sources.some(([, { kind }]) => kind === "profile");
  const told = asksForHint ? others.map(toldBy).find((abis) => abis !== undefined && abis.length > 0) : undefined;
  return sources.map(([word, source]) => finish(word, source, given, told));
}

/** One filter. */
export async function readOne(word: string, given: Arguments, from?: string): Promise<Named> {
  const [named] = await readFilters([word], given, from);
  if (named === undefined) {
    throw inputError("usage", "a filter is missing");
  }
  return named;
}

/** One program. Throws InputError for a profile or a unit: those must be compiled first. */
export function programOf({ word, filter }: Named): Extract<Filter, { kind: "program" }> {
  if (filter.kind === "program") {
    return filter;
  }
  const help = "cloison seccomp compile makes a filter of it";
  throw inputError("usage", `${word}: expected a raw filter or a listing`, help);
}
