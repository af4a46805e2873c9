/** The longest mask tests in the bits of a word: how both programs and people tell bits apart. */
import { type BitId, type BitStore, bitOf, highOf, isTerminal, lowOf } from "./bits.ts";

/** A run of bits any of which leads to the same node if it differs: `(word & mask) == value ? pass : fail`. */
export interface Cube {
  readonly mask: number;
  readonly value: number;
  readonly pass: BitId;
  readonly fail: BitId;
}

/** The longest run of bits from a node on, if a bit that fails leads to its low (or high) side. */
function cubeFrom(bits: BitStore, root: BitId, failsLow: boolean): Cube & { readonly length: number } {
  const fail = failsLow ? lowOf(bits, root) : highOf(bits, root);
  let [mask, value, length, at] = [0, 0, 0, root];
  while (!isTerminal(at)) {
    const bit = 2 ** bitOf(bits, at);
    const [low, high] = [lowOf(bits, at), highOf(bits, at)];
    if (low !== fail && high !== fail) {
      break;
    }
    mask += bit;
    length += 1;
    if (low === fail) {
      value += bit;
    }
    at = low === fail ? high : low;
  }
  return { mask, value, length, pass: at, fail };
}

/** The longest test by mask that a node of bits begins with. */
export function cubeOf(bits: BitStore, root: BitId): Cube {
  const [a, b] = [cubeFrom(bits, root, true), cubeFrom(bits, root, false)];
  return b.length >= a.length ? b : a;
}
