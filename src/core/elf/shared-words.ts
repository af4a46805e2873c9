/**
 * Memory whose address is known only when the program runs, such as what mmap(2) returned: words stored there, and words waited for.
 * It is how two sides talk that share memory and make no call for it, as a program and the kernel do by a ring.
 */
import type { Argument } from "../action/action.ts";
import { littleEndian } from "../kernel/bytes.ts";
import { constantOf } from "./argument.ts";
import { type Draft, emitPause } from "./emit.ts";

/** An address: the sum of its parts. */
export interface MemoryPlace {
  /** What an earlier step returned, or memory of the program's own. */
  readonly base: Argument;
  /** An unsigned word of 32 bits in the program's own memory: how far behind the base. */
  readonly plus?: { readonly in: Argument; readonly at: number };
  /** How many bytes further. */
  readonly at: number;
}

/** A word that is stored: its lower half, or all of it. */
export interface StoredWord {
  readonly to: MemoryPlace;
  readonly value: Argument;
  readonly size: 4 | 8;
}

/** A signed word of 32 bits, waited for while another side has not yet replaced this one. */
export interface AwaitedWord {
  readonly at: MemoryPlace;
  readonly pending: number;
  /** How often the program looks again, after a moment. */
  readonly patience: number;
}

/** Machines have 64 bits. */
const WORD = 8;

/** Where it lies at run time what an argument is: a constant is placed in memory first. */
function addressOf({ memory }: Draft, argument: Argument): number {
  return argument.kind === "result"
    ? memory.result(argument.of)
    : memory.bytes(littleEndian(constantOf(argument, WORD, memory), WORD));
}

/** The result becomes the address of a place, but for its last part. */
function emitAddress(draft: Draft, { base, plus }: MemoryPlace): void {
  draft.code.loadResult(addressOf(draft, base));
  if (plus !== undefined) {
    draft.code.addWord(Number(constantOf(plus.in, WORD, draft.memory)) + plus.at);
  }
}

/** Stores words, one after the other. The result is lost. */
export function emitStores(draft: Draft, stores: readonly StoredWord[]): void {
  for (const { to, value, size } of stores) {
    const from = addressOf(draft, value);
    emitAddress(draft, to);
    draft.code.copyTo(to.at, from, size);
  }
}

/** The result becomes the word, as it is after the wait. `mark`: a name that no other code uses. */
export function emitAwaited(draft: Draft, name: string, { at, pending, patience }: AwaitedWord, mark: string): void {
  const { code } = draft;
  code.label(`${mark} look`);
  emitAddress(draft, at);
  code.followWord(at.at);
  code.jumpIf("not-equal", pending, `${mark} come`);
  emitPause(draft, `${name} pauses`, patience, `${mark} look`, mark);
  code.setResult(BigInt(pending));
  code.label(`${mark} come`);
}
