/**
 * Profiles against libseccomp, which runc and crun hand them to: on random rule sets both filters answer the same to the
 * same calls. Where rules of one action do not give what they say, libseccomp is wrong and the meaning of the rules counts.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emulate } from "../../src/core/bpf/emulate.ts";
import { type Abi, numberOf, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { evaluate } from "../../src/core/seccomp/evaluate.ts";
import { comparedBits } from "../../src/core/seccomp/oci/conditions.ts";
import { readProfile } from "../../src/core/seccomp/oci/profile.ts";
import { DOCKER_CAPABILITIES, policyOfProfile } from "../../src/core/seccomp/oci/resolve.ts";
import { prove } from "../../src/core/seccomp/prove.ts";
import { valueOfAction } from "../../src/core/seccomp/return-value.ts";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import { buildWithLibrary, COMPARISONS, type LibraryRule, type LibraryTest } from "./libseccomp.ts";

const actions = { SCMP_ACT_ALLOW: 0x7fff0000, SCMP_ACT_ERRNO: 0x00050001, SCMP_ACT_LOG: 0x7ffc0000 };
type ActionName = keyof typeof actions;

const edge = fc.constantFrom(
  ...[0n, 1n, 2n, 3n, 5n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n, 0x100000001n],
  ...[0x100000005n, 0x500000003n, 0xfffffffffffffffen, 0xffffffffffffffffn],
);
const oneTest: fc.Arbitrary<LibraryTest> = fc.record({
  index: fc.integer({ min: 0, max: 2 }),
  comparison: fc.constantFrom(...COMPARISONS.slice(1)),
  value: edge,
  valueTwo: edge,
});
const exact = oneTest.filter(({ comparison }) => comparison === "EQ" || comparison === "MASKED_EQ");

function ruleSets(tests: fc.Arbitrary<LibraryTest>, most: number): fc.Arbitrary<Case["rules"]> {
  const rule = fc.record({
    name: fc.constantFrom("read", "write"),
    action: fc.constantFrom<ActionName>("SCMP_ACT_ALLOW", "SCMP_ACT_LOG"),
    tests: fc.uniqueArray(tests, { minLength: 0, maxLength: most, selector: ({ index }) => index }),
  });
  return fc.array(rule, { minLength: 1, maxLength: 5 });
}
const vectors = fc.array(fc.tuple(edge, edge, edge), { minLength: 60, maxLength: 60 });

interface Case {
  readonly rules: readonly { name: string; action: ActionName; tests: readonly LibraryTest[] }[];
}

function profileText({ rules }: Case): string {
  const entries = rules.map(({ name, action, tests }) => {
    const args = tests.map(
      ({ index, value, valueTwo, comparison }) =>
        `{"index": ${index}, "value": ${value}, "valueTwo": ${valueTwo}, "op": "SCMP_CMP_${comparison}"}`,
    );
    return `{"names": ["${name}"], "action": "${action}", "args": [${args.join()}]}`;
  });
  return `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [${entries.join()}]}`;
}

function libraryRules({ rules }: Case): readonly LibraryRule[] {
  return rules.map(({ name, action, tests }) => ({ name, action: actions[action], tests }));
}

/** Whether a test holds, straight from the specification. */
function holds({ comparison, value, valueTwo }: LibraryTest, argument: bigint, bits: number): boolean {
  const [left, right] = [BigInt.asUintN(bits, argument), BigInt.asUintN(bits, value)];
  switch (comparison) {
    case "NE":
      return left !== right;
    case "LT":
      return left < right;
    case "LE":
      return left <= right;
    case "EQ":
      return left === right;
    case "GE":
      return left >= right;
    case "GT":
      return left > right;
    default:
      return (left & right) === (BigInt.asUintN(bits, valueTwo) & right);
  }
}

function meant({ rules }: Case, name: string, args: readonly bigint[], bits: number): ReadonlySet<number> {
  const matching = rules.filter(
    (rule) => rule.name === name && rule.tests.every((each) => holds(each, args[each.index] ?? 0n, bits)),
  );
  return new Set(matching.map(({ action }) => actions[action]));
}

/** What was seen of one ABI. */
interface Tally {
  /** Whether libseccomp's answers are known exactly for rules of this kind. */
  readonly decided: boolean;
  readonly differ: unknown[];
  /** Calls on which rules of different actions lay claim. */
  overlapping: number;
}

function compareOne(abi: Abi, sample: Case, args: readonly (readonly bigint[])[], tally: Tally): void {
  const parsed = readProfile(profileText(sample), "p.json");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const policy = policyOfProfile(parsed.value, { abis: [abi] });
  if (!policy.ok) throw new Error(JSON.stringify(policy.diagnostics));
  const program = buildWithLibrary({ abis: [abi], otherwise: actions.SCMP_ACT_ERRNO, rules: libraryRules(sample) });
  const refused = policy.diagnostics.some(({ code }) => code === "oci-refused");
  if ("refused" in program) {
    if (tally.decided) expect(refused, profileText(sample)).toBe(true);
    return;
  }
  const { littleEndian, audit } = tableOf(abi);
  const bits = comparedBits(abi);
  for (const name of ["read", "write"]) {
    const nr = numberOf(abi, name) ?? 0;
    for (const vector of args) {
      const cut = vector.map((each) => BigInt.asUintN(bits, each));
      const theirs = emulate(program, { arch: audit, nr, args: cut }, littleEndian);
      const action = evaluate(policy.value, { abi, number: nr, arguments: cut });
      const ours = action === undefined ? undefined : valueOfAction(action);
      const possible = meant(sample, name, cut, bits);
      const only = possible.size === 0 ? actions.SCMP_ACT_ERRNO : [...possible][0];
      const value = theirs.kind === "return" ? theirs.value : undefined;
      if (possible.size <= 1) {
        // The meaning of the rules decides; libseccomp 2.6 misses some of those with <, <= and several tests.
        expect(ours).toBe(only);
        continue;
      }
      tally.overlapping += 1;
      expect([...possible]).toContain(ours);
      if (ours !== value && !refused) tally.differ.push({ abi, name, cut, ours, value, text: profileText(sample) });
    }
  }
}

