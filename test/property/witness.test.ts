/**
 * Laws over random units and observations: whatever could be added to a drop-in has a witness, and every witness is true. Each is
 * reckoned anew here, by folding, building and judging, not by what the search noted. Tests src/core/synthesis.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Observation } from "../../src/core/action/action.ts";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { type AnyDirective, ladderOf } from "../../src/core/directives/directive.ts";
import { foldUnit, sandboxOfValues } from "../../src/core/directives/sandbox.ts";
import { attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import { ordinaryMachine, ordinarySurroundings } from "../../src/core/probes/ordinary-machine.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { behind } from "../../src/core/sandbox/judge.ts";
import type { Sandbox } from "../../src/core/sandbox/wall.ts";
import { prepare, type SynthesisInput } from "../../src/core/synthesis/input.ts";
import { unmet } from "../../src/core/synthesis/required.ts";
import { type Synthesis, synthesize } from "../../src/core/synthesis/synthesize.ts";
import type { NotBuilt } from "../../src/core/synthesis/witness.ts";
import { doorFinder, doorText } from "../../src/core/verdict/door.ts";
import { predict } from "../../src/core/verdict/predict.ts";
import { sampleNames, stagesOf } from "../samples/stages.ts";
import { host, levels, observation, reader, unit } from "./random-units.ts";

/** Whose values name places of a machine: of these there is no end, and only those are tried that a ladder names. */
const PLACES: ReadonlySet<string> = new Set([
  "InaccessiblePaths",
  "NoExecPaths",
  "ReadOnlyPaths",
  "TemporaryFileSystem",
  "BindReadOnlyPaths",
]);

/** A list of calls; that nothing can be taken out of it is a law of its own below. */
const CALLS = "SystemCallFilter";

/** How many random services each law is held against; more with RUNS. */
const RUNS = Number(process.env.RUNS ?? 4);

/** What one more right-hand side comes to; undefined where it changes nothing. */
function withLine(
  input: SynthesisInput,
  result: Synthesis,
  directive: AnyDirective,
  value: string,
): Sandbox | undefined {
  const { facts } = sandboxOfValues(result.values, input.host);
  const now: unknown = result.values.has(directive.name) ? result.values.get(directive.name) : directive.initial;
  const folded: unknown = directive.fold([{ value, file: "", line: 1 }], facts).value;
  const joined: unknown = directive.meet(folded, now, host.machine);
  return directive.print(joined, now, host.machine).length === 0
    ? undefined
    : sandboxOfValues(new Map(result.values).set(directive.name, joined), input.host).sandbox;
}

/** The right-hand sides of a directive that could be added: all is still allowed, nothing is weaker, something is tighter. */
function addable(input: SynthesisInput, result: Synthesis, directive: AnyDirective): readonly string[] {
  const { required } = prepare(input);
  return directive.samples.filter((value) => {
    const sandbox = withLine(input, result, directive, value);
    return (
      sandbox !== undefined &&
      loosened(sandbox, result.after).length > 0 &&
      loosened(result.after, sandbox).length === 0 &&
      unmet(sandbox, required).length === 0
    );
  });
}

function inputOf(own: Parameters<typeof reader>[0], what: Observation, level: "balanced" | "strict"): SynthesisInput {
  return { observation: what, values: foldUnit(reader(own), host).values, host, level };
}

/** What a setting comes to with the doors that come with its wall. */
function withDoors(
  input: SynthesisInput,
  result: Synthesis,
  directive: AnyDirective,
  value: string,
): readonly Sandbox[] {
  const { situation } = prepare(input);
  const doors = catalogue.filter(({ door }) => door?.includes(directive.name));
  const ladders = doors.map((door) => ladderOf(door, situation).map((candidate) => [door, candidate.value] as const));
  const deepest = Math.max(0, ...ladders.map((ladder) => ladder.length));
  return Array.from({ length: deepest }, (_, depth) => {
    const values = new Map(result.values);
    for (const [door, opened] of ladders.flatMap((ladder) => ladder.slice(depth, depth + 1))) {
      values.set(door.name, opened);
    }
    return withLine(input, { ...result, values }, directive, value) ?? result.after;
  });
}

