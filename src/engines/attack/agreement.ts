/**
 * The table of all probes against all values of all directives: what the model predicts beside what the real systemd and
 * kernel do, one unit per value. A disagreement is a bug of the model, of a directive's file or of a probe, never noise.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { catalogue } from "../../core/directives/catalogue.ts";
import { type Built, type Host, sandboxOf } from "../../core/directives/sandbox.ts";
import { type Attack, attacksOn, compileAttacks } from "../../core/probes/attack.ts";
import { probes } from "../../core/probes/catalogue.ts";
import { type Observed, observed, type Run } from "../../core/probes/observed.ts";
import { enforced, type Prediction, predict } from "../../core/probes/predict.ts";
import type { Box } from "../box/box.ts";
import { effects } from "../box/effects.ts";
import { liftHardwareGuard } from "../box/hardware.ts";
import { runControl } from "./control.ts";
import { STAGE, stageOf } from "./stage.ts";
import { survey, type Target } from "./survey.ts";
import { outputOf, type Trial, tryAttacks } from "./try.ts";

/** A unit whose walls are tried: lines of [Service], the last of which is the value in question. */
export interface Case {
  readonly directive: string;
  readonly value: string;
  /** What stands beside the value, for a person: `User=nobody`. */
  readonly beside: readonly string[];
}

/** One cell of the table. */
export interface Cell {
  readonly case: Case;
  readonly probe: string;
  readonly prediction: Prediction;
  readonly observed: Observed;
  /** Undecided: neither agreement nor disagreement can be stated, with the reason. */
  readonly status: "agree" | "disagree" | { readonly undecided: string };
}

