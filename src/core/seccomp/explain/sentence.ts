/** Conditions on arguments in as few words as they need: `family not in AF_ALG, AF_VSOCK`. */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { OPPOSITE } from "../policy/comparison.ts";
import type { Condition } from "../policy/policy.ts";
import { bitsText, type Spoken, spokenArgument, valueText } from "./value.ts";

const signs = { eq: "=", ne: "not in", lt: "<", le: "≤", gt: ">", ge: "≥" } as const;

function masked(spoken: Spoken, mask: bigint, value: bigint): string {
  const { name, flags } = spoken;
  if (!flags) {
    return `${name} & 0x${mask.toString(16)} = ${valueText(spoken, value)}`;
  }
  if (value === 0n) {
    return `${name} without ${bitsText(spoken, mask).join(", ")}`;
  }
  if (value === mask) {
    return `${name} with ${bitsText(spoken, mask).join(" and ")}`;
  }
  const set = bitsText(spoken, value).join(" and ");
  return `${name} with ${set} without ${bitsText(spoken, mask & ~value).join(", ")}`;
}

function conditionText(spoken: Spoken, { operator, value, mask, width }: Condition): string {
  if (operator === "masked-eq") {
    const bits = mask ?? BigInt.asUintN(width, -1n);
    return masked(spoken, bits, value & bits);
  }
  return `${spoken.name} ${signs[operator]} ${valueText(spoken, value)}`;
}

/** Two conditions that bound one argument as an interval. */
function bounded(spoken: Spoken, conditions: readonly Condition[]): string | undefined {
  const [low, high] = [
    conditions.find(({ operator }) => operator === "ge"),
    conditions.find(({ operator }) => operator === "le"),
  ];
  if (conditions.length !== 2 || low === undefined || high === undefined) {
    return undefined;
  }
  return `${spoken.name} in ${valueText(spoken, low.value)}…${valueText(spoken, high.value)}`;
}

/** Conditions that hold together; "always" for none. */
export function conditionsText(abi: Abi, call: string, when: readonly Condition[]): string {
  const byArgument = new Map<number, Condition[]>();
  for (const each of when) {
    byArgument.set(each.argument, [...(byArgument.get(each.argument) ?? []), each]);
  }
  const parts = [...byArgument].map(([argument, own]) => {
    const spoken = spokenArgument(abi, call, argument);
    return bounded(spoken, own) ?? own.map((each) => conditionText(spoken, each)).join(" and ");
  });
  return parts.length === 0 ? "always" : parts.join(" and ");
}

/** Values of an argument, both ends included. */
interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/** The values that conditions on one argument leave; undefined unless they are a single bounded range. */
function stretchOf(when: readonly Condition[]): Stretch | undefined {
  const last = when.find(({ operator }) => operator === "le" || operator === "eq");
  const first = when.find(({ operator }) => operator === "ge" || operator === "eq");
  const known = when.every((each) => each === first || each === last);
  return last === undefined || !known ? undefined : { from: first?.value ?? 0n, to: last.value };
}

/** The most values that are named one by one. */
const MOST_NAMED = 4n;

function stretchTexts(spoken: Spoken, { from, to }: Stretch): readonly string[] {
  if (from === to) {
    return [valueText(spoken, from)];
  }
  const values = Array.from({ length: Number(to - from < MOST_NAMED ? to - from : MOST_NAMED) + 1 }, (_, place) =>
    valueText(spoken, from + BigInt(place)),
  );
  const named = to - from < MOST_NAMED && values.every((text) => !/^\d/.test(text));
  return named ? values : [`${valueText(spoken, from)}…${valueText(spoken, to)}`];
}

/** Whether all alternatives bound the same argument to a range of values, so that they can be told as a list. */
export function areListable(alternatives: readonly (readonly Condition[])[]): boolean {
  const argument = alternatives[0]?.[0]?.argument;
  const same = alternatives.flat().every((each) => each.argument === argument);
  return same && alternatives.every((when) => when.length > 0 && stretchOf(when) !== undefined);
}

/** Alternatives that all bound one argument: its name and its values in words. */
function listed(
  abi: Abi,
  call: string,
  alternatives: readonly (readonly Condition[])[],
): { readonly name: string; readonly texts: readonly string[] } | undefined {
  const argument = alternatives[0]?.[0]?.argument;
  if (argument === undefined || !areListable(alternatives)) {
    return undefined;
  }
  const stretches = alternatives.map(stretchOf).filter((each) => each !== undefined);
  const spoken = spokenArgument(abi, call, argument);
  return { name: spoken.name, texts: stretches.flatMap((each) => stretchTexts(spoken, each)) };
}

/** Any of the alternatives, in words. */
export function anyText(abi: Abi, call: string, alternatives: readonly (readonly Condition[])[]): string {
  const list = listed(abi, call, alternatives);
  const only = alternatives.length === 1;
  // "≤ 7" is shorter than "in 0…7".
  if (list === undefined || (only && list.texts.length === 1)) {
    return alternatives.map((when) => conditionsText(abi, call, when)).join(", or ");
  }
  return `${list.name} in ${list.texts.join(", ")}`;
}

/** The negation of a single condition in words of its own; undefined if it has none. */
function oppositeText(abi: Abi, call: string, when: readonly Condition[]): string | undefined {
  const [only] = when;
  if (only === undefined || when.length !== 1) {
    return undefined;
  }
  const spoken = spokenArgument(abi, call, only.argument);
  if (only.operator !== "masked-eq") {
    return conditionText(spoken, { ...only, operator: OPPOSITE[only.operator] });
  }
  const mask = only.mask ?? BigInt.asUintN(only.width, -1n);
  const value = only.value & mask;
  if (!spoken.flags) {
    return `${spoken.name} & 0x${mask.toString(16)} not in ${valueText(spoken, value)}`;
  }
  if (value === 0n) {
    return `${spoken.name} with ${bitsText(spoken, mask).join(" or ")}`;
  }
  return value === mask && bitsText(spoken, mask).length === 1 ? masked(spoken, mask, 0n) : undefined;
}

/** None of the alternatives, in words. */
export function noneText(abi: Abi, call: string, alternatives: readonly (readonly Condition[])[]): string {
  const [first = []] = alternatives;
  const opposite = alternatives.length === 1 ? oppositeText(abi, call, first) : undefined;
  if (opposite !== undefined) {
    return opposite;
  }
  const list = listed(abi, call, alternatives);
  if (list === undefined) {
    return `unless ${anyText(abi, call, alternatives)}`;
  }
  return `${list.name} not in ${list.texts.join(", ")}`;
}
