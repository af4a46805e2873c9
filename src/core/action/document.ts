/**
 * An observation as a JSON text, `cloison.observation/2`, and back; `cloison.observation/1` is read as well. The text is canonical: equal observations are equal
 * texts. Numbers of calls are hexadecimal texts, since JSON's own would lose bits above 2^53.
 */
import type { Parsed } from "../diagnostic/diagnostic.ts";
import {
  byTag,
  type Decode,
  flag,
  integer,
  known,
  list,
  matching,
  memberOf,
  object,
  oneOf,
  readDocument,
  refuse,
  text,
} from "../json/decode.ts";
import { printableJson } from "../json/printable.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { isErrnoName } from "../kernel/errno.ts";
import { NAMESPACE_KINDS } from "../kernel/namespace.ts";
import { isSyscallName } from "../kernel/syscalls/syscall.ts";
import {
  type Argument,
  type Call,
  type FileFacts,
  type Identity,
  type Need,
  type NoCall,
  type Observation,
  type Peak,
  PROCESS_OPERATIONS,
  type ProcessFacts,
  type Seen,
  type SeenAction,
} from "./action.ts";
import type { Gap } from "./gap.ts";
import { canonical } from "./merge.ts";
import { PHASES } from "./order.ts";

const SCHEMA = "cloison.observation/2";
const SCHEMA_BEFORE = "cloison.observation/1";

const id = integer(0, 0xffffffff);
const mode = integer(0, 0o7777);
const capability = oneOf(...CAPABILITIES);
const phase = oneOf(...PHASES);

const number: Decode<bigint> = (value, at) =>
  BigInt(matching(/^0x[0-9a-f]{1,16}$/, "a hexadecimal number of 64 bits, as 0x1f")(value, at));

/** Deeper arrays of addresses than a probe ever needs are refused: reading recurses. */
const DEEPEST = 8;