/** How many random rule sets each ABI gets; `CLOISON_RUNS` raises it. */
const runs = Number(process.env.CLOISON_RUNS ?? 40);

/** The same sets at each run: on some libseccomp 2.6 never comes back, and it cannot be interrupted. */
const SEED = 20250601;

const kinds = {
  "one test of any kind in a rule": { sets: ruleSets(oneTest, 1), decided: true },
  "several tests of equality in a rule": { sets: ruleSets(exact, 3), decided: true },
  "several tests of any kind in a rule": { sets: ruleSets(oneTest, 3), decided: false },
};
const abis: readonly Abi[] = ["x86_64", "i386", "x32", "aarch64", "s390x", "ppc64", "mips"];
const table = abis.flatMap((abi) => Object.entries(kinds).map(([kind, how]) => ({ abi, kind, ...how })));

test.each(table)("profiles on $abi, $kind", ({ abi, sets, decided }) => {
  const tally: Tally = { decided, differ: [], overlapping: 0 };
  fc.assert(
    fc.property(sets, vectors, (rules, args) => compareOne(abi, { rules }, args, tally)),
    { numRuns: runs, seed: SEED },
  );
  expect(tally.overlapping).toBeGreaterThan(0);
  // With several tests of all kinds libseccomp answers a few calls by none of its rules' order; those are not compared.
  if (decided) expect(tally.differ.slice(0, 1)).toEqual([]);
});

/** The profile's own entries as a runtime hands them to libseccomp, read apart from the code under test. */
function runtimeRules(path: string, machine: string): { otherwise: number; rules: readonly LibraryRule[] } {
  interface Entry {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly errno?: string;
    readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[] | null;
    readonly includes?: Limits;
    readonly excludes?: Limits;
  }
  interface Limits {
    readonly caps?: readonly string[];
    readonly arches?: readonly string[];
  }
  const held = new Set<string>(DOCKER_CAPABILITIES);
  const profile: { defaultErrnoRet?: number; defaultErrno?: string; syscalls: readonly Entry[] } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  // Podman's words for errors go before the numbers, and are the machine's own: asm/errno.h of mips.
  const words: Readonly<Record<string, number>> = { EPERM: 1, ENOSYS: machine.startsWith("mips") ? 89 : 38 };
  const errorOf = (word: string | undefined, number = 1): number => {
    const own = word === undefined ? number : words[word];
    if (own === undefined) throw new Error(`what is the number of ${word}?`);
    return 0x00050000 + own;
  };
  const otherwise = errorOf(profile.defaultErrno, profile.defaultErrnoRet);
  const counted = profile.syscalls.filter(({ includes = {}, excludes = {} }) => {
    if (excludes.arches?.includes(machine) || excludes.caps?.some((each) => held.has(each))) return false;
    if (includes.arches !== undefined && !includes.arches.includes(machine)) return false;
    return includes.caps?.every((each) => held.has(each)) ?? true;
  });
  const rules = counted.flatMap(({ names, action, errnoRet, errno, args }) => {
    const value = action === "SCMP_ACT_ALLOW" ? 0x7fff0000 : errorOf(errno, errnoRet);
    const tests = (args ?? []).map((each) => ({
      index: each.index,
      comparison: each.op.replace("SCMP_CMP_", "") as LibraryTest["comparison"],
      value: BigInt(each.value),
      valueTwo: BigInt(each.valueTwo ?? 0),
    }));
    return names.map((name) => ({ name, action: value, tests }));
  });
  return { otherwise, rules: rules.filter((rule) => rule.action !== otherwise) };
}

const profiles = ensureProfiles((line) => console.log(line));
const machines: readonly { machine: string; together: readonly Abi[] }[] = [
  { machine: "amd64", together: ["x86_64", "i386", "x32"] },
  { machine: "arm64", together: ["aarch64", "arm"] },
  { machine: "s390x", together: ["s390x", "s390"] },
  { machine: "ppc64le", together: ["ppc64le"] },
  { machine: "mipsel64", together: ["mips64el", "mips64el_n32", "mipsel"] },
];
const real = machines.flatMap((each) => (["docker", "podman"] as const).map((profile) => ({ ...each, profile })));

test.each(real)("the $profile profile on $machine is what libseccomp makes of it", ({ profile, machine, together }) => {
  const path = profiles[profile];
  const read = readProfile(readFileSync(path, "utf8"), path);
  if (!read.ok) throw new Error(JSON.stringify(read.diagnostics));
  const policy = policyOfProfile(read.value, { abis: together });
  if (!policy.ok) throw new Error(JSON.stringify(policy.diagnostics));
  const theirs = buildWithLibrary({ abis: together, ...runtimeRules(path, machine) });
  if ("refused" in theirs) throw new Error(`refused: ${theirs.refused}`);
  expect(prove(theirs, policy.value)).toEqual({ kind: "holds" });
});
