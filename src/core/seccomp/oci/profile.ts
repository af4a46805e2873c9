/**
 * A container profile as it is written: the `seccomp` object of the OCI runtime specification (config-linux.md) with what
 * Docker and Podman add to it (`includes`, `excludes`, `archMap`, `name`). Reading checks everything that can be checked
 * without knowing the machine. Names of actions and operators: libseccomp's header.
 */
import { MAX_ERRNO } from "../../bpf/return-value.ts";
import type { Diagnostic, Parsed, Span } from "../../diagnostic/diagnostic.ts";
import { type Json, readJson, spansOf } from "../../json/parse.ts";
import { isCapability } from "../../kernel/capability.ts";
import { type ErrnoName, errnoName, errnoNumber } from "../../kernel/errno.ts";
import type { FilterAction } from "../policy/policy.ts";
import { asList, asText, asWhole, type Fields, fieldsOf, type Notes, refuse, warn } from "./shape.ts";

/** The comparisons of the specification, without SCMP_CMP_. */
export type OciOperator = "NE" | "LT" | "LE" | "EQ" | "GE" | "GT" | "MASKED_EQ";

/** One test of an argument. For MASKED_EQ `value` is the mask: `(argument & value) == (valueTwo & value)`. */
export interface ProfileArgument {
  readonly index: number;
  readonly value: bigint;
  readonly valueTwo: bigint;
  readonly comparison: OciOperator;
}

/** What `includes` or `excludes` ask of container and machine. An empty list asks nothing. */
export interface Requirements {
  readonly capabilities: readonly string[];
  readonly machines: readonly string[];
  readonly kernel: KernelVersion | undefined;
}

/** A kernel version, as precise as profiles state it. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** A name and its place in the text. */
export interface Placed {
  readonly text: string;
  readonly span: Span;
}

/** One entry of `syscalls`. */
export interface ProfileEntry {
  readonly names: readonly Placed[];
  readonly action: FilterAction;
  readonly arguments: readonly ProfileArgument[];
  readonly includes: Requirements | undefined;
  readonly excludes: Requirements | undefined;
  readonly span: Span;
}

/** A whole profile. */
export interface ContainerProfile {
  readonly otherwise: FilterAction;
  /** `SCMP_ARCH_*`; empty: the native one. */
  readonly architectures: readonly Placed[];
  /** By native architecture, those that are filtered beside it. */
  readonly architectureMap: readonly { readonly native: Placed; readonly others: readonly Placed[] }[];
  readonly entries: readonly ProfileEntry[];
}

/** What ERRNO and TRACE carry if a profile does not say: EPERM. */
const DEFAULT_ERRNO = 1;

function actionOf(name: string, errno: ErrnoName | number | undefined): FilterAction | undefined {
  const data = errno ?? DEFAULT_ERRNO;
  switch (name) {
    case "SCMP_ACT_ALLOW":
      return { kind: "allow" };
    case "SCMP_ACT_ERRNO":
      return { kind: "errno", errno: data };
    case "SCMP_ACT_KILL":
    case "SCMP_ACT_KILL_THREAD":
      return { kind: "kill-thread" };
    case "SCMP_ACT_KILL_PROCESS":
      return { kind: "kill-process" };
    case "SCMP_ACT_TRAP":
      return { kind: "trap", data: 0 };
    case "SCMP_ACT_TRACE":
      return { kind: "trace", data: typeof data === "number" ? data : (errnoNumber(data) ?? DEFAULT_ERRNO) };
    case "SCMP_ACT_LOG":
      return { kind: "log" };
    case "SCMP_ACT_NOTIFY":
      return { kind: "notify" };
    default:
      return undefined;
  }
}

function readErrno(notes: Notes, value: Json | undefined, what: string): number | undefined {
  const number = asWhole(notes, value, what, 0xffffn);
  if (number !== undefined && number > MAX_ERRNO && value !== undefined) {
    const message = `${what} ${number} is too large: the kernel uses ${MAX_ERRNO} instead`;
    warn(notes, value.at, "oci-errno", message);
  }
  return number === undefined ? undefined : Number(number);
}

/** Podman's field for an error, a name or digits: it overrides the number, and a name means the machine's own error. */
function readErrnoWord(notes: Notes, value: Json | undefined, what: string): ErrnoName | number | undefined {
  const word = asText(notes, value, what);
  if (word === undefined || word === "" || value === undefined) {
    return undefined;
  }
  const number = errnoNumber(word) ?? (/^\d{1,5}$/.test(word) ? Number(word) : undefined);
  if (number === undefined) {
    refuse(
      notes,
      value.at,
      "oci-errno",
      `there is no error ${JSON.stringify(word.slice(0, 40))}`,
      "for example ENOSYS",
    );
  }
  return errnoNumber(word) === undefined || number === undefined ? number : errnoName(number);
}

/** The fields of an action: its name, the number of its error, Podman's word for that. */
type ActionFields = readonly [action: string, number: string, word: string];