/** The whole table. */
export interface Table {
  readonly cells: readonly Cell[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
}

/** Without any of these a value of `ExecPaths=`, `DeviceAllow=` and the like says nothing. */
const WALLED: readonly string[] = [
  "ProtectSystem=strict",
  "NoExecPaths=/",
  `ExecPaths=/usr`,
  "DevicePolicy=strict",
  "IPAddressDeny=any",
  "SystemCallFilter=~@mount",
];

/** Every sample of every directive: alone as root, as an ordinary user, and beside strict walls of other kinds. */
export function allCases(): readonly Case[] {
  const samples = catalogue.flatMap(({ name, samples: values }) => values.map((value) => ({ directive: name, value })));
  const contexts: readonly (readonly string[])[] = [[], ["User=nobody"], WALLED];
  return contexts.flatMap((beside) =>
    samples
      .filter(({ directive }) => !beside.some((line) => line.startsWith(`${directive}=`)))
      .map((sample) => ({ ...sample, beside })),
  );
}

/** Units that run at the same time: connections that a packet filter drops are waited for, so more than processors. */
const AT_ONCE = 8;

interface Prepared {
  readonly case: Case;
  readonly built: Built;
  readonly attacks: readonly Attack[];
  readonly trial: Trial;
}

function linesOf({ directive, value, beside }: Case): readonly string[] {
  return [...beside, `${directive}=${value}`];
}

function wallsOf(each: Case, host: Host): Built {
  const assignments = linesOf(each).map((text, index) => {
    const equals = text.indexOf("=");
    return { name: text.slice(0, equals), value: text.slice(equals + 1), file: "agreement", line: index + 1 };
  });
  return sandboxOf((name) => assignments.filter((assignment) => assignment.name === name), host);
}

async function prepare(
  box: Box,
  each: Case,
  index: number,
  host: Omit<Host, "directories" | "executables">,
): Promise<Prepared> {
  const name = `agree${index}`;
  const path = `${STAGE}/${name}`;
  const state = `/var/lib/${name}`;
  const built = wallsOf(each, { ...host, directories: [state], executables: [path] });
  const fragment = `/etc/systemd/system/${name}.service`;
  // Our own names in our own box: nothing there could lead a link elsewhere.
  await mkdir(`${box.root}${state}`, { recursive: true });
  await writeFile(`${box.root}${path}`, "", { mode: 0o755 });
  await writeFile(`${box.root}${fragment}`, "");
  const target: Target = {
    name: `${name}.service`,
    executable: path,
    argv: [path],
    fragment,
    stateDirectories: [state],
    owner: { uid: built.facts.uid, gid: built.facts.gid },
    ports: [],
  };
  const { attacks } = attacksOn(await survey(box, target, name), probes);
  const unit = ["[Service]", `StateDirectory=${name}`, ...linesOf(each)];
  const trial: Trial = {
    unit: target.name,
    path,
    count: attacks.length,
    prefix: "",
    output: outputOf(name),
    write: (lines) => writeFile(`${box.root}${fragment}`, `${[...unit, ...lines].join("\n")}\n`),
  };
  await writeFile(`${box.root}${path}`, compileAttacks(attacks.map((attack) => ({ attack }))));
  await liftHardwareGuard(box, target.name);
  return { case: each, built, attacks, trial };
}

function statusOf(prediction: Prediction, seen: Observed, control: Observed | undefined): Cell["status"] {
  if (control?.kind !== "through") return { undecided: "the control did not get through" };
  if (seen.kind === "undecided") return { undecided: seen.reason };
  if (prediction.kind === "unknown") return { undecided: `the model cannot tell: ${prediction.reason}` };
  return (prediction.kind === "denied") === (seen.kind === "stopped") ? "agree" : "disagree";
}

/** Fills the table for these cases in a box. */
export async function agreementTable(
  box: Box,
  cases: readonly Case[],
  host: Omit<Host, "directories" | "executables">,
): Promise<Table> {
  await stageOf(box);
  const prepared: Prepared[] = [];
  for (const [index, each] of cases.entries()) prepared.push(await prepare(box, each, index, host));
  const first = prepared[0];
  if (first === undefined) return { cells: [], notApplicable: [] };
  const target: Target = {
    name: "control.service",
    executable: first.trial.path,
    argv: [],
    fragment: `/etc/systemd/system/${first.trial.unit}`,
    stateDirectories: ["/var/lib"],
    owner: { uid: 0, gid: 0 },
    ports: [],
  };
  const { attacks, notApplicable } = attacksOn(await survey(box, target, "control"), probes);
  const answers = await runControl(box, attacks);
  const controls = new Map(attacks.map(({ probe }, index) => [probe.id, answers[index]]));
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  const runs = await tryAttacks(
    box,
    prepared.map(({ trial }) => trial),
    AT_ONCE,
  );
  const cells = prepared.flatMap((each, index) => cellsOf(each, runs[index] ?? [], { controls, ineffective }));
  const missing = attacks.flatMap(({ probe }) => {
    const control = controls.get(probe.id);
    const lacks = control?.kind === "stopped" && control.answer === "ENOSYS";
    return lacks ? [{ id: probe.id, reason: `this kernel does not have it: ${control.evidence}` }] : [];
  });
  return { cells, notApplicable: [...notApplicable, ...missing] };
}

function cellsOf(
  { case: each, built, attacks }: Prepared,
  runs: readonly Run[],
  { controls, ineffective }: Known,
): readonly Cell[] {
  return attacks.flatMap(({ probe, steps }, index): Cell[] => {
    const control = controls.get(probe.id);
    if (control?.kind === "stopped" && control.answer === "ENOSYS") return [];
    const full = predict(built.sandbox, steps);
    const prediction = predict(enforced(built.sandbox, new Set(ineffective.keys())), steps);
    const seen = observed(steps, runs[index]);
    const plain = statusOf(prediction, seen, control);
    const status = plain === "agree" && full.kind !== prediction.kind ? { undecided: idle(full, ineffective) } : plain;
    return [{ case: each, probe: probe.id, prediction, observed: seen, status }];
  });
}

interface Known {
  readonly controls: ReadonlyMap<string, Observed | undefined>;
  /** Directive → why this machine does not enforce it. */
  readonly ineffective: ReadonlyMap<string, string>;
}

function idle(full: Prediction, ineffective: ReadonlyMap<string, string>): string {
  const names = full.kind === "denied" ? full.by.map((by) => by.split("=", 1)[0] ?? by) : [];
  const why = names.flatMap((name) =>
    ineffective.has(name) ? [`${name}= is not enforced: ${ineffective.get(name)}`] : [],
  );
  return why.join("; ");
}
