/**
 * An observation as a JSON text, `cloison.observation/1`, and back. The text is canonical: equal observations are equal
 * texts. Numbers of calls are hexadecimal texts, since JSON's own would lose bits above 2^53.
 */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import {
  byKind,
  type Decode,
  flag,
  integer,
  known,
  list,
  Malformed,
  matching,
  object,
  oneOf,
  refuse,
  text,
} from "../json/decode.ts";
import { printableJson } from "../json/printable.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { isErrnoName } from "../kernel/errno.ts";
import { NAMESPACE_KINDS } from "../kernel/namespace.ts";
import { isSyscallName } from "../kernel/syscalls/syscall.ts";
import type { Argument, FileFacts, Gap, Identity, Need, Observation, ProcessFacts, Seen } from "./action.ts";
import { canonical } from "./merge.ts";
import { PHASES } from "./order.ts";

const SCHEMA = "cloison.observation/1";

const id = integer(0, 0xffffffff);
const mode = integer(0, 0o7777);
const capability = oneOf(...CAPABILITIES);
const phase = oneOf(...PHASES);

const number: Decode<bigint> = (value, at) =>
  BigInt(matching(/^0x[0-9a-f]{1,16}$/, "a hexadecimal number of 64 bits, as 0x1f")(value, at));

/** Deeper arrays of addresses than a probe ever needs are refused: reading recurses. */
const DEEPEST = 8;

function argument(depth: number): Decode<Argument> {
  const shapes: Decode<Argument> = byKind<Argument>({
    number: object({ kind: oneOf("number"), value: number }),
    text: object({ kind: oneOf("text"), text }),
    bytes: object({ kind: oneOf("bytes"), bytes: list(integer(0, 255)) }),
    room: object({ kind: oneOf("room"), size: id, name: text }, ["name"]),
    pointers: object({
      kind: oneOf("pointers"),
      to: (value, at) => (depth === 0 ? refuse(at, "less deep") : list(argument(depth - 1))(value, at)),
    }),
    result: object({ kind: oneOf("result"), of: text }),
    unknown: object({ kind: oneOf("unknown") }),
  });
  return shapes;
}

const file = object<FileFacts>(
  {
    type: oneOf("file", "directory", "symlink", "char", "block", "fifo", "socket"),
    uid: id,
    gid: id,
    mode,
    device: object({ major: id, minor: id }),
    parent: object({ uid: id, gid: id, mode }),
  },
  ["device", "parent"],
);

const process = object<ProcessFacts>(
  { uid: id, gid: id, relation: oneOf("self", "unit", "neighbour", "init"), capabilities: list(capability) },
  ["capabilities"],
);

const path = matching(/^\//, "an absolute path");

const need = byKind<Need>({
  path: object(
    {
      kind: oneOf("path"),
      path,
      access: oneOf("read", "write", "create", "remove", "execute", "change", "look"),
      file,
    },
    ["file"],
  ),
  capability: object(
    { kind: oneOf("capability"), capability, or: list(capability), over: oneOf(...NAMESPACE_KINDS, "init", "own") },
    ["or"],
  ),
  become: object({ kind: oneOf("become"), uid: id, gid: id }, ["uid", "gid"]),
  namespace: object({ kind: oneOf("namespace"), namespaces: list(oneOf(...NAMESPACE_KINDS)) }),
  address: object(
    {
      kind: oneOf("address"),
      operation: oneOf("bind", "connect", "send", "receive"),
      family: text,
      address: text,
      port: integer(0, 65535),
      transport: oneOf("tcp", "udp"),
    },
    ["port", "transport"],
  ),
  memory: object(
    {
      kind: oneOf("memory"),
      operation: oneOf("map", "protect", "attach"),
      writable: flag,
      executable: flag,
      already: flag,
    },
    ["already"],
  ),
  process: object({ kind: oneOf("process"), operation: oneOf("signal", "trace", "inspect"), target: process }),
  ipc: object({ kind: oneOf("ipc"), object: oneOf("sysv", "mqueue"), uid: id, mode }),
  "real-time": object({ kind: oneOf("real-time") }),
  gain: object({ kind: oneOf("gain"), uid: id }, ["uid"]),
  keyring: object({ kind: oneOf("keyring"), keyring: oneOf("session", "user") }),
});

const ok: Decode<Seen["result"]> = (value, at) =>
  value === "ok" ? "ok" : known(isErrnoName, '"ok" or the name of an error')(value, at);

const seen = object<Seen>({
  action: object({
    call: object({
      abi: oneOf("x86_64", "i386", "x32"),
      name: known(isSyscallName, "the name of a system call"),
      arguments: list(argument(DEEPEST)),
    }),
    needs: list(need),
  }),
  result: ok,
  phases: list(phase),
  identities: list(object<Identity>({ uid: id, gid: id })),
  executables: list(path),
  count: integer(0, Number.MAX_SAFE_INTEGER),
  hosts: list(matching(/^[0-9a-f]+$/, "a hexadecimal hash")),
});

const document = object<Observation>({
  schema: oneOf(SCHEMA),
  unit: text,
  seen: list(seen),
  gaps: list(object<Gap>({ reason: text, count: integer(0, Number.MAX_SAFE_INTEGER) })),
  phases: list(phase),
});

/** What the schema field says, if there is one. */
function schemaOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("schema" in value)) return undefined;
  return typeof value.schema === "string" ? value.schema : undefined;
}

function parseJson(source: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(source) };
  } catch (cause) {
    return { error: cause instanceof Error ? cause.message : "not JSON" };
  }
}

/**
 * Reads an observation. `name` is the file's name for diagnostics: `observation-json` (not JSON, or cut off),
 * `observation-schema` (another document or version), `observation-shape` (a field that is missing or wrong).
 *
 * @example
 * import { readObservation } from "cloison";
 * import assert from "node:assert";
 * const read = readObservation('{"schema":"cloison.observation/1","unit":"a.service"', "a.json");
 * assert.equal(read.ok, false);
 * assert.equal(read.diagnostics[0]?.code, "observation-json");
 */
export function readObservation(source: string, name = "observation.json"): Parsed<Observation> {
  const parsed = parseJson(source);
  const top = { file: name, line: 1, column: 1 };
  if ("error" in parsed) {
    return refusal("observation-json", `not a JSON document: ${parsed.error}`, "is the file complete?", top);
  }
  const schema = schemaOf(parsed.value);
  if (schema !== SCHEMA) {
    const found = schema === undefined ? "has no schema" : `is of schema ${JSON.stringify(schema)}`;
    return refusal("observation-schema", `the document ${found}, not ${SCHEMA}`, "`cloison observe` writes one", top);
  }
  try {
    return { ok: true, value: canonical(document(parsed.value, "observation")), diagnostics: [] };
  } catch (cause) {
    if (!(cause instanceof Malformed)) throw cause;
    return refusal("observation-shape", cause.message, "was the file edited by hand?", top);
  }
}

/** Writes an observation in its one canonical form, ending with a newline. */
export function writeObservation(observation: Observation): string {
  const replace = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : value;
  const { schema, unit, phases, gaps, seen: entries } = canonical(observation);
  const head = JSON.stringify({ schema, unit, phases, gaps }, replace).slice(0, -1);
  // One action per line: small enough for a fleet, and a difference between two files is a list of actions.
  const lines = entries.map((entry) => `\n${JSON.stringify(entry, replace)}`).join(",");
  return printableJson(`${head},"seen":[${lines}\n]}\n`);
}
