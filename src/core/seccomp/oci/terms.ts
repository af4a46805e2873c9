/**
 * Ordered rules in the form that a profile can express: unordered entries, each with at most one test per argument
 * (runtimes join several by "or"). The conjunction of two tests of one argument becomes masks: any interval is a few
 * dozen aligned blocks, and a block is a mask.
 */
import { OPPOSITE } from "../policy/comparison.ts";
import type { Condition, Rule } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";

/** A conjunction of tests, at most one per argument. */
export type Term = readonly Condition[];

/** All values whose bits in `mask` are those of `value`. */
interface Cube {
  readonly mask: bigint;
  readonly value: bigint;
}

/** The most terms that one rule may become. */
const MOST_TERMS = 512;

const ALL = 2n ** 64n - 1n;

function opposite(condition: Condition): readonly Condition[] {
  const { operator, mask = 0n, value } = condition;
  if (operator !== "masked-eq") {
    return [{ ...condition, operator: OPPOSITE[operator] }];
  }
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
    while ((start & (2n * size - 1n)) === 0n && start + 2n * size - 1n <= to) {
      size *= 2n;
    }
    found.push({ mask: all & ~(size - 1n), value: start });
    start += size;
  }
  return found;
}

/** Values of an argument, both ends included. */
interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

function most(width: Condition["width"]): bigint {
  return width === 32 ? 0xffffffffn : ALL;
}

/** The values for which a comparison other than a mask holds. */
function spansOf({ width, operator, value }: Condition): readonly Span[] {
  const last = most(width);
  const right = value & last;
  const below: Span = { from: 0n, to: right - 1n };
  const above: Span = { from: right + 1n, to: last };
  const spans: Readonly<Record<Exclude<Condition["operator"], "masked-eq">, readonly Span[]>> = {
    eq: [{ from: right, to: right }],
    ne: [below, above],
    lt: [below],
    le: [{ from: 0n, to: right }],
    gt: [above],
    ge: [{ from: right, to: last }],
  };
  return operator === "masked-eq" ? [] : spans[operator].filter(({ from, to }) => from <= to);
}

/** The part of one interval that lies in another. */
function meeting(a: Span, b: Span): readonly Span[] {
  const [first, second] = a.from < b.from ? [a, b] : [b, a];
  if (second.from > first.to) {
    return [];
  }
  const inside = first.to < second.to ? first : second;
  return [{ from: second.from, to: inside.to }];
}

/** The values in both of two lists. */
function shared(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.flatMap((left) => b.flatMap((right) => meeting(left, right)));
}

function cubeOf({ width, value, mask = ALL }: Condition): Cube {
  const all = mask & most(width);
  return { mask: all, value: value & all };
}

function meet(a: readonly Cube[], b: readonly Cube[]): readonly Cube[] {
  return a.flatMap((left) =>
    b.flatMap((right) => {
      const clash = (left.value ^ right.value) & left.mask & right.mask;
      return clash === 0n ? [{ mask: left.mask | right.mask, value: left.value | right.value }] : [];
    }),
  );
}

/**
 * Whether a profile can express a condition as it is: it compares all bits of the ABI, so a lower half needs a mask.
 */
function native(condition: Condition, bits: 32 | 64): boolean {
  return condition.width === bits || condition.operator === "masked-eq";
}

/** The values for which all comparisons of one width hold; undefined if there are none. */
function valuesOf(conditions: readonly Condition[]): readonly Span[] | undefined {
  const [first, ...rest] = conditions.map(spansOf);
  return first === undefined ? undefined : rest.reduce(shared, first);
}

/** An interval of an argument's values as one comparison if there is one for it, otherwise as masks. */
function testsOf(argument: number, bits: 32 | 64, { from, to }: Span): readonly Condition[] {
  const place = { argument, width: bits } as const;
  if (from === to) {
    return [{ ...place, operator: "eq", value: from }];
  }
  if (to === most(bits)) {
    return [{ ...place, operator: "ge", value: from }];
  }
  return from === 0n
    ? [{ ...place, operator: "le", value: to }]
    : maskTests(argument, bits, blocks(from, to, most(bits)));
}

function maskTests(argument: number, bits: 32 | 64, cubes: readonly Cube[]): readonly Condition[] {
  return cubes.map(({ mask, value }) => ({ argument, width: bits, operator: "masked-eq", value, mask }));
}

/** The conjunction of tests of one argument as alternatives of one test each; undefined if they are too many. */
function together(conditions: readonly Condition[], bits: 32 | 64): readonly Condition[] | undefined {
  const [first, ...rest] = conditions;
  if (first === undefined) {
    return undefined;
  }
  if (rest.length === 0 && native(first, bits)) {
    return [first];
  }
  const { argument } = first;
  const masks = conditions.filter(({ operator }) => operator === "masked-eq");
  const compared = conditions.filter(({ operator }) => operator !== "masked-eq");
  const wide = valuesOf(compared.filter(({ width }) => width === bits));
  const narrow = valuesOf(compared.filter(({ width }) => width !== bits));
  if (masks.length === 0 && narrow === undefined) {
    return wide?.flatMap((span) => testsOf(argument, bits, span));
  }
  const parts = [
    ...(wide === undefined ? [] : [wide.flatMap(({ from, to }) => blocks(from, to, most(bits)))]),
    ...(narrow === undefined ? [] : [narrow.flatMap(({ from, to }) => blocks(from, to, most(32)))]),
    ...masks.map((each) => [cubeOf(each)]),
  ];
  let cubes: readonly Cube[] = [{ mask: 0n, value: 0n }];
  for (const part of parts) {
    cubes = meet(cubes, part);
    if (cubes.length > MOST_TERMS) {
      return undefined;
    }
  }
  return maskTests(argument, bits, cubes);
}

