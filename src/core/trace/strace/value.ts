/** Turns an argument as strace prints it into a value. Facts: strace(1), output of strace 6.13 with and without `-X raw`. */
import type { Instruction, Program } from "../../bpf/instruction.ts";
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { flagsOfText } from "../../kernel/flags.ts";
import type { Value } from "../call/value.ts";
import { type Names, namesOf } from "./names.ts";
import { type Printed, readPrinted } from "./printed.ts";
import { socketAddress } from "./socket-address.ts";

const UNREAD: Value = { kind: "unread" };
const NULL: Value = { kind: "number", value: 0n };
const WORKING_DIRECTORY: Value = { kind: "number", value: BigInt(AT_FDCWD) };

/** A pid as strace itself sees it, which it prints beside the one that the process sees. */
const OUTSIDE = /\/\* (\d+) in strace's PID NS \*\//;

/** Reads one argument of a call, or what it returned: `call` and `index` say which names may stand there. */
export function readValue(text: string, call = "", index = -1): Value {
  const printed = readPrinted(text);
  if (printed.kind === "number") {
    // Only pids have such a comment; the cheap test comes first, since few arguments have any comment.
    const outside = text.includes("/*") ? OUTSIDE.exec(text)?.[1] : undefined;
    return outside === undefined
      ? printed
      : { kind: "process", number: Number(printed.value), outside: Number(outside) };
  }
  const names = printed.kind === "text" || printed.kind === "descriptor" ? undefined : namesOf(call, index);
  if (names === undefined || "own" in names) {
    return meant(printed, names?.own);
  }
  return printed.kind === "fields" ? structure(printed.fields, names.fields) : meant(printed);
}

function meant(printed: Printed, names?: Names): Value {
  switch (printed.kind) {
    case "number":
    case "descriptor":
      return printed;
    case "text":
      return { kind: "text", text: printed.text, cut: printed.cut };
    case "list":
      return { kind: "list", items: printed.items.map((item) => meant(item)) };
    case "fields":
      return structure(printed.fields);
    case "word":
      return meantByWord(printed.text, names);
    case "call":
      return UNREAD;
  }
}

function meantByWord(word: string, names: Names | undefined): Value {
  if (word === "NULL") {
    return NULL;
  }
  if (word === "AT_FDCWD") {
    return WORKING_DIRECTORY;
  }
  const number = names === undefined ? undefined : flagsOfText(names, word);
  return number === undefined ? UNREAD : { kind: "number", value: BigInt(number) };
}

function structure(fields: ReadonlyMap<string, Printed>, names: Readonly<Record<string, Names>> = {}): Value {
  if (fields.has("sa_family")) {
    const address = socketAddress(fields);
    return address === undefined ? UNREAD : { kind: "address", ...address };
  }
  const filter = fields.get("filter");
  if (filter !== undefined && fields.has("len")) {
    return { kind: "filter", program: programOf(fields.get("len"), filter) };
  }
  return { kind: "fields", fields: new Map([...fields].map(([name, field]) => [name, meant(field, names[name])])) };
}

/** A number up to `most`; undefined for all else. */
function numberUpTo(most: number, printed: Printed | undefined): number | undefined {
  const value = printed?.kind === "number" ? Number(printed.value) : -1;
  return value >= 0 && value <= most ? value : undefined;
}

/** `BPF_STMT(0x6|0, 0x7fff0000)` or `BPF_JUMP(0x5|0|0x10, 0xa9, 0, 0x1)`. */
function instructionOf(printed: Printed): Instruction | undefined {
  if (printed.kind !== "call") {
    return undefined;
  }
  const expected = { BPF_STMT: 2, BPF_JUMP: 4 }[printed.name];
  const code = numberUpTo(0xffff, printed.items[0]);
  const k = numberUpTo(0xffffffff, printed.items[1]);
  const jumps = printed.items.slice(2).map((item) => numberUpTo(0xff, item));
  if (printed.items.length !== expected || code === undefined || k === undefined) {
    return undefined;
  }
  if (jumps.includes(undefined)) {
    return undefined;
  }
  return { code, jt: jumps[0] ?? 0, jf: jumps[1] ?? 0, k };
}

/** The program of a filter; undefined where strace could not or would not print all of it. */
function programOf(length: Printed | undefined, filter: Printed): Program | undefined {
  if (filter.kind !== "list") {
    return undefined;
  }
  const program = filter.items.map(instructionOf).filter((each) => each !== undefined);
  return program.length === filter.items.length && program.length === numberUpTo(0xffff, length) ? program : undefined;
}