function readAction(notes: Notes, owner: Fields, [field, numberField, wordField]: ActionFields): FilterAction {
  const given = owner.get(field);
  const name = asText(notes, given, field);
  const number = readErrno(notes, owner.get(numberField), numberField);
  const word = readErrnoWord(notes, owner.get(wordField), wordField);
  const errno = word ?? number;
  if (word !== undefined && number !== undefined && number !== (errnoNumber(String(word)) ?? word)) {
    const message = `${wordField} says ${word}, ${numberField} ${number}: Podman takes the first, Docker the second`;
    warn(notes, owner.get(wordField)?.at ?? owner.at, "oci-errno", message);
  }
  const action = name === undefined ? undefined : actionOf(name, errno);
  if (action !== undefined) {
    return action;
  }
  if (given === undefined || given.kind === "null") {
    refuse(notes, owner.at, "oci-missing", `${field} is missing`, "for example SCMP_ACT_ERRNO");
  } else if (name !== undefined) {
    const help = "one of SCMP_ACT_ALLOW, _ERRNO, _KILL_PROCESS, _KILL_THREAD, _TRAP, _TRACE, _LOG, _NOTIFY";
    refuse(notes, given.at, "oci-action", `there is no action '${name}'`, help);
  }
  return { kind: "kill-process" };
}

const COMPARISONS: ReadonlySet<string> = new Set(["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"]);
const LARGEST = 2n ** 64n - 1n;

function readArgument(notes: Notes, value: Json): ProfileArgument | undefined {
  const owner = fieldsOf(notes, value, "an argument", ["index", "value", "valueTwo", "op"]);
  if (owner === undefined) {
    return undefined;
  }
  const missing = ["index", "value", "op"].filter((field) => owner.get(field) === undefined);
  for (const field of missing) {
    refuse(notes, owner.at, "oci-missing", `an argument has no ${field}`);
  }
  const index = asWhole(notes, owner.get("index"), "index", 5n);
  const first = asWhole(notes, owner.get("value"), "value", LARGEST);
  const second = asWhole(notes, owner.get("valueTwo"), "valueTwo", LARGEST) ?? 0n;
  const operator = asText(notes, owner.get("op"), "op");
  if (index === undefined || first === undefined || operator === undefined) {
    return undefined;
  }
  const comparison = operator.replace(/^SCMP_CMP_/, "");
  if (!operator.startsWith("SCMP_CMP_") || !COMPARISONS.has(comparison)) {
    const help = "one of SCMP_CMP_EQ, _NE, _LT, _LE, _GE, _GT, _MASKED_EQ";
    refuse(notes, owner.get("op")?.at ?? owner.at, "oci-operator", `there is no comparison '${operator}'`, help);
    return undefined;
  }
  return { index: Number(index), value: first, valueTwo: second, comparison: comparison as OciOperator };
}

function placed(notes: Notes, value: Json | undefined, what: string): readonly Placed[] {
  return asList(notes, value, what).flatMap((item) => {
    const text = asText(notes, item, `each of ${what}`);
    return text === undefined ? [] : [{ text, span: notes.spanOf(item.at) }];
  });
}

/** Capabilities as the profile names them. A misspelt one is simply never held, so it is worth a warning. */
function readCapabilities(notes: Notes, value: Json | undefined, what: string): readonly string[] {
  return placed(notes, value, what).map(({ text, span }) => {
    if (!isCapability(text)) {
      const message = `there is no capability ${JSON.stringify(text.slice(0, 40))}: no container ever has it`;
      notes.found.push({
        code: "oci-capability",
        severity: "warning",
        message,
        span,
        help: "for example CAP_SYS_ADMIN",
      });
    }
    return text;
  });
}

function readKernel(notes: Notes, value: Json | undefined): KernelVersion | undefined {
  const text = asText(notes, value, "minKernel");
  if (text === undefined || value === undefined) {
    return undefined;
  }
  const [, major, minor] = /^(\d{1,5})\.(\d{1,5})$/.exec(text) ?? [];
  if (major !== undefined && minor !== undefined) {
    return { major: Number(major), minor: Number(minor) };
  }
  refuse(notes, value.at, "oci-kernel", `'${text}' is not a kernel version`, 'two numbers, such as "4.8"');
  return undefined;
}

function readRequirements(notes: Notes, value: Json | undefined, what: string): Requirements | undefined {
  if (value === undefined || value.kind === "null") {
    return undefined;
  }
  const owner = fieldsOf(notes, value, what, ["caps", "arches", "minKernel"]);
  if (owner === undefined) {
    return undefined;
  }
  return {
    capabilities: readCapabilities(notes, owner.get("caps"), `${what}.caps`),
    machines: placed(notes, owner.get("arches"), `${what}.arches`).map(({ text }) => text),
    kernel: readKernel(notes, owner.get("minKernel")),
  };
}

/** Whether there is something that has been complained about already. */
function isMistyped(value: Json | undefined): boolean {
  return value !== undefined && value.kind !== "null" && (value.kind !== "array" || value.items.length > 0);
}

