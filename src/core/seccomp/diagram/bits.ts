/**
 * Binary decision diagrams over the bits of one word, most significant bit first, for words that masks cut into too
 * many intervals. Terminals are whatever the word leads to (ids of diagram nodes). Reduced and hash-consed, so two
 * functions are the same exactly when their ids are. Method: Bryant 1986.
 */

/** A node of bits (even) or a terminal (odd). */
export type BitId = number;

/** Hash-consed nodes, each with a summary of how the word's values fall into intervals of equal terminals. */
export interface BitStore {
  readonly bit: number[];
  readonly low: BitId[];
  readonly high: BitId[];
  /** Terminal of the smallest and of the greatest value, and the number of maximal intervals between them. */
  readonly first: BitId[];
  readonly last: BitId[];
  readonly intervals: number[];
  readonly index: Map<number, Map<number, BitId>>;
}

/** A store without nodes. */
export function createBits(): BitStore {
  return { bit: [], low: [], high: [], first: [], last: [], intervals: [], index: new Map() };
}

/** Room for two ids in one exact number. */
const PAIR = 2 ** 26;

/** The terminal that stands for a node of the diagram. */
export function terminal(node: number): BitId {
  return node * 2 + 1;
}

/** Whether an id is a terminal. */
export function isTerminal(id: BitId): boolean {
  return (id & 1) === 1;
}

/** The node of the diagram that a terminal stands for. */
export function nodeOfTerminal(id: BitId): number {
  return id >> 1;
}

/** The highest bit that a function depends on; -1 for a terminal. */
export function bitOf(store: BitStore, id: BitId): number {
  return isTerminal(id) ? -1 : (store.bit[id >> 1] ?? -1);
}

/** The function when its highest bit is 0. */
export function lowOf(store: BitStore, id: BitId): BitId {
  return store.low[id >> 1] ?? id;
}

/** The function when its highest bit is 1. */
export function highOf(store: BitStore, id: BitId): BitId {
  return store.high[id >> 1] ?? id;
}

function firstOf(store: BitStore, id: BitId): BitId {
  return isTerminal(id) ? id : (store.first[id >> 1] ?? id);
}

function lastOf(store: BitStore, id: BitId): BitId {
  return isTerminal(id) ? id : (store.last[id >> 1] ?? id);
}

/** How many maximal intervals the values of `width` bits fall into; exact up to 2^52 only. */
export function intervalsOver(store: BitStore, id: BitId, width: number): number {
  if (isTerminal(id)) {
    return 1;
  }
  const copies = 2 ** (width - 1 - bitOf(store, id));
  const joined = firstOf(store, id) === lastOf(store, id) ? copies - 1 : 0;
  return copies * (store.intervals[id >> 1] ?? 1) - joined;
}

/** The function that is `low` where a bit is 0 and `high` where it is 1; both depend on lower bits only. */
export function bitNode(store: BitStore, bit: number, low: BitId, high: BitId): BitId {
  if (low === high) {
    return low;
  }
  let byPair = store.index.get(bit);
  if (byPair === undefined) {
    byPair = new Map();
    store.index.set(bit, byPair);
  }
  const key = low * PAIR + high;
  const known = byPair.get(key);
  if (known !== undefined) {
    return known;
  }
  const id = store.bit.length * 2;
  byPair.set(key, id);
  const joined = lastOf(store, low) === firstOf(store, high) ? 1 : 0;
  store.bit.push(bit);
  store.low.push(low);
  store.high.push(high);
  store.first.push(firstOf(store, low));
  store.last.push(lastOf(store, high));
  store.intervals.push(intervalsOver(store, low, bit) + intervalsOver(store, high, bit) - joined);
  return id;
}

/** The bits of a function given by the starts of its intervals (ascending from 0) and the node of each. */
export function bitsOfRanges(store: BitStore, starts: readonly number[], targets: readonly number[]): BitId {
  let place = 0;
  const build = (bit: number, base: number): BitId => {
    const end = base + 2 ** (bit + 1);
    if ((starts[place + 1] ?? 2 ** 32) >= end) {
      const id = terminal(targets[place] ?? 0);
      if (starts[place + 1] === end) {
        place += 1;
      }
      return id;
    }
    const low = build(bit - 1, base);
    const high = build(bit - 1, base + 2 ** bit);
    return bitNode(store, bit, low, high);
  };
  return build(31, 0);
}

/** The maximal intervals of a function of 32 bits. Call it only if `intervalsOver` says that they are few. */
export function rangesOfBits(store: BitStore, root: BitId): { readonly starts: number[]; readonly targets: number[] } {
  const starts: number[] = [];
  const targets: number[] = [];
  const visit = (id: BitId, bit: number, base: number): void => {
    if (isTerminal(id)) {
      const node = nodeOfTerminal(id);
      if (targets.at(-1) === node) {
        return;
      }
      starts.push(base);
      targets.push(node);
      return;
    }
    const decides = bitOf(store, id) === bit;
    visit(decides ? lowOf(store, id) : id, bit - 1, base);
    visit(decides ? highOf(store, id) : id, bit - 1, base + 2 ** bit);
  };
  visit(root, 31, 0);
  return { starts, targets };
}

/** The same function with its terminals replaced. `change` is called once for each. */
export function mapTerminals(store: BitStore, root: BitId, change: (node: number) => number): BitId {
  const made = new Map<BitId, BitId>();
  const visit = (id: BitId): BitId => {
    const known = made.get(id);
    if (known !== undefined) {
      return known;
    }
    const result = isTerminal(id)
      ? terminal(change(nodeOfTerminal(id)))
      : bitNode(store, bitOf(store, id), visit(lowOf(store, id)), visit(highOf(store, id)));
    made.set(id, result);
    return result;
  };
  return visit(root);
}
