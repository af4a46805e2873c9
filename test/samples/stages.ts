/**
 * The stages of the pipeline for one recorded sample, each as text for a person: the unit, what was observed, the drop-in,
 * the report. Pure: what needs a kernel was recorded by `tools/record-samples.mjs`, and the attacks are those of the model.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileFacts, Identity, Observation } from "../../src/core/action/action.ts";
import { readObservation } from "../../src/core/action/document.ts";
import { assignmentsOf } from "../../src/core/directives/assignments.ts";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { type Built, type Host, sandboxOf } from "../../src/core/directives/sandbox.ts";
import { type Attack, attacksOn } from "../../src/core/probes/attack.ts";
import { probes } from "../../src/core/probes/catalogue.ts";
import type { Machine } from "../../src/core/probes/probe.ts";
import { assemble } from "../../src/core/report/assemble.ts";
import { reportText } from "../../src/core/report/text.ts";
import { behind } from "../../src/core/sandbox/judge.ts";
import type { Surroundings } from "../../src/core/sandbox/surroundings.ts";
import type { Sandbox } from "../../src/core/sandbox/wall.ts";
import type { SynthesisInput } from "../../src/core/synthesis/input.ts";
import { printDropIn } from "../../src/core/synthesis/print.ts";
import { type Synthesis, synthesize } from "../../src/core/synthesis/synthesize.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import type { Unit } from "../../src/core/unit/unit.ts";
import { doorFinder, doorText } from "../../src/core/verdict/door.ts";
import { goalsOf } from "../../src/core/verdict/goals.ts";
import { identitiesOf } from "../../src/core/verdict/identities.ts";
import type { Observed } from "../../src/core/verdict/observed.ts";
import { predict } from "../../src/core/verdict/predict.ts";
import {
  type AttackReport,
  type AttackTried,
  besideBefore,
  positionOf,
  resultOf,
} from "../../src/core/verdict/result.ts";

const folder = import.meta.dirname;

/** The fixture `service.json`: what the unit's files and the machine said when the sample was recorded. */
interface Recorded {
  readonly systemd: { readonly version: number; readonly full: string };
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly account: Identity & { readonly name: string };
  readonly names: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, ReturnType<Host["user"]> | null>>;
  readonly devices: Readonly<Record<string, ReturnType<NonNullable<Host["device"]>> | null>>;
  readonly secrets: readonly string[];
  readonly directories: readonly string[];
  readonly executables: readonly string[];
  readonly ineffective: readonly { readonly directive: string; readonly reason: string }[];
  readonly machine: Omit<Machine, "file" | "sysctl"> & {
    readonly file: Readonly<Record<string, FileFacts | null>>;
    readonly sysctl: Readonly<Record<string, string | null>>;
  };
}

/** A sample with all that follows from its fixtures, but for the attacks. */
export interface Stages {
  readonly recorded: Recorded;
  readonly observation: Observation;
  readonly unit: Unit;
  readonly built: Built;
  readonly input: SynthesisInput;
  readonly synthesis: Synthesis;
  readonly dropIn: string;
}

/** The names of all samples. */
export const sampleNames: readonly string[] = readdirSync(folder).filter((name) =>
  existsSync(join(folder, name, "sample.json")),
);

/** A fixture as text. */
export function fixture(name: string, file: string): string {
  return readFileSync(join(folder, name, file), "utf8");
}

function answerOf<T>(answers: Readonly<Record<string, T | null>>, question: string, what: string): T | undefined {
  if (!Object.hasOwn(answers, question)) {
    throw new Error(`${what} ${question} was not recorded: record the sample anew`);
  }
  return answers[question] ?? undefined;
}

function unitOf(name: string, { files }: Recorded): Unit {
  const parsed = files.map(({ path, text }) => {
    const file = parse(text, path);
    if (!file.ok) {
      throw new Error(`${path} does not parse`);
    }
    return file.value;
  });
  const read = parseServiceName(name);
  if (!read.ok) {
    throw new Error(`${name} is no name of a service`);
  }
  const machine = { m: "0".repeat(32), b: "1".repeat(32), H: "box" };
  return { name: read.value, files: parsed, machine, fragment: parsed[0]!.path };
}

