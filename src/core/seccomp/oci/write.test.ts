/** The profiles we write do what the policy does. Tests src/core/seccomp/oci. */
import { expect, test } from "vitest";
import { type Abi, numberOf } from "../../kernel/syscalls/syscall.ts";
import { evaluate } from "../policy/evaluate.ts";
import type { Condition, FilterAction, Policy, Rule } from "../policy/policy.ts";
import { readProfile } from "./profile.ts";
import { policyOfProfile } from "./resolve.ts";
import { writeProfile } from "./write.ts";

const eperm: FilterAction = { kind: "errno", errno: "EPERM" };
const allow: FilterAction = { kind: "allow" };
const kill: FilterAction = { kind: "kill-thread" };

function policy(rules: readonly Rule[], otherwise: FilterAction = eperm, abi: Abi = "x86_64"): Policy {
  return { abis: { [abi]: { rules, otherwise } }, foreign: kill };
}

function on(name: string, when: readonly Condition[], action: FilterAction, abi: Abi = "x86_64"): Rule {
  return { calls: [numberOf(abi, name) ?? 0], when, action };
}

/** The entries of the profile that is written, arguments as they are in the JSON. */
function entries(of: Policy): readonly { names: string[]; action: string; args?: { value: number; op: string }[] }[] {
  const written = writeProfile(of);
  if (!written.ok) {
    throw new Error(JSON.stringify(written.diagnostics));
  }
  return JSON.parse(written.value).syscalls;
}

test("writeProfile says one test of an argument as it is", () => {
  const ops = ["eq", "ne", "lt", "le", "gt", "ge"] as const;
  for (const operator of ops) {
    const [entry] = entries(policy([on("read", [{ argument: 1, width: 64, operator, value: 7n }], allow)]));
    expect(entry?.args).toEqual([{ index: 1, value: 7, op: `SCMP_CMP_${operator.toUpperCase()}` }]);
  }
});

test("writeProfile writes numbers of 64 bits in full, and the mask first", () => {
  const when: Condition[] = [{ argument: 0, width: 64, operator: "masked-eq", value: 1n, mask: 2n ** 64n - 1n }];
  const written = writeProfile(policy([on("read", when, allow)]));
  expect(written.ok && written.value).toContain(
    '"value": 18446744073709551615, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"',
  );
});

test("writeProfile says a list of values let through in a few entries, though each of them is to be stepped around", () => {
  const family = (operator: Condition["operator"], value: bigint): Condition => ({
    argument: 0,
    width: 64,
    operator,
    value,
  });
  const passing = [[family("le", 2n)], [family("eq", 10n)], [family("ge", 16n), family("le", 17n)]];
  const made = entries(policy([...passing.map((when) => on("socket", when, allow)), on("socket", [], eperm)], allow));
  // 3, 4…7, 8…9; 11, 12…15; from 18 on.
  expect(made).toHaveLength(6);
  expect(made.at(-1)?.args).toEqual([{ index: 0, value: 18, op: "SCMP_CMP_GE" }]);
});

test.each<[string, readonly Rule[]]>([
  [
    "an interval, which takes masks",
    [
      on(
        "read",
        [
          { argument: 0, width: 64, operator: "ge", value: 3n },
          { argument: 0, width: 64, operator: "le", value: 9n },
        ],
        allow,
      ),
    ],
  ],
  ["a test of the lower half", [on("read", [{ argument: 0, width: 32, operator: "lt", value: 5n }], allow)]],
  [
    "rules that need their order",
    [
      on(
        "socket",
        [
          { argument: 0, width: 64, operator: "eq", value: 16n },
          { argument: 2, width: 64, operator: "eq", value: 9n },
        ],
        { kind: "errno", errno: "EINVAL" },
      ),
      on("socket", [], allow),
    ],
  ],
])("writeProfile, read back, answers the same: %s", (_, rules) => {
  const of = policy(rules);
  const written = writeProfile(of);
  if (!written.ok) {
    throw new Error(JSON.stringify(written.diagnostics));
  }
  const profile = readProfile(written.value, "p.json");
  const back = profile.ok ? policyOfProfile(profile.value, { abis: ["x86_64"] }) : profile;
  if (!back.ok) {
    throw new Error("refused");
  }
  const values = [0n, 2n, 3n, 4n, 5n, 9n, 10n, 16n, 2n ** 32n, 2n ** 32n + 4n, 2n ** 64n - 1n];
  for (const rule of rules) {
    for (const first of values) {
      for (const third of values) {
        const data = { abi: "x86_64", number: rule.calls[0] ?? 0, arguments: [first, 0n, third] } as const;
        const [ours, theirs] = [evaluate(back.value, data), evaluate(of, data)];
        expect(ours?.kind, `${first} ${third}`).toBe(theirs?.kind);
      }
    }
  }
});

test("writeProfile refuses what a profile cannot say, and warns of what runtimes do otherwise", () => {
  const codes = (of: Policy): readonly string[] => writeProfile(of).diagnostics.map(({ code }) => code);
  expect(codes(policy([{ calls: [999], when: [], action: allow }]))).toEqual(["oci-unnamed"]);
  expect(codes(policy([on("read", [], { kind: "trap", data: 7 })]))).toEqual(["oci-trap-data"]);
  expect(codes({ ...policy([on("read", [], allow)]), foreign: allow })).toEqual(["oci-foreign"]);
  const both: Policy = {
    abis: {
      x86_64: { rules: [on("read", [], allow)], otherwise: eperm },
      i386: { rules: [on("write", [], allow, "i386")], otherwise: eperm },
    },
    foreign: kill,
  };
  expect(codes(both)).toEqual(["oci-abi-left-out"]);
});
