/**
 * What a register may hold while a program is followed for all inputs at once: a constant, bits of one word of the data
 * (masked, shifted, inverted), or such a word plus a constant; anything else is unknown. Semantics: net/core/filter.c.
 */
import { OPCODES } from "../../bpf/opcode.ts";
import { branchNode } from "./combine.ts";
import { above, between, masked, not } from "./condition.ts";
import { type Diagrams, leafNode, NO, type NodeId, YES } from "./diagram.ts";

/** The content of a register. */
export type Content =
  | { readonly kind: "constant"; readonly value: number }
  /** `((word & mask) shifted by shift) ^ flip`; a positive shift is to the left. Bits shifted out are not in the mask. */
  | {
      readonly kind: "word";
      readonly word: number;
      readonly mask: number;
      readonly shift: number;
      readonly flip: number;
    }
  /** `word + offset`, modulo 2^32. */
  | { readonly kind: "sum"; readonly word: number; readonly offset: number }
  | { readonly kind: "unknown"; readonly at: number; readonly reason: string };

/** A constant. */
export function constant(value: number): Content {
  return { kind: "constant", value: value >>> 0 };
}

/** A whole word of the data. */
export function wholeWord(word: number): Content {
  return { kind: "word", word, mask: 0xffffffff, shift: 0, flip: 0 };
}

function shifted(value: number, by: number): number {
  if (by >= 32 || by <= -32) {
    return 0;
  }
  return (by >= 0 ? value << by : value >>> -by) >>> 0;
}

type Word = Extract<Content, { kind: "word" }>;

function isWhole({ mask, shift, flip }: Word): boolean {
  return mask === 0xffffffff && shift === 0 && flip === 0;
}

/** A word with an empty mask is a constant. */
function normal(word: Word): Content {
  return word.mask === 0 ? constant(word.flip) : word;
}

function calculate(operation: number, a: number, k: number): number | undefined {
  switch (operation) {
    case OPCODES.ADD:
      return a + k;
    case OPCODES.SUB:
      return a - k;
    case OPCODES.MUL:
      return Math.imul(a, k);
    case OPCODES.DIV:
      return k === 0 ? undefined : Math.floor(a / k);
    case OPCODES.OR:
      return a | k;
    case OPCODES.AND:
      return a & k;
    case OPCODES.LSH:
      return k < 32 ? a << k : undefined;
    case OPCODES.RSH:
      return k < 32 ? a >>> k : undefined;
    case OPCODES.XOR:
      return a ^ k;
    default:
      return undefined;
  }
}

function onWord(operation: number, content: Word, k: number): Content | undefined {
  const { mask, shift, flip } = content;
  switch (operation) {
    case OPCODES.AND:
      return normal({ ...content, mask: (mask & shifted(k, -shift)) >>> 0, flip: (flip & k) >>> 0 });
    case OPCODES.OR:
      return normal({ ...content, mask: (mask & shifted(~k >>> 0, -shift)) >>> 0, flip: (flip | k) >>> 0 });
    case OPCODES.XOR:
      return { ...content, flip: (flip ^ k) >>> 0 };
    case OPCODES.LSH:
      return k < 32 ? moved(content, k) : undefined;
    case OPCODES.RSH:
      return k < 32 ? moved(content, -k) : undefined;
    case OPCODES.ADD:
      return isWhole(content) ? { kind: "sum", word: content.word, offset: k } : undefined;
    case OPCODES.SUB:
      return isWhole(content) ? { kind: "sum", word: content.word, offset: -k >>> 0 } : undefined;
    default:
      return undefined;
  }
}

function moved(content: Word, by: number): Content {
  const { mask, shift, flip } = content;
  const survives = shifted(shifted(0xffffffff, by), -by - shift);
  return normal({ ...content, mask: (mask & survives) >>> 0, shift: shift + by, flip: shifted(flip, by) });
}

