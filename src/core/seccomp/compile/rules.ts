/**
 * Rules as steps one after another, as they are written: not minimal, but never larger than the rules themselves, while
 * a decision diagram of many entangled conditions can be.
 */
import { argumentWord, lowerHalf, upperHalf } from "../diagram/words.ts";
import { reduced, type Test } from "../policy/comparison.ts";
import type { Condition, Rule } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import { type StepId, type Steps, type StepTest, stepOf } from "./steps.ts";

const LARGEST = 0xffffffff;

/** Jumps to `yes` or `no`, past their load if it is of the word already in the register. */
function jump(graph: Steps, test: StepTest, value: number, ways: Ways): StepId {
  const { word, mask } = ways;
  const loaded = mask === undefined ? word : undefined;
  const [yes, no] = [skipLoad(graph, ways.yes, loaded), skipLoad(graph, ways.no, loaded)];
  return stepOf(graph, { kind: "jump", word, ...(mask === undefined ? {} : { mask }), test, value, yes, no });
}

function skipLoad(graph: Steps, id: StepId, word: number | undefined): StepId {
  const step = graph.steps[id];
  return step?.kind === "load" && step.word === word ? step.next : id;
}

type Above = Extract<Test, { kind: "above" }>;
type Masked = Extract<Test, { kind: "masked" }>;

/** Where a test leads, and the word in the register with the mask applied to it. */
interface Ways {
  readonly word: number;
  readonly mask?: number;
  readonly yes: StepId;
  readonly no: StepId;
}

function above(graph: Steps, value: number, ways: Ways): StepId {
  if (value === LARGEST) {
    return ways.no;
  }
  // As the search for trees writes it, so that both can share it.
  if (value === 0) {
    return jump(graph, "equal", 0, { ...ways, yes: ways.no, no: ways.yes });
  }
  return jump(graph, "at-least", value + 1, ways);
}

function masked(graph: Steps, mask: number, value: number, ways: Ways): StepId {
  if (mask === 0) {
    return ways.yes;
  }
  if (mask === LARGEST) {
    return jump(graph, "equal", value, ways);
  }
  if (value === 0) {
    return jump(graph, "any-bit", mask, { ...ways, yes: ways.no, no: ways.yes });
  }
  if (value === mask && Number.isInteger(Math.log2(mask))) {
    return jump(graph, "any-bit", mask, ways);
  }
  const next = jump(graph, "equal", value, { ...ways, mask });
  return stepOf(graph, { kind: "and", mask, next });
}

/** Puts the load of a word before a test of it, unless the test was resolved to its outcome. */
function loading(graph: Steps, word: number, made: StepId, ways: Ways): StepId {
  return made === ways.yes || made === ways.no ? made : stepOf(graph, { kind: "load", word, next: made });
}

function testAbove(graph: Steps, { argument, width, value }: Above, yes: StepId, no: StepId): StepId {
  const word = argumentWord(argument);
  const low: Ways = { word: word + 1, yes, no };
  const lower = loading(graph, word + 1, above(graph, lowerHalf(value), low), low);
  if (width === 32) {
    return lower;
  }
  const upper = upperHalf(value);
  const same = jump(graph, "equal", upper, { word, yes: lower, no });
  const ways: Ways = { word, yes, no: same };
  return stepOf(graph, { kind: "load", word, next: above(graph, upper, ways) });
}

function testMasked(graph: Steps, { argument, width, mask, value }: Masked, yes: StepId, no: StepId): StepId {
  const word = argumentWord(argument);
  const low: Ways = { word: word + 1, yes, no };
  const lower = loading(graph, word + 1, masked(graph, lowerHalf(mask), lowerHalf(value), low), low);
  if (width === 32) {
    return lower;
  }
  const high: Ways = { word, yes: lower, no };
  return loading(graph, word, masked(graph, upperHalf(mask), upperHalf(value), high), high);
}

/** The steps of one condition. */
function stepsOfCondition(graph: Steps, condition: Condition, holds: StepId, fails: StepId): StepId {
  const { test, negated } = reduced(condition);
  const [yes, no] = negated ? [fails, holds] : [holds, fails];
  switch (test.kind) {
    case "always":
      return yes;
    case "above":
      return testAbove(graph, test, yes, no);
    case "masked":
      return testMasked(graph, test, yes, no);
  }
}

/** The steps that try rules in order; `otherwise`: where a call goes if none matches. */
export function stepsOfRules(graph: Steps, rules: readonly Rule[], otherwise: StepId): StepId {
  return rules.reduceRight((rest, { when, action }) => {
    const matched = stepOf(graph, { kind: "return", value: valueOfAction(action) });
    return when.reduceRight((held, condition) => stepsOfCondition(graph, condition, held, rest), matched);
  }, otherwise);
}
