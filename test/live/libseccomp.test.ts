/**
 * Profiles against libseccomp, which runc and crun hand them to: on random rule sets both filters answer the same to
 * every call. Where rules of one action do not give what they say, libseccomp is wrong and the meaning of the rules counts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { type Abi, numberOf, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import { prove } from "../../src/core/seccomp/compare/prove.ts";
import { comparedBits } from "../../src/core/seccomp/oci/conditions.ts";
import { readProfile } from "../../src/core/seccomp/oci/profile.ts";
import { DOCKER_CAPABILITIES, policyOfProfile } from "../../src/core/seccomp/oci/resolve.ts";
import { evaluate } from "../../src/core/seccomp/policy/evaluate.ts";
import type { Policy } from "../../src/core/seccomp/policy/policy.ts";
import { valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import {
  buildWithLibrary,
  COMPARISONS,
  type LibraryOptions,
  type LibraryRule,
  type LibraryTest,
} from "./libseccomp.ts";
import { libraryProcess } from "./libseccomp-process.ts";

const actions = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_ERRNO: 0x00050001,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
};
type ActionName = keyof typeof actions;

const edge = fc.constantFrom(
  ...[0n, 1n, 2n, 3n, 5n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n, 0x100000001n],
  ...[0x100000005n, 0x500000003n, 0xfffffffffffffffen, 0xffffffffffffffffn],
);
const number = fc.oneof({ weight: 3, arbitrary: edge }, { weight: 1, arbitrary: fc.bigInt(0n, 2n ** 64n - 1n) });
const oneTest: fc.Arbitrary<LibraryTest> = fc.record({
  index: fc.constantFrom(0, 1, 2, 5),
  comparison: fc.constantFrom(...COMPARISONS.slice(1)),
  value: number,
  valueTwo: number,
});
const exact = oneTest.filter(({ comparison }) => comparison === "EQ" || comparison === "MASKED_EQ");
const notBelow = oneTest.filter(({ comparison }) => comparison !== "LT" && comparison !== "LE");

function ruleSets(tests: fc.Arbitrary<LibraryTest>, most: number): fc.Arbitrary<Case["rules"]> {
  const rule = fc.record({
    name: fc.constantFrom("read", "write"),
    action: fc.constantFrom<ActionName>("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRAP", "SCMP_ACT_KILL_PROCESS"),
    tests: fc.uniqueArray(tests, { minLength: 0, maxLength: most, selector: ({ index }) => index }),
  });
  return fc.array(rule, { minLength: 1, maxLength: 5 });
}
const vectors = fc.array(fc.tuple(edge, edge, edge, edge, edge, edge), { minLength: 30, maxLength: 30 });

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

/** How many rule sets of one kind ended how. */
interface Tally {
  /** The filters are equal for every input, or refused where we say that they are. */
  same: number;
  /** libseccomp answers otherwise, or refuses other sets. */
  different: number;
  /** libseccomp did not come back in time. */
  silent: number;
  /** Calls on which rules of different actions lay claim. */
  overlapping: number;
}

/** The policy of a rule set on one ABI, and whether we say that runtimes refuse it. */
function policyOf(abi: Abi, sample: Case): { readonly policy: Policy; readonly refused: boolean } {
  const parsed = readProfile(profileText(sample), "p.json");
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  const policy = policyOfProfile(parsed.value, { abis: [abi] });
  if (!policy.ok) {
    throw new Error(JSON.stringify(policy.diagnostics));
  }
  return { policy: policy.value, refused: policy.diagnostics.some(({ code }) => code === "oci-refused") };
}

/** What a rule set can answer to a call: one action where its rules leave no choice. */
function answersOf(sample: Case, name: string, args: readonly bigint[], bits: number): ReadonlySet<number> {
  const possible = meant(sample, name, args, bits);
  return possible.size === 0 ? new Set([actions.SCMP_ACT_ERRNO]) : possible;
}

/** We answer as the rules say, also where libseccomp does not: it misses some of those with <, <= and several tests. */
function checkMeaning(abi: Abi, sample: Case, policy: Policy, args: readonly (readonly bigint[])[]): number {
  const bits = comparedBits(abi);
  let overlapping = 0;
  for (const name of ["read", "write"]) {
    for (const vector of args) {
      const cut = vector.map((each) => BigInt.asUintN(bits, each));
      const action = evaluate(policy, { abi, number: numberOf(abi, name) ?? 0, arguments: cut });
      const possible = answersOf(sample, name, cut, bits);
      expect([...possible]).toContain(action === undefined ? undefined : valueOfAction(action));
      if (possible.size > 1) {
        overlapping += 1;
      }
    }
  }
  return overlapping;
}

/** Each of two filters' answers is one of those that the rules can give, ours always; gives whether both are for every call. */
function checkFilters(abi: Abi, sample: Case, policy: Policy, program: Program): boolean {
  const { littleEndian } = tableOf(abi);
  const compared = diff({ kind: "stack", programs: [program], littleEndian }, { kind: "policy", policy });
  if (compared.kind === "unknown") {
    throw new Error(compared.reason);
  }
  for (const { calls, examples } of compared.differences) {
    for (const { data, second } of Object.values(examples)) {
      const name = calls.find((each) => each === "read" || each === "write");
      expect(name, profileText(sample)).toBeDefined();
      expect([...answersOf(sample, name ?? "", data.args ?? [], comparedBits(abi))]).toContain(valueOfAction(second));
    }
  }
  return compared.relation === "equal";
}

