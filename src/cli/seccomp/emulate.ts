/** `cloison seccomp emulate`: what a filter answers to a call, or to many. */
import type { SeccompData } from "../../core/bpf/data.ts";
import { emulate as emulateFilter } from "../../core/bpf/emulate.ts";
import { meaningOf, meaningText } from "../../core/bpf/return-value.ts";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { abiOf, numberOf, X32_SYSCALL_BIT } from "../../core/kernel/syscalls/syscall.ts";
import type { Filter } from "../../core/seccomp/filter/filter.ts";
import type { Arguments, Context, Verb, VerbOutcome } from "../verb.ts";
import { auditOfWord } from "./architecture.ts";
import { programOf, readOne } from "./source.ts";

export const emulate: Verb = {
  name: "emulate",
  summary: "Runs a filter on a call, or on many from standard input, and prints what it answers.",
  usage: "F.bpf --arch A --nr N|NAME [--args 0x…,…] | F.bpf --stdin",
  operands: { min: 1, max: 1, completes: ["file"] },
  schemas: ["cloison.answer/1", "cloison.answers/1"],
  options: {
    arch: {
      type: "string",
      value: "A",
      help: "architecture of the call, by name or AUDIT_ARCH number (x32 by name: it has x86_64's)",
    },
    nr: { type: "string", value: "N|NAME", help: "the call; under x32 a number may leave out bit 30" },
    args: { type: "string", value: "WORD,…", multiple: true, help: "its arguments, up to six; the others are 0" },
    ip: { type: "string", value: "WORD", help: "its instruction pointer" },
    stdin: { type: "boolean", help: 'one call a line: {"arch": …, "nr": …, "args": ["0x…", …]}, one action a line' },
  },
  examples: [
    "cloison seccomp emulate docker.bpf --arch x86_64 --nr personality --args 0x20008",
    "cloison seccomp emulate docker.bpf --stdin < calls.jsonl",
  ],
  run,
};

/** One answer. */
interface Answer {
  readonly action: string;
  readonly value: number;
  readonly at: number;
  readonly steps: number;
}

function answer({ program, littleEndian = true }: Extract<Filter, { kind: "program" }>, data: SeccompData): Answer {
  const outcome = emulateFilter(program, data, littleEndian);
  // A filter that was accepted always returns; see readOne.
  if (outcome.kind === "fault") {
    throw inputError("bpf-fault", `instruction ${outcome.at}: ${outcome.reason}`);
  }
  const { value, at, steps } = outcome;
  return { action: meaningText(meaningOf(value)), value, at, steps };
}

async function run({ arguments: given, tell }: Context): Promise<VerbOutcome> {
  const words = { ...given, many: (name: string) => (name === "arch" ? [] : given.many(name)) };
  const word = given.operands[0] ?? "";
  if (given.flag("stdin") && word === "-") {
    throw inputError("usage", "--stdin: the filter must then be a file");
  }
  const filter = programOf(await readOne(word, words));
  if (given.flag("stdin")) {
    return answerMany(filter, given.flag("json") ? undefined : tell);
  }
  const found = answer(filter, dataOf(given));
  return { status: 0, text: found.action, json: { schema: "cloison.answer/1", ...found } };
}

/** Lines are answered as they come, so that another program can ask as it goes. */
async function answerMany(
  filter: Extract<Filter, { kind: "program" }>,
  tell: ((line: string) => void) | undefined,
): Promise<VerbOutcome> {
  const all: Answer[] = [];
  let line = 0;
  // Once nobody reads the answers any more, as in `emulate --stdin | head`, those who ask might still go on for ever.
  let unread = false;
  process.stdout.once("error", () => {
    unread = true;
  });
  for await (const text of linesOf(process.stdin)) {
    line += 1;
    if (text.trim() === "") {
      continue;
    }
    const found = answer(filter, parseCall(text, line));
    if (tell === undefined) {
      all.push(found);
    } else {
      tell(found.action);
    }
    if (unread) {
      break;
    }
  }
  return { status: 0, text: "", json: { schema: "cloison.answers/1", answers: all } };
}

/** Longer lines than this are no calls. */
const LONGEST_LINE = 1 << 16;

