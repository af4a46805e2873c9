/**
 * What is said through a box's entrance. Outwards: a request, which the keeper's usher reads to a fixed address, so that every
 * pointer in it is made here. Inwards: answers of sixteen bytes, made by a box that may be hostile, so nothing of them is believed
 * beyond what a program could say of its own end anyway.
 *
 *     size, directory, changesUser, groupCount, groups, gid, uid, argv, environment, candidates …, 0    words of 64 bits
 *     then the arrays and the texts that these point to
 */
import { SystemError } from "../../linux/system-error.ts";

/** Offsets of the words of a request. */
export const REQUEST = {
  size: 0,
  directory: 8,
  changesUser: 16,
  groupCount: 24,
  groups: 32,
  gid: 40,
  uid: 48,
  argv: 56,
  environment: 64,
  candidates: 72,
} as const;

/** The largest request; execve(2) itself takes at most 6 MiB, and far less with the usual limit of the stack. */
export const REQUEST_ROOM: number = 4 << 20;

/** The first word of an answer. The value is a wait status (`ended`), else a negative errno; `begun` has none. */
export const ANSWERS = { begun: 7, ended: 1, noGroup: 2, noFork: 3, noDirectory: 4, noUser: 5, noProgram: 6 } as const;

/** As whom a program runs. */
export interface RunIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What a program needs to be started. */
export interface Request {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Undefined: as the box's PID 1. */
  readonly identity: RunIdentity | undefined;
}

/** How a run ended, as the box says. */
export type EntranceAnswer =
  | { readonly kind: "ended"; readonly status: number }
  | {
      readonly kind: "refused";
      readonly step: "group" | "fork" | "directory" | "user" | "program";
      readonly errno: number;
    };

const ANSWER_BYTES = 16;

/** The bytes of a request that will lie at `address`. Throws a SystemError for what no program can be given. */
export function encodeRequest(request: Request, address: number): Buffer {
  const candidates = candidatesOf(request);
  const argv = request.argv;
  const environment = Object.entries(request.environment).map(([name, value]) => `${name}=${value}`);
  const groups = request.identity?.groups ?? [];
  const texts = [request.directory, ...candidates, ...argv, ...environment].map(textOf);
  const words = REQUEST.candidates / 8 + candidates.length + 1 + argv.length + 1 + environment.length + 1;
  const groupsAt = 8 * words;
  const textsAt = groupsAt + 4 * groups.length;
  const size = texts.reduce((sum, text) => sum + text.length, textsAt);
  if (size > REQUEST_ROOM) {
    throw new SystemError("run in the box", {
      reason: `arguments and environment take more than ${REQUEST_ROOM >> 20} MiB`,
    });
  }
  const bytes = Buffer.alloc(size);
  const word = (offset: number, value: number) => bytes.writeBigUInt64LE(BigInt(value), offset);
  let text = textsAt;
  const pointers = texts.map((each) => {
    each.copy(bytes, text);
    text += each.length;
    return address + text - each.length;
  });
  const candidatesAt = REQUEST.candidates;
  const argvAt = candidatesAt + 8 * (candidates.length + 1);
  const environmentAt = argvAt + 8 * (argv.length + 1);
  const array = (offset: number, from: number, count: number) => {
    for (let index = 0; index < count; index += 1) {
      word(offset + 8 * index, pointers[from + index] ?? 0);
    }
  };
  array(candidatesAt, 1, candidates.length);
  array(argvAt, 1 + candidates.length, argv.length);
  array(environmentAt, 1 + candidates.length + argv.length, environment.length);
  for (const [index, group] of groups.entries()) {
    bytes.writeUInt32LE(group, groupsAt + 4 * index);
  }
  word(REQUEST.size, size);
  word(REQUEST.directory, pointers[0] ?? 0);
  word(REQUEST.changesUser, request.identity === undefined ? 0 : 1);
  word(REQUEST.groupCount, groups.length);
  word(REQUEST.groups, address + groupsAt);
  word(REQUEST.gid, request.identity?.gid ?? 0);
  word(REQUEST.uid, request.identity?.uid ?? 0);
  word(REQUEST.argv, address + argvAt);
  word(REQUEST.environment, address + environmentAt);
  return bytes;
}

function textOf(text: string): Buffer {
  if (text.includes("\0")) {
    throw new SystemError("run in the box", { reason: "an argument or a variable contains a NUL byte" });
  }
  return Buffer.from(`${text}\0`, "utf8");
}

/** Where the program may be: itself if it has a slash, else in every directory of the environment's PATH. */
function candidatesOf({ argv, environment }: Request): readonly string[] {
  const program = argv[0];
  if (program === undefined) {
    throw new TypeError("run in the box: empty argv");
  }
  if (program.includes("/")) {
    return [program];
  }
  return (environment.PATH ?? "").split(":").map((directory) => `${directory === "" ? "." : directory}/${program}`);
}

/** What was said of the start or the end; undefined before either, and for what is no answer. */
export function decodeAnswer(bytes: Uint8Array): EntranceAnswer | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let refused: EntranceAnswer | undefined;
  for (let at = 0; at + ANSWER_BYTES <= bytes.length; at += ANSWER_BYTES) {
    const kind = Number(view.getBigUint64(at, true));
    if (kind === ANSWERS.begun) {
      continue;
    }
    if (kind === ANSWERS.ended) {
      return refused ?? { kind: "ended", status: view.getUint32(at + 8, true) };
    }
    const step = STEPS.get(kind);
    if (step === undefined) {
      return undefined;
    }
    refused ??= { kind: "refused", step, errno: Number(-view.getBigInt64(at + 8, true) & 0xfffn) };
  }
  return refused;
}

const STEPS = new Map<number, Extract<EntranceAnswer, { kind: "refused" }>["step"]>([
  [ANSWERS.noGroup, "group"],
  [ANSWERS.noFork, "fork"],
  [ANSWERS.noDirectory, "directory"],
  [ANSWERS.noUser, "user"],
  [ANSWERS.noProgram, "program"],
]);