function onSum(operation: number, word: number, offset: number, k: number): Content | undefined {
  if (operation !== OPCODES.ADD && operation !== OPCODES.SUB) {
    return undefined;
  }
  const next = (operation === OPCODES.ADD ? offset + k : offset - k) >>> 0;
  return next === 0 ? wholeWord(word) : { kind: "sum", word, offset: next };
}

/** The result of an ALU operation with a constant; undefined if it cannot be represented. */
export function calculated(operation: number, content: Content, k: number): Content | undefined {
  switch (content.kind) {
    case "constant": {
      const value = calculate(operation, content.value, k);
      return value === undefined ? undefined : constant(value);
    }
    case "word":
      return onWord(operation, content, k);
    case "sum":
      return onSum(operation, content.word, content.offset, k);
    case "unknown":
      return content;
  }
}

const flag = (value: boolean): NodeId => (value ? YES : NO);

function testConstant(jump: number, value: number, k: number): NodeId {
  switch (jump) {
    case OPCODES.JEQ:
      return flag(value === k);
    case OPCODES.JGT:
      return flag(value > k);
    case OPCODES.JGE:
      return flag(value >= k);
    default:
      return flag((value & k) !== 0);
  }
}

/** The bits of a content in `within` equal those of `value`. */
function bitsEqual(diagrams: Diagrams, content: Word, within: number, value: number): NodeId {
  const { word, mask, shift, flip } = content;
  const wanted = ((value ^ flip) & within) >>> 0;
  const reachable = shifted(mask, shift);
  if ((wanted & ~reachable) !== 0) {
    return NO;
  }
  const tested = (mask & shifted(within, -shift)) >>> 0;
  return masked(diagrams, word, tested, (shifted(wanted, -shift) & tested) >>> 0);
}

/** The content is greater than `k`, bit by bit from the lowest. */
function bitsAbove(diagrams: Diagrams, content: Word, k: number): NodeId {
  let result: NodeId = NO;
  for (let bit = 0; bit < 32; bit += 1) {
    const set = bitsEqual(diagrams, content, (1 << bit) >>> 0, (1 << bit) >>> 0);
    result = ((k >>> bit) & 1) === 1 ? branchNode(diagrams, set, result, NO) : branchNode(diagrams, set, YES, result);
  }
  return result;
}

function testWord(diagrams: Diagrams, jump: number, content: Word, k: number): NodeId {
  switch (jump) {
    case OPCODES.JEQ:
      return bitsEqual(diagrams, content, 0xffffffff, k);
    case OPCODES.JSET:
      return not(diagrams, bitsEqual(diagrams, content, k, 0));
    case OPCODES.JGT:
      return isWhole(content) ? above(diagrams, content.word, k) : bitsAbove(diagrams, content, k);
    default:
      return k === 0 ? YES : testWord(diagrams, OPCODES.JGT, content, k - 1);
  }
}

/** The word lies in an interval that may wrap around. */
function around(diagrams: Diagrams, word: number, from: number, to: number): NodeId {
  if (from <= to) {
    return between(diagrams, word, from, to);
  }
  return to + 1 === from ? YES : not(diagrams, between(diagrams, word, to + 1, from - 1));
}

function testSum(diagrams: Diagrams, jump: number, word: number, offset: number, k: number): NodeId | undefined {
  const less = (value: number): number => (value - offset) >>> 0;
  switch (jump) {
    case OPCODES.JEQ:
      return around(diagrams, word, less(k), less(k));
    case OPCODES.JGE:
      return around(diagrams, word, less(k), less(0xffffffff));
    case OPCODES.JGT:
      return k === 0xffffffff ? NO : around(diagrams, word, less(k + 1), less(0xffffffff));
    default:
      return undefined;
  }
}

/** Where a conditional jump with a constant is taken; undefined if that cannot be represented. */
export function tested(diagrams: Diagrams, jump: number, content: Content, k: number): NodeId | undefined {
  switch (content.kind) {
    case "constant":
      return testConstant(jump, content.value, k);
    case "word":
      return testWord(diagrams, jump, content, k);
    case "sum":
      return testSum(diagrams, jump, content.word, content.offset, k);
    case "unknown":
      return leafNode(diagrams, content);
  }
}
