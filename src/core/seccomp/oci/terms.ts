/**
 * Ordered rules as what a profile can say: entries without order, each with at most one test of an argument (runtimes
 * join several by "or"). Whatever two tests of one argument say together is said by masks: any interval is a few dozen
 * aligned blocks, and a block is a mask.
 */
import { OPPOSITE } from "../comparison.ts";
import type { Condition, Rule } from "../policy.ts";
import { valueOfAction } from "../return-value.ts";

/** Tests that hold together, at most one of each argument. */
export type Term = readonly Condition[];

/** All values whose bits in `mask` are those of `value`. */
interface Cube {
  readonly mask: bigint;
  readonly value: bigint;
}

/** As many terms one rule may come to. */
const MOST_TERMS = 512;

const ALL = 2n ** 64n - 1n;

function opposite(condition: Condition): readonly Condition[] {
  const { operator, mask = 0n, value } = condition;
  if (operator !== "masked-eq") return [{ ...condition, operator: OPPOSITE[operator] }];
  return bitsOf(mask).map((bit) => ({ ...condition, mask: bit, value: ~value & bit }));
}

function bitsOf(mask: bigint): readonly bigint[] {
  return Array.from({ length: 64 }, (_, place) => 1n << BigInt(place)).filter((bit) => (mask & bit) !== 0n);
}

/** An interval as aligned blocks, within the bits of `all`. */
function blocks(from: bigint, to: bigint, all: bigint): readonly Cube[] {
  const found: Cube[] = [];
  for (let start = from; start <= to; ) {
    let size = 1n;
    while ((start & (2n * size - 1n)) === 0n && start + 2n * size - 1n <= to) size *= 2n;
    found.push({ mask: all & ~(size - 1n), value: start });
    start += size;
  }
  return found;
}

/** The values for which a condition holds. */
function cubesOf({ width, operator, value, mask }: Condition): readonly Cube[] {
  const all = width === 32 ? 0xffffffffn : ALL;
  const right = value & all;
  switch (operator) {
    case "eq":
      return [{ mask: all, value: right }];
    case "ne":
      return bitsOf(all).map((bit) => ({ mask: bit, value: ~right & bit }));
    case "lt":
      return right === 0n ? [] : blocks(0n, right - 1n, all);
    case "le":
      return blocks(0n, right, all);
    case "gt":
      return right === all ? [] : blocks(right + 1n, all, all);
    case "ge":
      return blocks(right, all, all);
    case "masked-eq":
      return [{ mask: (mask ?? all) & all, value: right & (mask ?? all) }];
  }
}

function meet(a: readonly Cube[], b: readonly Cube[]): readonly Cube[] {
  return a.flatMap((left) =>
    b.flatMap((right) => {
      const clash = (left.value ^ right.value) & left.mask & right.mask;
      return clash === 0n ? [{ mask: left.mask | right.mask, value: left.value | right.value }] : [];
    }),
  );
}

/** A profile compares all bits that the ABI has: a test of the lower half alone is a mask there. */
function native(condition: Condition, bits: 32 | 64): boolean {
  return condition.width === bits || condition.operator === "masked-eq";
}

/** What the tests of one argument say together, each way as one test; undefined where that is too much. */
function together(conditions: readonly Condition[], bits: 32 | 64): readonly Condition[] | undefined {
  const [first, ...rest] = conditions;
  if (first === undefined) return undefined;
  if (rest.length === 0 && native(first, bits)) return [first];
  let cubes = cubesOf(first);
  for (const each of rest) {
    cubes = meet(cubes, cubesOf(each));
    if (cubes.length > MOST_TERMS) return undefined;
  }
  return cubes.map(({ mask, value }) => ({
    argument: first.argument,
    width: bits,
    operator: "masked-eq",
    value,
    mask,
  }));
}

/** A list of alternatives for each argument, as all their combinations. */
function combined(choices: readonly (readonly Condition[])[]): readonly Term[] | undefined {
  let terms: readonly Term[] = [[]];
  for (const choice of choices) {
    if (terms.length * choice.length > MOST_TERMS) return undefined;
    terms = terms.flatMap((term) => choice.map((condition) => [...term, condition]));
  }
  return terms;
}

/** Conditions that hold together as terms that say the same; undefined where they are too many. */
function termsOf(conditions: readonly Condition[], bits: 32 | 64): readonly Term[] | undefined {
  const choices = [...byArgument(conditions)].sort(([a], [b]) => a - b).map(([, own]) => together(own, bits));
  const known = choices.filter((choice) => choice !== undefined);
  return known.length < choices.length ? undefined : combined(known);
}

function byArgument(conditions: readonly Condition[]): ReadonlyMap<number, readonly Condition[]> {
  const found = new Map<number, Condition[]>();
  for (const condition of conditions) {
    const own = found.get(condition.argument);
    if (own === undefined) found.set(condition.argument, [condition]);
    else own.push(condition);
  }
  return found;
}

/** Whether two rules can answer to the same arguments; true where that is too much to tell. */
function overlap(a: Rule, b: Rule): boolean {
  const others = byArgument(b.when);
  for (const [argument, own] of byArgument(a.when)) {
    const both = [...own, ...(others.get(argument) ?? [])];
    if (both.length > own.length && together(both, 64)?.length === 0) return false;
  }
  return true;
}

/** Where none of some earlier rules answers: alternatives of conditions. */
function outside(earlier: readonly Rule[]): readonly (readonly Condition[])[] | undefined {
  let found: readonly (readonly Condition[])[] = [[]];
  for (const { when } of earlier) {
    const ways = when.flatMap(opposite);
    if (found.length * ways.length > MOST_TERMS) return undefined;
    found = found.flatMap((conditions) => ways.map((way) => [...conditions, way]));
  }
  return found;
}

/**
 * Where the rule at a place in the list is the one that answers, as terms. Rules before it with the same action need not
 * be stepped around. Undefined where that takes more than some hundred terms.
 */
export function termsOfRule(rules: readonly Rule[], place: number, bits: 32 | 64): readonly Term[] | undefined {
  const rule = rules[place];
  if (rule === undefined) return [];
  const value = valueOfAction(rule.action);
  const others = rules.slice(0, place).filter((other) => valueOfAction(other.action) !== value && overlap(other, rule));
  const terms = outside(others)?.map((conditions) => termsOf([...rule.when, ...conditions], bits));
  const known = terms?.filter((each) => each !== undefined);
  if (terms === undefined || known === undefined || known.length < terms.length) return undefined;
  const all = known.flat();
  return all.length > MOST_TERMS ? undefined : all;
}