async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + part.toString()).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > LONGEST_LINE) {
      throw inputError("usage", "--stdin: a line is too long to be a call");
    }
  }
  if (rest !== "") {
    yield rest;
  }
}

function parseCall(text: string, line: number): SeccompData {
  const wrong = (message: string): Error =>
    inputError("usage", `<stdin>:${line}: ${message}`, '{"arch": "x86_64", "nr": 59, "args": ["0x0", …]}');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw wrong("this is no JSON");
  }
  if (typeof value !== "object" || value === null) {
    throw wrong("this is no object");
  }
  const { arch, nr, args = [], ip } = value as { readonly [field: string]: unknown };
  const audit = typeof arch === "string" || typeof arch === "number" ? auditOfWord(arch) : undefined;
  if (audit === undefined) {
    throw wrong(`there is no architecture ${JSON.stringify(arch)}`);
  }
  const number = typeof nr === "string" || typeof nr === "number" ? numberFor(audit, arch, nr) : undefined;
  if (number === undefined) {
    throw wrong(`there is no call ${JSON.stringify(nr)}`);
  }
  const words = Array.isArray(args) && args.length <= 6 ? args.map(wordOf) : [undefined];
  const pointer = ip === undefined ? 0n : wordOf(ip);
  if (words.includes(undefined) || pointer === undefined) {
    throw wrong("args are up to six words of 64 bits");
  }
  return { arch: audit, nr: number, args: words.map((word) => word ?? 0n), instructionPointer: pointer };
}

/** A word of 64 bits from text or a whole number; negative ones stand for their two's complement. */
function wordOf(value: unknown): bigint | undefined {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string") {
    return undefined;
  }
  const [, sign, digits] = /^(-?)(0x[0-9a-fA-F]{1,16}|\d{1,20})$/.exec(text.trim()) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  const word = BigInt(digits);
  if (word >= 2n ** 64n) {
    return undefined;
  }
  return BigInt.asUintN(64, sign === "-" ? -word : word);
}

/** A number of 32 bits, signed or not. */
function wholeNumber(nr: string | number): number | undefined {
  if (typeof nr === "string" && !/^-?(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(nr)) {
    return undefined;
  }
  const number = typeof nr === "string" && nr.startsWith("-") ? -Number(nr.slice(1)) : Number(nr);
  return Number.isInteger(number) && number >= -(2 ** 31) && number < 2 ** 32 ? number : undefined;
}

/**
 * A number as it is, or that of a name. Of x32, which is nothing but bit 30 of a number of x86_64's architecture, names and
 * numbers have the bit, also where a person has left it out.
 */
function numberFor(audit: number, arch: unknown, nr: string | number): number | undefined {
  const abi = arch === "x32" ? "x32" : abiOf(audit, 0);
  const named = abi === undefined || typeof nr === "number" ? undefined : numberOf(abi, nr);
  const number = named ?? wholeNumber(nr);
  return abi === "x32" && number !== undefined && number >= 0 && number < X32_SYSCALL_BIT
    ? number + X32_SYSCALL_BIT
    : number;
}

function dataOf(given: Arguments): SeccompData {
  const [arch, nr] = [given.one("arch"), given.one("nr")];
  if (arch === undefined || nr === undefined) {
    throw inputError(
      "usage",
      "seccomp emulate: no call given",
      "name one with --arch and --nr, or pass many with --stdin",
    );
  }
  const audit = auditOfWord(arch);
  if (audit === undefined) {
    throw inputError("usage", `--arch: there is no architecture '${arch}'`);
  }
  const number = numberFor(audit, arch, nr);
  if (number === undefined) {
    throw inputError("usage", `--nr: ${arch} has no call '${nr}'`, "a number or a name");
  }
  const args = given.many("args").flatMap((value) => value.split(/[\s,]+/).filter((word) => word !== ""));
  const words = [...args, given.one("ip") ?? "0"].map((text) => {
    const word = wordOf(text);
    if (word === undefined) {
      throw inputError("usage", `'${text}' is not a 64-bit number`, "for example 0x10 or 16");
    }
    return word;
  });
  if (args.length > 6) {
    throw inputError("usage", "--args: a call takes at most six arguments");
  }
  return { arch: audit, nr: number, args: words.slice(0, -1), instructionPointer: words.at(-1) ?? 0n };
}
