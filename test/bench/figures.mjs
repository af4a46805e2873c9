/**
 * What compiled filters come to, with libseccomp and systemd beside in the same run: instructions, the mean that runs at a
 * call, and how long compiling with proof takes.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import {
  callCounts,
  compileFilter,
  decompileFilter,
  diffFilters,
  figuresOf,
  filtersOf,
  mergeFilters,
  numberOf,
  optimumOf,
  policyOfProfile,
  prove,
  readObservation,
  readProfile,
  sandboxOf,
  tableOf,
} from "../../dist/core/index.js";
import { rulesByNumber } from "../../dist/core/seccomp/canonical.js";
import { valueOfAction } from "../../dist/core/seccomp/return-value.js";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import { median, milliseconds, table } from "./table.mjs";

const root = join(import.meta.dirname, "../..");

/** The oracle of the tests is TypeScript; Node 20 reads JavaScript only. */
async function library() {
  const directory = join(root, "node_modules/.cache/cloison");
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, "libseccomp.mjs");
  const entryPoints = [join(root, "test/live/libseccomp.ts")];
  buildSync({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", external: ["koffi"] });
  return (await import(pathToFileURL(outfile).href)).buildWithLibrary;
}

function must(parsed) {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.value;
}

const round = (figure, digits = 2) => figure.toFixed(digits);

/** A policy for x86_64 as the rules that libseccomp is given; unnamed numbers and the default are not rules. */
function libraryRules(policy, names) {
  const own = policy.abis.x86_64;
  const byNumber = rulesByNumber(own);
  const operators = { "masked-eq": "MASKED_EQ" };
  return names.flatMap((name) => {
    const number = numberOf("x86_64", name);
    const rules = number === undefined ? [] : (byNumber.get(number) ?? []);
    return rules
      .filter(({ action }) => valueOfAction(action) !== valueOfAction(own.otherwise))
      .map(({ when, action }) => ({
        name,
        action: valueOfAction(action),
        tests: when.map(({ argument, operator, value, mask }) => ({
          index: argument,
          comparison: operators[operator] ?? operator.toUpperCase(),
          value: operator === "masked-eq" ? mask : value,
          valueTwo: value,
        })),
      }));
  });
}

function row(name, program, weights, optimum) {
  const uniform = figuresOf(program, "x86_64");
  const weighted = figuresOf(program, "x86_64", weights);
  const against = optimum === undefined ? "" : `${round((100 * weighted.mean) / optimum.tree - 100, 1)} %`;
  return [name, uniform.instructions, uniform.longest, round(uniform.mean), round(weighted.mean), against];
}

function compare(title, policy, weights, build) {
  const names = Object.keys(tableOf("x86_64").numbers);
  const rules = libraryRules(policy, names);
  const otherwise = valueOfAction(policy.abis.x86_64.otherwise);
  const [uniformBest, weightedBest] = [optimumOf(policy, "x86_64"), optimumOf(policy, "x86_64", weights)];
  const rows = [["", "instructions", "longest", "mean uniform", "mean weighted", "above the best tree"]];
  for (const optimize of [1, 2]) {
    const program = build({ abis: ["x86_64"], otherwise, rules, optimize, foreign: valueOfAction(policy.foreign) });
    if ("refused" in program) throw new Error(`libseccomp refused: ${program.refused}`);
    const proof = prove(program, policy);
    rows.push(
      row(`libseccomp O${optimize}${proof.kind === "holds" ? "" : ` (${proof.kind})`}`, program, weights, weightedBest),
    );
  }
  rows.push(
    row("cloison --optimize size", must(compileFilter(policy, { goal: "size" })).program, weights, weightedBest),
  );
  rows.push(row("cloison", must(compileFilter(policy)).program, weights, weightedBest));
  const own = must(compileFilter(policy, { profile: weights })).program;
  rows.push(row("cloison --profile nginx", own, weights, weightedBest));
  rows.push(["best comparison tree", "", "", round(uniformBest.tree), round(weightedBest.tree), ""]);
  rows.push(["lower bound", "", "", round(uniformBest.bound), round(weightedBest.bound), ""]);
  table(title, rows);
}

function resolve(text) {
  return must(policyOfProfile(must(readProfile(text, "profile")), { abis: ["x86_64"] }));
}

function unitPolicy(lines, abis) {
  const { sandbox } = sandboxOf(
    (name) =>
      lines
        .filter((line) => line.startsWith(`${name}=`))
        .map((line, place) => ({ value: line.slice(name.length + 1), file: "unit", line: place + 1 })),
    { systemd: 257, user: () => undefined, directories: [], executables: [] },
  );
  const { policies } = filtersOf(sandbox);
  const kept = policies.map((policy) => ({
    ...policy,
    abis: Object.fromEntries(Object.entries(policy.abis).filter(([abi]) => abis.includes(abi))),
  }));
  return must(decompileFilter({ kind: "policies", policies: kept }));
}

/** Random rule sets of up to twenty rules of three conditions on a few calls; a fixed sequence. */
function randomPolicies(count) {
  let state = 12345;
  const next = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const operators = ["eq", "ne", "lt", "le", "gt", "ge", "masked-eq"];
  const condition = () => {
    const operator = operators[next(operators.length)];
    const value = BigInt(next(1 << 16)) << BigInt(next(40));
    const mask = BigInt(next(1 << 12)) << BigInt(next(40));
    return {
      argument: next(6),
      width: next(2) === 0 ? 32 : 64,
      operator,
      value,
      ...(operator === "masked-eq" ? { mask } : {}),
    };
  };
  const actions = [{ kind: "allow" }, { kind: "log" }, { kind: "errno", errno: "EPERM" }];
  return Array.from({ length: count }, () => {
    const rules = Array.from({ length: 1 + next(20) }, () => ({
      calls: [next(400)],
      when: Array.from({ length: next(4) }, condition),
      action: actions[next(3)],
    }));
    return {
      abis: { x86_64: { rules, otherwise: { kind: "errno", errno: "ENOSYS" } } },
      foreign: { kind: "kill-process" },
    };
  });
}

/** `systemd`: what systemd itself attached for SystemCallFilter=@system-service alone, or nothing without root. */
export async function figures(systemd) {
  const build = await library();
  const paths = ensureProfiles(console.log);
  const [docker, podman] = [paths.docker, paths.podman].map((path) => resolve(readFileSync(path, "utf8")));
  const observation = join(root, "test/samples/nginx/observation.json");
  const weights = callCounts(must(readObservation(readFileSync(observation, "utf8"), observation)));
  compare("Docker's default profile, x86_64", docker, weights, build);
  compare("Podman's default profile, x86_64", podman, weights, build);
  const service = unitPolicy(["SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"], ["x86_64"]);
  compare("SystemCallFilter=@system-service, x86_64", service, weights, build);
  if (systemd !== undefined) {
    const sum = systemd.reduce((total, program) => total + program.length, 0);
    const merged = must(mergeFilters(systemd)).program;
    table("SystemCallFilter=@system-service, all three ABIs", [
      ["", "programs", "instructions"],
      ["systemd", systemd.length, sum],
      ["cloison seccomp merge", 1, merged.length],
    ]);
  }
  const filters = [docker, podman].map((policy) => ({ kind: "program", program: must(compileFilter(policy)).program }));
  const random = randomPolicies(200);
  const times = random.map((policy) => {
    const before = performance.now();
    must(compileFilter(policy));
    return performance.now() - before;
  });
  const total = times.reduce((sum, time) => sum + time, 0);
  const entangled = randomEntangled();
  const made = must(compileFilter(entangled)).program;
  table("Time in this process, milliseconds (middle of several runs)", [
    ["", "ms", "aim"],
    [
      "compile Docker's profile, with proof",
      round(
        milliseconds(() => must(compileFilter(docker))),
        1,
      ),
      "150",
    ],
    [
      "diff of Docker's and Podman's filters",
      round(
        milliseconds(() => diffFilters(filters[0], filters[1])),
        1,
      ),
      "300",
    ],
    [
      `20 rules of 3 conditions on one call (${made.length} instructions)`,
      round(
        milliseconds(() => must(compileFilter(entangled))),
        1,
      ),
      "100",
    ],
    ["one random rule set, compiled and proved", round(median(times), 2), ""],
    ["random rule sets proved in a minute", Math.round((60_000 * random.length) / total), "1000"],
  ]);
}

/** Twenty rules of three conditions on one call. */
function randomEntangled() {
  const rules = Array.from({ length: 20 }, (_, place) => ({
    calls: [16],
    when: [
      { argument: 1, width: 32, operator: "eq", value: BigInt(0x5400 + place) },
      { argument: 0, width: 32, operator: "lt", value: BigInt(3 + place) },
      { argument: 2, width: 64, operator: "masked-eq", value: 1n << BigInt(place), mask: 3n << BigInt(place) },
    ],
    action: { kind: "allow" },
  }));
  return {
    abis: { x86_64: { rules, otherwise: { kind: "errno", errno: "EPERM" } } },
    foreign: { kind: "kill-process" },
  };
}