/** `most`: how many sets of a kind may be answered otherwise. */
async function compareOne(
  { abi, most, tally }: { readonly abi: Abi; readonly most: number; readonly tally: Tally },
  sample: Case,
  args: readonly (readonly bigint[])[],
): Promise<void> {
  const { policy, refused } = policyOf(abi, sample);
  tally.overlapping += checkMeaning(abi, sample, policy, args);
  const rules = libraryRules(sample);
  const program = await library.build({ abis: [abi], otherwise: actions.SCMP_ACT_ERRNO, rules });
  if (program === undefined) {
    tally.silent += 1;
    return;
  }
  const same = "refused" in program ? refused : checkFilters(abi, sample, policy, program) && !refused;
  tally[same ? "same" : "different"] += 1;
  if (!same) {
    expect(tally.different, profileText(sample)).toBeLessThanOrEqual(most);
  }
}

/** How many random rule sets each ABI gets of a kind; `CLOISON_RUNS` raises it. */
const runs = Number(process.env.CLOISON_RUNS ?? 100);

/** On how many sets of a kind libseccomp may say nothing in its five seconds: it is one in a thousand of the last kind. */
const MOST_SILENT = 3 + runs / 100;

/**
 * `share`: of how many sets libseccomp may make something else than the same function. Of those with < and <= in one test
 * it is one in two hundred, with several tests one in fourteen: more than that would be our misunderstanding.
 */
const kinds = {
  "one test of any kind but < and <= in a rule": { sets: ruleSets(notBelow, 1), share: 0 },
  "several tests of equality in a rule": { sets: ruleSets(exact, 3), share: 0 },
  "one test of any kind in a rule": { sets: ruleSets(oneTest, 1), share: 0.1 },
  "several tests of any kind in a rule": { sets: ruleSets(oneTest, 3), share: 0.25 },
};
const abis: readonly Abi[] = ["x86_64", "i386", "x32", "aarch64", "s390x", "ppc64", "mips"];
const table = abis.flatMap((abi) => Object.entries(kinds).map(([kind, how]) => ({ abi, kind, ...how })));

const library = libraryProcess();
afterEach(() => library.stop());

// Each run has sets of its own; fast-check names the seed of one that fails.
test.each(table)("profiles on $abi, $kind", async ({ abi, sets, share }) => {
  const tally: Tally = { same: 0, different: 0, silent: 0, overlapping: 0 };
  const compared = { abi, most: share * runs, tally };
  await fc.assert(
    fc.asyncProperty(sets, vectors, (rules, args) => compareOne(compared, { rules }, args)),
    { numRuns: runs },
  );
  expect(tally.silent).toBeLessThanOrEqual(MOST_SILENT);
  expect(tally.same + tally.different + tally.silent).toBe(runs);
  expect(tally.overlapping).toBeGreaterThan(0);
});

const onePlainRule: LibraryOptions = {
  abis: ["x86_64"],
  otherwise: actions.SCMP_ACT_ERRNO,
  rules: [{ name: "read", action: actions.SCMP_ACT_ALLOW, tests: [] }],
};

test("a process with libseccomp that does not answer is killed, and the next rule set has another", async () => {
  const hasty = libraryProcess(1000);
  try {
    const program = await hasty.build(onePlainRule);
    expect(program).toEqual(buildWithLibrary(onePlainRule));
    const first = hasty.pid() ?? 0;
    process.kill(first, "SIGSTOP");
    expect(await hasty.build(onePlainRule)).toBeUndefined();
    expect(existsSync(`/proc/${first}`)).toBe(false);
    expect(await hasty.build(onePlainRule)).toEqual(program);
    expect(hasty.pid()).not.toBe(first);
  } finally {
    await hasty.stop();
  }
});

test("a process with libseccomp dies with the one that started it", async () => {
  const contents = `
    import { libraryProcess } from "./libseccomp-process.ts";
    const library = libraryProcess();
    await library.build(${JSON.stringify(onePlainRule)});
    console.log(library.pid());
    setInterval(() => undefined, 1000);`;
  const built = buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    define: { "import.meta.dirname": JSON.stringify(import.meta.dirname) },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  const script = built.outputFiles[0]?.text ?? "";
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
    const child = Number(line);
    // So it reads nothing, as during a long call.
    process.kill(child, "SIGSTOP");
    expect(existsSync(`/proc/${child}`)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => existsSync(`/proc/${child}`)).toBe(false);
  } finally {
    parent.kill("SIGKILL");
  }
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
    if (own === undefined) {
      throw new Error(`what is the number of ${word}?`);
    }
    return 0x00050000 + own;
  };
  const otherwise = errorOf(profile.defaultErrno, profile.defaultErrnoRet);
  const counted = profile.syscalls.filter(({ includes = {}, excludes = {} }) => {
    if (excludes.arches?.includes(machine) || excludes.caps?.some((each) => held.has(each))) {
      return false;
    }
    if (includes.arches !== undefined && !includes.arches.includes(machine)) {
      return false;
    }
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
  if (!read.ok) {
    throw new Error(JSON.stringify(read.diagnostics));
  }
  const policy = policyOfProfile(read.value, { abis: together });
  if (!policy.ok) {
    throw new Error(JSON.stringify(policy.diagnostics));
  }
  const theirs = buildWithLibrary({ abis: together, ...runtimeRules(path, machine) });
  if ("refused" in theirs) {
    throw new Error(`refused: ${theirs.refused}`);
  }
  expect(prove(theirs, policy.value)).toEqual({ kind: "holds" });
});
