/**
 * The tests of a profile as conditions of a policy. Runtimes compare all 64 bits where the ABI's registers have them,
 * the lower 32 elsewhere (libseccomp strips the rest of the values given).
 */
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import type { Condition } from "../policy.ts";
import type { Comparison, ProfileArgument } from "./profile.ts";

const OPERATORS: Readonly<Record<Comparison, Condition["operator"]>> = {
  NE: "ne",
  LT: "lt",
  LE: "le",
  EQ: "eq",
  GE: "ge",
  GT: "gt",
  MASKED_EQ: "masked-eq",
};

/** The conditions on an ABI, in the order given. */
export function conditionsOf(tests: readonly ProfileArgument[], abi: Abi): readonly Condition[] {
  const width = tableOf(abi).bits;
  return tests.map(({ index, value, valueTwo, comparison }) => {
    const operator = OPERATORS[comparison];
    const cut = (word: bigint): bigint => BigInt.asUintN(width, word);
    if (operator !== "masked-eq") return { argument: index, width, operator, value: cut(value) };
    return { argument: index, width, operator, value: cut(valueTwo & value), mask: cut(value) };
  });
}
