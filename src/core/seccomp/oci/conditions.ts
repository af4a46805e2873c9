/**
 * The tests of a profile as conditions of a policy. Runtimes compare all 64 bits where the ABI's registers have them,
 * the lower 32 elsewhere (libseccomp strips the rest of the values given).
 */
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import type { Condition } from "../policy/policy.ts";
import type { OciOperator, ProfileArgument } from "./profile.ts";

const OPERATORS: Readonly<Record<OciOperator, Condition["operator"]>> = {
  NE: "ne",
  LT: "lt",
  LE: "le",
  EQ: "eq",
  GE: "ge",
  GT: "gt",
  MASKED_EQ: "masked-eq",
};

/** ABIs of 64-bit machines that libseccomp treats as 32-bit. */
const SHORT: ReadonlySet<Abi> = new Set(["x32", "mips64_n32", "mips64el_n32"]);

/** How much of an argument libseccomp compares. */
export function comparedBits(abi: Abi): 32 | 64 {
  return SHORT.has(abi) ? 32 : tableOf(abi).bits;
}

/** The conditions on an ABI, in the order given. */
export function conditionsOf(tests: readonly ProfileArgument[], abi: Abi): readonly Condition[] {
  const width = comparedBits(abi);
  return tests.map(({ index, value, valueTwo, comparison }) => {
    const operator = OPERATORS[comparison];
    const cut = (word: bigint): bigint => BigInt.asUintN(width, word);
    if (operator !== "masked-eq") {
      return { argument: index, width, operator, value: cut(value) };
    }
    return { argument: index, width, operator, value: cut(valueTwo & value), mask: cut(value) };
  });
}
