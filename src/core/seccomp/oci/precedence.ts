/**
 * Which of several rules on one call answers where they overlap. Runtimes hand profiles to libseccomp, which keeps the
 * tests of a call as a tree over the 32-bit halves of its arguments and ignores the order of rules: an unconditional
 * rule takes the whole call; otherwise higher arguments are tested first; within one argument `==`, `!=` and masks come
 * before `<` and `<=`, those before `>` and `>=`, and narrower tests before wider ones. Measured with libseccomp 2.6.
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import type { Condition, FilterAction } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import { comparedBits } from "./conditions.ts";

/** A rule on one call. */
export interface CallRule {
  readonly when: readonly Condition[];
  readonly action: FilterAction;
}

/** Rules in order of precedence: the first match answers. A rule may appear more than once, for some arguments each. */
export interface Ordered<R extends CallRule> {
  readonly rules: readonly R[];
  /** Pairs that libseccomp does not accept together: adding the second one fails. */
  readonly refused: readonly (readonly [R, R])[];
}

/** One test in libseccomp's tree. */
interface Test {
  /** Which half of which argument; higher ones are tested first. */
  readonly place: number;
  /** `==` 3, `<` 2, `>` 1. */
  readonly class: number;
  readonly node: "equal" | "masked" | "greater" | "at-least";
  readonly mask: bigint;
  readonly datum: bigint;
  /** Whether the rule continues where the test holds. */
  readonly sense: boolean;
}

interface Placed<R> {
  readonly rule: R;
  readonly tests: readonly Test[];
  readonly added: number;
}

const WORD = 0xffffffffn;

function classOf({ operator }: Condition): number {
  if (operator === "lt" || operator === "le") {
    return 2;
  }
  return operator === "gt" || operator === "ge" ? 1 : 3;
}

function nodeOf({ operator }: Condition): Test["node"] {
  switch (operator) {
    case "eq":
    case "ne":
      return "equal";
    case "masked-eq":
      return "masked";
    case "gt":
    case "le":
      return "greater";
    default:
      return "at-least";
  }
}

function testsOf(condition: Condition, wide: boolean): readonly Test[] {
  const { argument, operator } = condition;
  const mask = operator === "masked-eq" ? (condition.mask ?? 0n) : WORD | (WORD << 32n);
  const datum = condition.value & mask;
  if ((wide ? mask : mask & WORD) === 0n) {
    return [];
  }
  const sense = operator !== "ne" && operator !== "lt" && operator !== "le";
  const own = { class: classOf(condition), sense };
  const low: Test = { ...own, place: 2 * argument, node: nodeOf(condition), mask: mask & WORD, datum: datum & WORD };
  if (!wide) {
    return [low];
  }
  const high: Test = { ...low, place: 2 * argument + 1, mask: mask >> 32n, datum: datum >> 32n };
  if (own.class === 3) {
    return [high, low];
  }
  return [{ ...high, node: "greater" }, { ...high, node: "equal" }, low];
}

function identity({ place, node, mask, datum }: Test): string {
  return `${place} ${node} ${mask} ${datum}`;
}

/** Negative if `a` is tested before `b`. */
function before(a: Test, b: Test): number {
  if (a.place !== b.place) {
    return b.place - a.place;
  }
  if (a.class !== b.class) {
    return b.class - a.class;
  }
  if (a.datum === b.datum) {
    return 0;
  }
  return a.datum > b.datum === (a.class !== 2) ? -1 : 1;
}

function grouped<R>(rules: readonly Placed<R>[], level: number): readonly (readonly Placed<R>[])[] {
  const groups = new Map<string, Placed<R>[]>();
  for (const rule of rules) {
    const test = rule.tests[level];
    if (test === undefined) {
      continue;
    }
    const key = identity(test);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [rule]);
    } else {
      group.push(rule);
    }
  }
  const first = (group: readonly Placed<R>[]): Test | undefined => group[0]?.tests[level];
  return [...groups.values()].sort((a, b) => {
    const [left, right] = [first(a), first(b)];
    return left === undefined || right === undefined ? 0 : before(left, right);
  });
}