/** Runs the pure part of the pipeline on the fixtures of a sample. */
export function stagesOf(name: string): Stages {
  const read = readObservation(fixture(name, "observation.json"), `${name}/observation.json`);
  if (!read.ok) {
    throw new Error(read.diagnostics[0]!.message);
  }
  const observation = read.value;
  const recorded = JSON.parse(fixture(name, "service.json")) as Recorded;
  const unit = unitOf(observation.unit, recorded);
  const { directories, secrets, executables, systemd } = recorded;
  const host: Host = {
    ...{ systemd: systemd.version, machine: "x86_64", directories, secrets, executables },
    user: (word) => answerOf(recorded.users, word, "the user"),
    device: (word) => answerOf(recorded.devices, word, "the device"),
  };
  const built = sandboxOf(assignmentsOf(unit), host);
  const ineffective = new Map(recorded.ineffective.map(({ directive, reason }) => [directive, reason]));
  const input: SynthesisInput = { observation, values: built.values, host, level: "balanced", ineffective };
  const synthesis = synthesize(input);
  const dropIn = printDropIn(synthesis, [`For ${observation.unit}, level balanced.`]);
  return { recorded, observation, unit, built, input, synthesis, dropIn };
}

/** The unit's settings as they are folded: what each directive comes to, whatever lines set it. */
export function unitText({ recorded, unit, built }: Stages): string {
  const settings = catalogue.flatMap((directive) => {
    if (!built.values.has(directive.name)) {
      return [];
    }
    const lines = directive.print(built.values.get(directive.name), directive.initial, "x86_64");
    return lines.map((line) => `${directive.name}=${line}`);
  });
  const { account } = recorded;
  return [
    unit.name.name,
    "",
    ...unit.files.map(({ path }) => `file  ${path}`),
    ...recorded.executables.map((path) => `runs  ${path}`),
    ...recorded.directories.map((path) => `owns  ${path}`),
    `as    ${account.name === "" ? "a dynamic user" : account.name}`,
    "",
    ...(settings.length === 0 ? ["It sets nothing that builds a wall."] : settings),
    ...built.diagnostics.map(({ message }) => `ignored: ${message}`),
    "",
  ].join("\n");
}

function machineOf({ machine }: Recorded): Machine {
  return {
    ...machine,
    file: (path) => answerOf(machine.file, path, "the file"),
    sysctl: (name) => answerOf(machine.sysctl, name, "the sysctl"),
  };
}

const THROUGH: Observed = { kind: "through", evidence: "" };

/** What the kernel would answer if the model is right. */
function foreseen(sandbox: Sandbox, steps: Attack["steps"], surroundings: Surroundings): Observed {
  const prediction = predict(sandbox, steps, surroundings);
  return prediction.kind === "denied" ? { kind: "stopped", step: prediction.step, answer: "", evidence: "" } : THROUGH;
}

/** The attacks as the model sees them; the live test holds the same attacks against the kernel. */
export function predictedAttacks({ recorded, observation, synthesis, input }: Stages): AttackReport {
  const { attacks, notApplicable } = attacksOn(machineOf(recorded), probes);
  const surroundings: Surroundings = { peers: recorded.machine.peers };
  const doors = doorFinder(input, synthesis);
  const door: AttackTried["doorOf"] = (steps, identity) => doorText(doors(steps, identity));
  const machine = machineOf(recorded);
  const attackedBehind = (walls: Sandbox, doorOf: AttackTried["doorOf"]): AttackReport => {
    const tried = identitiesOf(recorded.account, observation).map((identity) => {
      const sandbox = behind(walls, identity);
      const name = recorded.names[identity.uid] ?? recorded.account.name;
      const told = { surroundings, ineffective: new Map<string, string>() };
      const around = { identity, name, sandbox, ...told, control: THROUGH, doorOf };
      const results = attacks.map((attack) =>
        resultOf({ ...around, attack, seen: foreseen(sandbox, attack.steps, surroundings) }),
      );
      return { results, position: positionOf(results, sandbox, { attacks, machine, surroundings }) };
    });
    const goals = goalsOf(tried.map(({ position }) => position));
    return { results: tried.flatMap(({ results }) => results), goals, notApplicable };
  };
  return besideBefore(attackedBehind(synthesis.after, door), attackedBehind(synthesis.before, undefined));
}

/** What only a run can tell; the rest follows from the model. */
const MEASURED = /^ {2}(exposure|workload) |^level /;

/** The report, without what a run alone can tell. */
export function stagedReport(stages: Stages, attacks: AttackReport): string {
  const { recorded, observation, unit, synthesis } = stages;
  const report = assemble({
    ...{ level: "balanced", systemd: recorded.systemd.full, kernel: "", abi: "x86_64" },
    service: { name: unit.name.name, account: recorded.account },
    life: { before: [], after: [] },
    ...{ observation, synthesis, attacks, loosened: [], flaky: [], notes: [] },
    exposure: { before: 0, after: 0 },
    hashes: { dropIn: "", unit: "", executables: {} },
  });
  const [opening = "", _headline, ...rest] = reportText(report).split("\n\n");
  const lines = [opening, ...rest].join("\n\n").split("\n");
  return lines.filter((line) => !MEASURED.test(line)).join("\n");
}