/** All combinations of each argument's alternatives. */
function combined(choices: readonly (readonly Condition[])[]): readonly Term[] | undefined {
  let terms: readonly Term[] = [[]];
  for (const choice of choices) {
    if (terms.length * choice.length > MOST_TERMS) {
      return undefined;
    }
    terms = terms.flatMap((term) => choice.map((condition) => [...term, condition]));
  }
  return terms;
}

/** A conjunction of conditions as equivalent terms; undefined if they are too many. */
function termsOf(conditions: readonly Condition[], bits: 32 | 64): readonly Term[] | undefined {
  const choices = [...byArgument(conditions)].sort(([a], [b]) => a - b).map(([, own]) => together(own, bits));
  const known = choices.filter((choice) => choice !== undefined);
  return known.length < choices.length ? undefined : combined(known);
}

function byArgument(conditions: readonly Condition[]): ReadonlyMap<number, readonly Condition[]> {
  const found = new Map<number, Condition[]>();
  for (const condition of conditions) {
    const own = found.get(condition.argument);
    if (own === undefined) {
      found.set(condition.argument, [condition]);
    } else {
      own.push(condition);
    }
  }
  return found;
}

/** Whether two rules can match the same arguments; true if that is too costly to decide. */
function overlap(a: Rule, b: Rule): boolean {
  const others = byArgument(b.when);
  for (const [argument, own] of byArgument(a.when)) {
    const both = [...own, ...(others.get(argument) ?? [])];
    if (both.length > own.length && together(both, 64)?.length === 0) {
      return false;
    }
  }
  return true;
}

/** Where none of the earlier rules matches: alternatives of conditions. */
function outside(earlier: readonly Rule[]): readonly (readonly Condition[])[] | undefined {
  let found: readonly (readonly Condition[])[] = [[]];
  for (const { when } of earlier) {
    const ways = when.flatMap(opposite);
    if (found.length * ways.length > MOST_TERMS) {
      return undefined;
    }
    found = found.flatMap((conditions) => ways.map((way) => [...conditions, way]));
  }
  return found;
}

/** Whether conditions can hold together; true if that is too costly to decide. */
function possible(conditions: readonly Condition[], bits: 32 | 64): boolean {
  return [...byArgument(conditions).values()].every((own) => together(own, bits)?.length !== 0);
}

/** A mask as one test per bit: the ways to fail them in turn are disjoint. */
function singly(condition: Condition): readonly Condition[] {
  if (condition.operator !== "masked-eq") {
    return [condition];
  }
  return bitsOf(condition.mask ?? 0n).map((bit) => ({ ...condition, mask: bit, value: condition.value & bit }));
}

/** Conditions minus what a rule matches, as disjoint alternatives. */
function without(conditions: readonly Condition[], { when }: Rule, bits: 32 | 64): readonly (readonly Condition[])[] {
  if (!possible([...conditions, ...when], bits)) {
    return [conditions];
  }
  const found: (readonly Condition[])[] = [];
  let held = conditions;
  for (const test of when.flatMap(singly)) {
    for (const failed of opposite(test)) {
      if (possible([...held, failed], bits)) {
        found.push([...held, failed]);
      }
    }
    held = [...held, test];
  }
  return found;
}

/** Like `outside`, within a rule: more terms if there are few, but far fewer if there are many. */
function apart(earlier: readonly Rule[], { when }: Rule, bits: 32 | 64): readonly (readonly Condition[])[] | undefined {
  let found: readonly (readonly Condition[])[] = [when];
  for (const other of earlier) {
    found = found.flatMap((conditions) => without(conditions, other, bits));
    if (found.length > MOST_TERMS) {
      return undefined;
    }
  }
  return found;
}

function allTerms(ways: readonly (readonly Condition[])[] | undefined, bits: 32 | 64): readonly Term[] | undefined {
  const terms = ways?.map((conditions) => termsOf(conditions, bits));
  const known = terms?.filter((each) => each !== undefined);
  if (terms === undefined || known === undefined || known.length < terms.length) {
    return undefined;
  }
  const all = known.flat();
  return all.length > MOST_TERMS ? undefined : all;
}

/**
 * Where the rule at a place in the list is the one that answers, as terms. Earlier rules with the same action need not
 * be excluded. Undefined if that takes more than some hundred terms.
 */
export function termsOfRule(rules: readonly Rule[], place: number, bits: 32 | 64): readonly Term[] | undefined {
  const rule = rules[place];
  if (rule === undefined) {
    return [];
  }
  const value = valueOfAction(rule.action);
  const others = rules.slice(0, place).filter((other) => valueOfAction(other.action) !== value && overlap(other, rule));
  const free = outside(others)?.map((conditions) => [...rule.when, ...conditions]);
  return allTerms(free, bits) ?? allTerms(apart(others, rule, bits), bits);
}