function argument(depth: number): Decode<Argument> {
  const shapes: Decode<Argument> = byTag<"kind", Argument>("kind", {
    number: object({ kind: oneOf("number"), value: number }),
    text: object({ kind: oneOf("text"), text }),
    bytes: object({ kind: oneOf("bytes"), bytes: list(integer(0, 255)) }),
    room: object({ kind: oneOf("room"), size: id, name: text }, ["name"]),
    pointers: object({
      kind: oneOf("pointers"),
      to: (value, at) => (depth === 0 ? refuse(value, at, "less deep") : list(argument(depth - 1))(value, at)),
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
  {
    uid: id,
    gid: id,
    relation: oneOf("self", "unit", "neighbour", "init"),
    capabilities: list(capability),
    userNamespace: object({ owner: id }),
  },
  ["capabilities", "userNamespace"],
);

const path = matching(/^\//, "an absolute path");

const need = byTag<"kind", Need>("kind", {
  path: object(
    {
      kind: oneOf("path"),
      path,
      access: oneOf("read", "write", "create", "remove", "execute", "change", "look"),
      file,
      process,
    },
    ["file", "process"],
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
  process: object({ kind: oneOf("process"), operation: oneOf(...PROCESS_OPERATIONS), target: process }),
  ipc: object({ kind: oneOf("ipc"), object: oneOf("sysv", "mqueue"), uid: id, mode }),
  "real-time": object(
    { kind: oneOf("real-time"), policy: oneOf("SCHED_FIFO", "SCHED_RR", "SCHED_DEADLINE"), priority: id },
    ["policy", "priority"],
  ),
  "locked-memory": object({ kind: oneOf("locked-memory"), bytes: integer(0, Number.MAX_SAFE_INTEGER) }),
  gain: object({ kind: oneOf("gain"), uid: id }, ["uid"]),
  keyring: object({ kind: oneOf("keyring"), keyring: oneOf("session", "user") }),
  trust: object({ kind: oneOf("trust"), address: text }),
});

const ok: Decode<Seen["result"]> = (value, at) =>
  value.kind === "string" && value.value === "ok"
    ? "ok"
    : known(isErrnoName, '"ok" or the name of an error')(value, at);

const someCall = object<Call>(
  {
    abi: oneOf("x86_64", "i386", "x32"),
    name: known(isSyscallName, "the name of a system call"),
    arguments: list(argument(DEEPEST)),
    through: oneOf("ring"),
  },
  ["through"],
);
const noCall = object<NoCall>({ kind: oneOf("none") });
const call: Decode<Call | NoCall> = (value, at) =>
  (memberOf(value, "kind") === undefined ? someCall : noCall)(value, at);

function seenWith(action: Decode<SeenAction>): Decode<Seen> {
  return object<Seen>({
    action,
    result: ok,
    phases: list(phase),
    identities: list(object<Identity>({ uid: id, gid: id })),
    executables: list(path),
    count: integer(0, Number.MAX_SAFE_INTEGER),
    hosts: list(matching(/^[0-9a-f]+$/, "a hexadecimal hash")),
  });
}

const count = integer(0, Number.MAX_SAFE_INTEGER);
const callName = known(isSyscallName, "the name of a system call");

function plainGap<C extends Gap["code"]>(code: C): Decode<{ readonly code: C; readonly count: number }> {
  return object<{ readonly code: string; readonly count: number }>({ code: oneOf(code), count }) as never;
}

const gap = byTag<"code", Gap>("code", {
  record: plainGap("record"),
  call: object({ code: oneOf("call"), call: callName, count }),
  "unknown-call": object({ code: oneOf("unknown-call"), name: text, count }),
  "not-begun": plainGap("not-begun"),
  path: object({ code: oneOf("path"), call: callName, count }),
  flags: object({ code: oneOf("flags"), call: callName, count }),
  "io-uring": plainGap("io-uring"),
  unit: plainGap("unit"),
  orphans: plainGap("orphans"),
  "capabilities-lost": plainGap("capabilities-lost"),
  "capabilities-ended": plainGap("capabilities-ended"),
  "capabilities-untried": plainGap("capabilities-untried"),
  told: object({ code: oneOf("told"), reason: text, count }),
});

const current = object<Observation>(
  {
    schema: oneOf(SCHEMA),
    unit: text,
    seen: list(seenWith(object<SeenAction>({ call, needs: list(need) }))),
    gaps: list(gap),
    phases: list(phase),
    peak: object<Peak>({ tasks: count, memory: count, files: count }),
  },
  ["peak"],
);

/** Version 1 wrote this call, which every filter lets through, where there was none. */
const STAND_IN = "restart_syscall";

const actionBefore: Decode<SeenAction> = (value, at) => {
  const action = object<{ readonly call: Call; readonly needs: readonly Need[] }>({
    call: someCall,
    needs: list(need),
  })(value, at);
  const none = action.call.name === STAND_IN && action.needs.length > 0;
  return none ? { call: { kind: "none" }, needs: action.needs } : action;
};

const gapBefore: Decode<Gap> = (value, at) => ({
  code: "told",
  ...object<{ readonly reason: string; readonly count: number }>({ reason: text, count })(value, at),
});

const before: Decode<Observation> = (value, at) => ({
  schema: SCHEMA,
  ...object<Omit<Observation, "schema" | "peak">>({
    unit: text,
    seen: list(seenWith(actionBefore)),
    gaps: list(gapBefore),
    phases: list(phase),
  })(value, at),
});

/**
 * Reads an observation. `file` is the file's name for diagnostics: `observation-json` (not JSON, or cut off),
 * `observation-schema` (another document or version), `observation-shape` (a field that is missing or wrong).
 *
 * @example
 * import { readObservation } from "cloison";
 * import assert from "node:assert";
 * const read = readObservation('{"schema":"cloison.observation/2",\n "unit":7}', "a.json");
 * assert.equal(read.ok, false);
 * assert.equal(read.diagnostics[0]?.message, "observation.unit is not a string");
 * assert.deepEqual(read.diagnostics[0]?.span, { file: "a.json", line: 2, column: 9 });
 */
export function readObservation(source: string, file = "observation.json"): Parsed<Observation> {
  return readDocument(source, file, {
    name: "observation",
    writer: "cloison observe",
    help: "was the file edited by hand?",
    versions: [
      { schema: SCHEMA, decode: (value, at) => canonical(current(value, at)) },
      { schema: SCHEMA_BEFORE, decode: (value, at) => canonical(before(value, at)) },
    ],
  });
}

/** Writes an observation in its one canonical form, ending with a newline. */
export function writeObservation(observation: Observation): string {
  const replace = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : value;
  const { schema, unit, phases, gaps, peak, seen: entries } = canonical(observation);
  const head = JSON.stringify({ schema, unit, phases, gaps, peak }, replace).slice(0, -1);
  // One action per line: small enough for a fleet, and a difference between two files is a list of actions.
  const lines = entries.map((entry) => `\n${JSON.stringify(entry, replace)}`).join(",");
  return printableJson(`${head},"seen":[${lines}\n]}\n`);
}