/**
 * Rules that end with `!=` and share the test of the upper half: where that half differs, the rule that was added first
 * answers, whatever the order of the lower halves. Returns that rule for smaller and for larger upper halves.
 */
function ofOtherUpperHalves<R extends CallRule>(group: readonly Placed<R>[], level: number): readonly R[] {
  const ending = group.filter(({ tests }) => {
    const test = tests[level];
    return (
      test?.class === 3 && test.node === "equal" && !test.sense && test.place % 2 === 1 && tests.length === level + 2
    );
  });
  const first = ending.reduce<Placed<R> | undefined>(
    (a, b) => (a !== undefined && a.added < b.added ? a : b),
    undefined,
  );
  const test = first?.tests[level];
  if (first === undefined || test === undefined) {
    return [];
  }
  if (ending.every(({ rule }) => sameAction(rule, first.rule))) {
    return [];
  }
  const argument = (test.place - 1) / 2;
  const from = test.datum << 32n;
  const others: readonly Condition[] = [
    { argument, width: 64, operator: "lt", value: from },
    { argument, width: 64, operator: "gt", value: from | WORD },
  ];
  return others.map((other) => ({ ...first.rule, when: [...first.rule.when, other] }));
}

function sameAction(a: CallRule, b: CallRule): boolean {
  return valueOfAction(a.action) === valueOfAction(b.action);
}

/** A rule that ends at this test takes everything that continues the same way, if it was added first. */
function arrange<R extends CallRule>(
  rules: readonly Placed<R>[],
  level: number,
  refused: (readonly [R, R])[],
): readonly R[] {
  const ended = rules.filter(({ tests }) => tests.length === level);
  const longer = rules.filter(({ tests }) => tests.length > level);
  const sense = (rule: Placed<R>): boolean | undefined => rule.tests[level - 1]?.sense;
  const late = new Set<Placed<R>>();
  for (const end of ended) {
    const along = rules.filter((rule) => rule !== end && sense(rule) === sense(end) && !late.has(rule));
    for (const rule of along) {
      const isEnd = rule.tests.length === level;
      if (rule.added > end.added) {
        late.add(rule);
      }
      if (sameAction(rule.rule, end.rule) || (!isEnd && rule.added > end.added)) {
        continue;
      }
      if (!isEnd || rule.added > end.added) {
        refused.push([rule.rule, end.rule]);
      }
    }
  }
  const go = (some: readonly Placed<R>[]): readonly R[] =>
    grouped(some, level).flatMap((group) => [
      ...ofOtherUpperHalves(group, level),
      ...arrange(group, level + 1, refused),
    ]);
  return [
    ...go(longer.filter((rule) => !late.has(rule))),
    ...ended.map(({ rule }) => rule),
    ...go(longer.filter((rule) => late.has(rule))),
  ];
}

/** Sorts the rules on one call of an ABI, given in the order in which a profile adds them, by precedence. */
export function inPrecedence<R extends CallRule>(rules: readonly R[], abi: Abi): Ordered<R> {
  const wide = comparedBits(abi) === 64;
  const placed = rules.map((rule, added): Placed<R> => {
    const conditions = [...rule.when].sort((a, b) => a.argument - b.argument);
    return { rule, tests: conditions.flatMap((each) => testsOf(each, wide)), added };
  });
  const whole = placed.find(({ tests }) => tests.length === 0);
  // Once a rule takes the whole call nothing is refused any more; earlier rules were added before that.
  const refused: (readonly [R, R])[] = [];
  const ordered = arrange(placed.slice(0, whole?.added), 0, refused);
  if (whole === undefined) {
    return { rules: ordered, refused };
  }
  return { rules: [whole.rule, ...rules.filter((rule) => rule !== whole.rule)], refused };
}