/** Whether a witness is true of the setting that is not written. */
function isTrue(input: SynthesisInput, result: Synthesis, { directive: name, value, witness }: NotBuilt): boolean {
  const directive = catalogue.find((each) => each.name === name)!;
  const sandbox = () => withLine(input, result, directive, value) ?? result.after;
  switch (witness.kind) {
    case "evidence":
      return unmet(sandbox(), prepare(input).required).some(
        ({ words, evidence }) => words === witness.action && evidence.kind === witness.evidence,
      );
    case "unit":
      return input.level === "balanced" && input.values.get(name) === directive.initial;
    case "not-enforced":
      return input.ineffective?.has(name) || directive.since > host.systemd || witness.reason.includes("came with");
    case "rehearsal":
      return input.skip?.has(name) ?? false;
    case "never":
      return /^(?:[A-Z]|systemd ).*\.$/.test(witness.reason);
    case "weaker":
      return [sandbox(), ...withDoors(input, result, directive, value)].some(
        (each) => loosened(result.before, each).length > 0,
      );
    case "instead":
      return [sandbox(), ...withDoors(input, result, directive, value)].some(
        (each) => loosened(result.after, each).length > 0,
      );
    case "unstartable":
      return sandbox().walls.some(({ kind }) => kind === "unstartable");
    case "nothing":
      // It may be left out for its price, but only if what it closes is closed by the rest.
      return (directive.cost ?? 0) > 0 && loosened(sandbox(), result.after).length === 0;
    case "untried":
      return false;
  }
}

function wrongWitnesses(input: SynthesisInput, result: Synthesis): readonly string[] {
  return result.notBuilt
    .filter((each) => !isTrue(input, result, each))
    .map(({ directive, value, witness }) => `${directive}=${value}: ${JSON.stringify(witness)}`);
}

/** Directives that could be added to or tightened, but for those that name places and calls, and of which nothing says why not. */
function silent(
  input: SynthesisInput,
  result: Synthesis,
): { readonly names: readonly string[]; readonly tried: number } {
  const written = catalogue.filter(
    ({ name, ladder }) => typeof ladder === "function" && !PLACES.has(name) && name !== CALLS,
  );
  const open = written.filter((directive) => addable(input, result, directive).length > 0);
  const said = new Set(result.notBuilt.map(({ directive }) => directive));
  return { names: open.filter(({ name }) => !said.has(name)).map(({ name }) => name), tried: open.length };
}

test("synthesize: no single setting can be added or tightened without a witness, and every witness is true", () => {
  let open = 0;
  fc.assert(
    fc.property(unit, observation, levels, (own, what, level) => {
      const input = inputOf(own, what, level);
      const result = synthesize(input);
      expect(result.warnings.filter((text) => text.includes("an error of Cloison's"))).toEqual([]);
      const { names, tried } = silent(input, result);
      open += tried;
      expect(names).toEqual([]);
      expect(wrongWitnesses(input, result)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  expect(open).toBeGreaterThan(RUNS / 2);
}, 240_000);

test.each(sampleNames)(
  "sample %s: the same of what was recorded",
  (name) => {
    const { input, synthesis } = stagesOf(name);
    expect(synthesis.warnings.filter((text) => text.includes("an error of Cloison's"))).toEqual([]);
    expect(silent(input, synthesis).names).toEqual([]);
    expect(wrongWitnesses(input, synthesis)).toEqual([]);
  },
  120_000,
);

test("every way that stays open on an ordinary machine names what would shut it, and what stands against that", () => {
  const { input, synthesis, recorded } = stagesOf("nginx");
  const { attacks } = attacksOn(ordinaryMachine, probes);
  const doors = doorFinder(input, synthesis);
  const sandbox = behind(synthesis.after, recorded.account);
  const open = attacks.filter(({ steps }) => predict(sandbox, steps, ordinarySurroundings).kind === "allowed");
  const reasons = open.map(({ probe, steps }) => `${probe.id}: ${doorText(doors(steps, recorded.account))}`);
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.filter((text) => !/would stop it, but(?: is not written)?: \S/.test(text))).toEqual([]);
  expect(reasons.filter((text) => /=~(?:openat|read|write|connect) /.test(text))).toEqual([]);
}, 240_000);

test("synthesize: strict allows nothing that balanced does not", () => {
  fc.assert(
    fc.property(unit, observation, (own, what) => {
      const [balanced, strict] = (["balanced", "strict"] as const).map((level) =>
        synthesize(inputOf(own, what, level)),
      );
      expect(loosened(balanced!.after, strict!.after)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 240_000);

test("synthesize: what has evidence in an observation stays allowed under a larger one", () => {
  fc.assert(
    fc.property(unit, observation, observation, levels, (own, small, more, level) => {
      const larger = { ...small, seen: [...small.seen, ...more.seen] };
      const { required } = prepare(inputOf(own, small, level));
      const { after } = synthesize(inputOf(own, larger, level));
      expect(unmet(after, required).map(({ words }) => words)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 240_000);
