/** Conditions on arguments in as few words as they need: `family not in AF_ALG, AF_VSOCK`. */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { OPPOSITE } from "../comparison.ts";
import type { Condition } from "../policy.ts";
import { bitsText, type Spoken, spokenArgument, valueText } from "./value.ts";

const signs = { eq: "=", ne: "not in", lt: "<", le: "≤", gt: ">", ge: "≥" } as const;

function masked(spoken: Spoken, mask: bigint, value: bigint): string {
  const { name } = spoken;
  if (value === 0n) return `${name} without ${bitsText(spoken, mask).join(", ")}`;
  if (value === mask) return `${name} with ${bitsText(spoken, mask).join(" and ")}`;
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
  if (conditions.length !== 2 || low === undefined || high === undefined) return undefined;
  return `${spoken.name} in ${valueText(spoken, low.value)}…${valueText(spoken, high.value)}`;
}

/** Conditions that hold together; "always" for none. */
export function conditionsText(abi: Abi, call: string, when: readonly Condition[]): string {
  const byArgument = new Map<number, Condition[]>();
  for (const each of when) byArgument.set(each.argument, [...(byArgument.get(each.argument) ?? []), each]);
  const parts = [...byArgument].map(([argument, own]) => {
    const spoken = spokenArgument(abi, call, argument);
    return bounded(spoken, own) ?? own.map((each) => conditionText(spoken, each)).join(" and ");
  });
  return parts.length === 0 ? "always" : parts.join(" and ");
}

/** Alternatives that each test one argument for one value: its values. */
function listed(alternatives: readonly (readonly Condition[])[]): { argument: number; values: bigint[] } | undefined {
  const only = alternatives.map((when) => (when.length === 1 ? when[0] : undefined));
  const argument = only[0]?.argument;
  if (argument === undefined || !only.every((each) => each?.operator === "eq" && each.argument === argument)) {
    return undefined;
  }
  return { argument, values: only.map((each) => each?.value ?? 0n) };
}

/** Where one of some alternatives holds. */
export function anyText(abi: Abi, call: string, alternatives: readonly (readonly Condition[])[]): string {
  const list = listed(alternatives);
  if (list === undefined) return alternatives.map((when) => conditionsText(abi, call, when)).join(", or ");
  const spoken = spokenArgument(abi, call, list.argument);
  const texts = list.values.map((value) => valueText(spoken, value));
  return texts.length === 1 ? `${spoken.name} = ${texts[0]}` : `${spoken.name} in ${texts.join(", ")}`;
}

/** Where a single condition does not hold, in words of its own; undefined where there are none. */
function oppositeText(abi: Abi, call: string, when: readonly Condition[]): string | undefined {
  const [only] = when;
  if (only === undefined || when.length !== 1) return undefined;
  const spoken = spokenArgument(abi, call, only.argument);
  if (only.operator !== "masked-eq") {
    return conditionText(spoken, { ...only, operator: OPPOSITE[only.operator] });
  }
  const mask = only.mask ?? BigInt.asUintN(only.width, -1n);
  const value = only.value & mask;
  if (value === 0n) return `${spoken.name} with ${bitsText(spoken, mask).join(" or ")}`;
  return value === mask && bitsText(spoken, mask).length === 1 ? masked(spoken, mask, 0n) : undefined;
}

/** Where none of some alternatives holds. */
export function noneText(abi: Abi, call: string, alternatives: readonly (readonly Condition[])[]): string {
  const [first = []] = alternatives;
  const opposite = alternatives.length === 1 ? oppositeText(abi, call, first) : undefined;
  if (opposite !== undefined) return opposite;
  const list = listed(alternatives);
  if (list === undefined) return `unless ${anyText(abi, call, alternatives)}`;
  const spoken = spokenArgument(abi, call, list.argument);
  return `${spoken.name} not in ${list.values.map((value) => valueText(spoken, value)).join(", ")}`;
}