function readNames(notes: Notes, owner: Fields): readonly Placed[] {
  const names = placed(notes, owner.get("names"), "names");
  const single = owner.get("name");
  const name = asText(notes, single, "name");
  if (name === undefined || single === undefined || name === "") {
    if (names.length === 0 && !isMistyped(owner.get("names"))) {
      warn(notes, owner.at, "oci-names", "an entry without names has no effect");
    }
    for (const { text, span } of names) {
      if (text === "") {
        notes.found.push({ code: "oci-names", severity: "error", message: "the name of a call is empty", span });
      }
    }
    return names;
  }
  if (names.length > 0) {
    refuse(notes, single.at, "oci-names", "name and names are both given", "give names alone");
  }
  return [{ text: name, span: notes.spanOf(single.at) }];
}

const ENTRY_FIELDS = ["names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"];

function readEntry(notes: Notes, value: Json): ProfileEntry | undefined {
  const owner = fieldsOf(notes, value, "each of syscalls", ENTRY_FIELDS);
  if (owner === undefined) {
    return undefined;
  }
  return {
    names: readNames(notes, owner),
    action: readAction(notes, owner, ["action", "errnoRet", "errno"]),
    arguments: asList(notes, owner.get("args"), "args").flatMap((each) => readArgument(notes, each) ?? []),
    includes: readRequirements(notes, owner.get("includes"), "includes"),
    excludes: readRequirements(notes, owner.get("excludes"), "excludes"),
    span: notes.spanOf(owner.at),
  };
}

function readArchitectureMap(notes: Notes, value: Json | undefined): ContainerProfile["architectureMap"] {
  return asList(notes, value, "archMap").flatMap((each) => {
    const owner = fieldsOf(notes, each, "each of archMap", ["architecture", "subArchitectures"]);
    const text = asText(notes, owner?.get("architecture"), "architecture");
    if (owner === undefined || text === undefined) {
      return [];
    }
    const native = { text, span: notes.spanOf(owner.get("architecture")?.at ?? owner.at) };
    return [{ native, others: placed(notes, owner.get("subArchitectures"), "subArchitectures") }];
  });
}

const FIELDS = [
  "defaultAction",
  "defaultErrnoRet",
  "defaultErrno",
  "architectures",
  "archMap",
  "syscalls",
  "flags",
  "listenerPath",
  "listenerMetadata",
];

/** A profile may also be given as a whole `config.json` of a container, which holds it as `linux.seccomp`. */
function innermost(value: Json): Json {
  const member = (from: Json | undefined, name: string): Json | undefined =>
    from?.kind === "object" ? from.members.find((each) => each.name === name)?.value : undefined;
  const inner = member(member(value, "linux"), "seccomp");
  return inner !== undefined && member(value, "defaultAction") === undefined ? inner : value;
}

/**
 * Reads a profile. Errors are what Docker, Podman or a runtime would refuse (`oci-…`, `json`); warnings are what they
 * would pass over in silence. Each has its place in the text.
 *
 * @example
 * import { readProfile } from "cloison";
 * import assert from "node:assert";
 * const profile = readProfile('{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": []}', "p.json");
 * assert.deepEqual(profile.value.otherwise, { kind: "errno", errno: 38 });
 * const [wrong] = readProfile('{\n  "defaultAction": "ALLOW"\n}', "p.json").diagnostics;
 * assert.deepEqual([wrong.code, wrong.span.line, wrong.span.column], ["oci-action", 2, 20]);
 */
export function readProfile(text: string, file: string): Parsed<ContainerProfile> {
  const json = readJson(text, file);
  if (!json.ok) {
    return json;
  }
  const notes: Notes = { spanOf: spansOf(text, file), found: [] };
  const owner = fieldsOf(notes, innermost(json.value), "a profile", FIELDS);
  if (owner === undefined) {
    return { ok: false, diagnostics: notes.found };
  }
  const profile: ContainerProfile = {
    otherwise: readAction(notes, owner, ["defaultAction", "defaultErrnoRet", "defaultErrno"]),
    architectures: placed(notes, owner.get("architectures"), "architectures"),
    architectureMap: readArchitectureMap(notes, owner.get("archMap")),
    entries: asList(notes, owner.get("syscalls"), "syscalls").flatMap((each) => readEntry(notes, each) ?? []),
  };
  if (profile.architectures.length > 0 && profile.architectureMap.length > 0) {
    const message = "architectures and archMap are both given: Docker and Podman refuse that";
    refuse(notes, owner.at, "oci-architectures", message, "remove one of them");
  }
  if (profile.otherwise.kind === "notify") {
    const message = "SCMP_ACT_NOTIFY cannot be the default action: runtimes refuse it";
    refuse(notes, owner.at, "oci-action", message, "for example SCMP_ACT_ERRNO");
  }
  const diagnostics: readonly Diagnostic[] = notes.found;
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return failed ? { ok: false, diagnostics } : { ok: true, value: profile, diagnostics };
}
