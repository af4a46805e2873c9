/**
 * Rules as steps one after the other, as they are written: not minimal, but never larger than the rules themselves, where
 * a decision diagram of many entangled conditions would be.
 */
import { argumentWord } from "../diagram/words.ts";
import type { Condition, Rule } from "../policy.ts";
import { valueOfAction } from "../return-value.ts";
import { type StepId, type Steps, stepOf } from "./steps.ts";

const LARGEST = 0xffffffff;

/** Goes to `yes` or `no`, which may skip the load of the word that is loaded already. */
function jump(graph: Steps, test: "equal" | "at-least" | "any-bit", value: number, ways: Ways): StepId {
  const { word, mask } = ways;
  const loaded = mask === undefined ? word : undefined;
  const [yes, no] = [skipLoad(graph, ways.yes, loaded), skipLoad(graph, ways.no, loaded)];
  return stepOf(graph, { kind: "jump", word, ...(mask === undefined ? {} : { mask }), test, value, yes, no });
}

function skipLoad(graph: Steps, id: StepId, word: number | undefined): StepId {
  const step = graph.steps[id];
  return step?.kind === "load" && step.word === word ? step.next : id;
}

/** Where a test leads, and the word in the register, with the mask that was laid on it. */
interface Ways {
  readonly word: number;
  readonly mask?: number;
  readonly yes: StepId;
  readonly no: StepId;
}

function above(graph: Steps, value: number, ways: Ways): StepId {
  if (value === LARGEST) return ways.no;
  // As the search for trees writes it, so that both can share it.
  if (value === 0) return jump(graph, "equal", 0, { ...ways, yes: ways.no, no: ways.yes });
  return jump(graph, "at-least", value + 1, ways);
}

function masked(graph: Steps, mask: number, value: number, ways: Ways): StepId {
  if (mask === 0) return ways.yes;
  if (mask === LARGEST) return jump(graph, "equal", value, ways);
  if (value === 0) return jump(graph, "any-bit", mask, { ...ways, yes: ways.no, no: ways.yes });
  if (value === mask && Number.isInteger(Math.log2(mask))) return jump(graph, "any-bit", mask, ways);
  const next = jump(graph, "equal", value, { ...ways, mask });
  return stepOf(graph, { kind: "and", mask, next });
}

/** Puts the load of a word before a test of it; a test that needs none is its outcome. */
function loading(graph: Steps, word: number, made: StepId, ways: Ways): StepId {
  return made === ways.yes || made === ways.no ? made : stepOf(graph, { kind: "load", word, next: made });
}

const half = (value: bigint, upper: boolean): number => Number(BigInt.asUintN(32, upper ? value >> 32n : value));

function testAbove(graph: Steps, { argument, width }: Condition, value: bigint, yes: StepId, no: StepId): StepId {
  const word = argumentWord(argument);
  const low: Ways = { word: word + 1, yes, no };
  const lower = loading(graph, word + 1, above(graph, half(value, false), low), low);
  if (width === 32) return lower;
  const upper = half(value, true);
  const same = jump(graph, "equal", upper, { word, yes: lower, no });
  const ways: Ways = { word, yes, no: same };
  return stepOf(graph, { kind: "load", word, next: above(graph, upper, ways) });
}

function testMasked(graph: Steps, condition: Condition, yes: StepId, no: StepId): StepId {
  const { argument, width } = condition;
  const mask = condition.operator === "masked-eq" ? (condition.mask ?? -1n) : -1n;
  const value = condition.value & mask;
  const word = argumentWord(argument);
  const low: Ways = { word: word + 1, yes, no };
  const lower = loading(graph, word + 1, masked(graph, half(mask, false), half(value, false), low), low);
  if (width === 32) return lower;
  const high: Ways = { word, yes: lower, no };
  return loading(graph, word, masked(graph, half(mask, true), half(value, true), high), high);
}

/** The steps of one condition. */
function stepsOfCondition(graph: Steps, condition: Condition, yes: StepId, no: StepId): StepId {
  const value = BigInt.asUintN(condition.width, condition.value);
  switch (condition.operator) {
    case "eq":
    case "masked-eq":
      return testMasked(graph, condition, yes, no);
    case "ne":
      return testMasked(graph, condition, no, yes);
    case "gt":
      return testAbove(graph, condition, value, yes, no);
    case "le":
      return testAbove(graph, condition, value, no, yes);
    case "ge":
      return value === 0n ? yes : testAbove(graph, condition, value - 1n, yes, no);
    case "lt":
      return value === 0n ? no : testAbove(graph, condition, value - 1n, no, yes);
  }
}

/** The steps that go through rules in order; `otherwise`: where a call goes that none of them matches. */
export function stepsOfRules(graph: Steps, rules: readonly Rule[], otherwise: StepId): StepId {
  return rules.reduceRight((rest, { when, action }) => {
    const matched = stepOf(graph, { kind: "return", value: valueOfAction(action) });
    return when.reduceRight((held, condition) => stepsOfCondition(graph, condition, held, rest), matched);
  }, otherwise);
}
