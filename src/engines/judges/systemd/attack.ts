/**
 * Attacks a unit in a box from inside its walls, once per identity that it was seen to act as, beside the control, and
 * concludes what each wall is worth. Everything happens in the box; the unit is put back as it was.
 */
import type { Identity } from "../../../core/action/action.ts";
import { type Attack, attacksOn, compileAttacks, type Tried } from "../../../core/probes/attack.ts";
import { probes as catalogue } from "../../../core/probes/catalogue.ts";
import type { Probe, Step } from "../../../core/probes/probe.ts";
import { attacksOf, throughAfter } from "../../../core/report/summary.ts";
import { fileWalls } from "../../../core/sandbox/replaced.ts";
import type { Surroundings } from "../../../core/sandbox/surroundings.ts";
import type { Sandbox } from "../../../core/sandbox/wall.ts";
import { locateProgram, PROGRAM_DIRECTORIES } from "../../../core/unit/places.ts";
import { type Observed, observed } from "../../../core/verdict/observed.ts";
import { type AttackReport, resultOf } from "../../../core/verdict/result.ts";
import { fileWallsText } from "../../../core/verdict/until.ts";
import { execSearchPathOf, execStartOf, fragmentOf } from "../../../linux/bus-properties.ts";
import { existingIn } from "../../../linux/other-root.ts";
import { describeFailure, type RunCommand } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";
import { effects } from "../../box/effects.ts";
import { liftHardwareGuard, restoreHardwareGuard } from "../../box/hardware.ts";
import { controlled } from "./control.ts";
import { type AttackTarget, surroundingsOf, survey } from "./survey.ts";
import { type AttackTrial, outputOf, tryAttacks } from "./try.ts";

/** What is known of the unit. */
export interface AttackOptions {
  /** As whom its main process starts. */
  readonly own: Identity;
  /** As whom it was seen to act; the own identity is always tried. */
  readonly identities: readonly Identity[];
  /** The model's walls around an identity: the unit's, or those that a worker is left behind. */
  readonly sandboxFor: (identity: Identity) => Sandbox;
  /** A name to show for an identity beside its numbers. */
  readonly nameOf?: (identity: Identity) => string | undefined;
  /** TCP ports that it was seen to bind. */
  readonly ports?: readonly number[];
  /** /var/lib/NAME and kin. */
  readonly directories?: readonly string[];
  readonly probes?: readonly Probe[];
  /** Why an attack that gets through has an open door, in words; without it only that it has. */
  readonly doorOf?: (steps: readonly Step[], identity: Identity) => string;
  readonly progress?: (line: string) => void;
}

interface Plan {
  readonly identity: Identity;
  /** Whether the program takes on the identity itself. */
  readonly changes: boolean;
  readonly surroundings: Surroundings;
  readonly attacks: readonly Attack[];
}

let trials = 0;

/** Attacks a unit that is loaded in a box. It is stopped first and stays stopped. */
export async function attackUnit(box: Box, unit: string, options: AttackOptions): Promise<AttackReport> {
  const command = await commandOf(box, unit);
  const target: AttackTarget = {
    ...command,
    name: unit,
    ports: options.ports ?? [],
    stateDirectories: options.directories ?? [],
    owner: options.own,
  };
  const probes = options.probes ?? catalogue;
  trials += 1;
  const run = trials;
  const { controls, notApplicable } = await controlled(box, await survey(box, target, `c${run}`), probes);
  const through = [...controls.values()].filter(({ kind }) => kind === "through").length;
  const chosen = probes.filter(({ id }) => controls.has(id));
  const plans: Plan[] = [];
  for (const [index, identity] of identitiesOf(options).entries()) {
    const surveyed = await survey(box, target, `u${run}i${index}`);
    const { attacks } = attacksOn(surveyed, chosen);
    const surroundings = surroundingsOf(surveyed);
    plans.push({ identity, changes: !same(identity, options.own), surroundings, attacks });
  }
  const seen = await tryInUnit(box, unit, command, plans);
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  const results = plans.flatMap(({ identity, surroundings, attacks }, index) => {
    const around = {
      identity,
      surroundings,
      name: options.nameOf?.(identity),
      sandbox: options.sandboxFor(identity),
      ineffective,
    };
    return attacks.map((attack, at) =>
      resultOf({
        ...around,
        attack,
        seen: seen[index]?.[at],
        control: controls.get(attack.probe.id),
        doorOf: options.doorOf,
      }),
    );
  });
  const past = throughAfter(attacksOf(results));
  options.progress?.(`${through} attacks get through without walls, ${past} behind those of the unit`);
  const around = plans[0]?.surroundings ?? {};
  const onFiles = fileWallsText(fileWalls(options.sandboxFor(options.own).walls, around));
  return { results, notApplicable, ...(onFiles.length === 0 ? {} : { onFiles }) };
}

function same(a: Identity, b: Identity): boolean {
  return a.uid === b.uid && a.gid === b.gid;
}

function identitiesOf({ own, identities }: AttackOptions): readonly Identity[] {
  return [own, ...identities].filter((each, index, all) => all.findIndex((other) => same(each, other)) === index);
}

/** The main command of a unit, with the prefixes that its Exec line has. */
export interface Command extends Pick<AttackTarget, "executable" | "argv" | "fragment"> {
  readonly prefix: string;
}

const PREFIXES: Readonly<Record<string, string>> = {
  privileged: "+",
  "no-setuid": "!",
  ambient: "!!",
};

/** The unit's main command as systemd has it. */
export async function commandOf(box: Box, unit: string): Promise<Command> {
  const run: RunCommand = (argv, options) => box.run(argv, options);
  const command = (await execStartOf(run, unit)).at(-1);
  if (command === undefined) {
    throw new SystemError("attack", { path: unit, reason: "the unit has no command to stand in for" });
  }
  const searched = await execSearchPathOf(run, unit);
  const directories = searched.length > 0 ? searched : PROGRAM_DIRECTORIES;
  const there = (place: string): boolean => existingIn(box.root, place) !== undefined;
  return {
    executable: locateProgram(command.path, directories, there) ?? command.path,
    argv: command.argv,
    fragment: await fragmentOf(run, unit),
    prefix: command.flags.map((flag) => PREFIXES[flag] ?? "").join(""),
  };
}

/** Sorts after every drop-in but the hardware guard's. */
function dropInOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/zzzz-cloison-attack.conf`;
}

/** What a unit does beside its commands when it starts, stops or fails; an action might even end the box. */
const QUIET: readonly string[] = [
  "StartLimitIntervalSec=0",
  "StartLimitAction=none",
  "FailureAction=none",
  "SuccessAction=none",
  "JobTimeoutAction=none",
  "OnFailure=",
  "OnSuccess=",
  "RefuseManualStart=no",
  "RefuseManualStop=no",
];

function dropIn(lines: readonly string[]): string {
  return ["[Unit]", ...QUIET, "[Service]", ...lines, ""].join("\n");
}

/** Puts the attacks in the place of the unit's program, runs them, and puts everything back. */
async function tryInUnit(
  box: Box,
  unit: string,
  command: Command,
  plans: readonly Plan[],
): Promise<readonly (readonly Observed[])[]> {
  const tried: readonly Tried[] = plans.flatMap(({ identity, changes, attacks }) =>
    attacks.map((attack) => (changes ? { attack, as: identity } : { attack })),
  );
  const path = existingIn(box.root, command.executable);
  if (path === undefined) {
    throw new SystemError("attack", { path: command.executable, reason: "it is not there" });
  }
  const output = outputOf(`unit-${trials}`);
  const write = (lines: readonly string[]) => box.writeFile(dropInOf(unit), dropIn(lines));
  const image = outputOf(`image-${trials}`);
  const inPlace: AttackTrial["inPlace"] = (work) => withImage(box, image, path, work);
  const trial: AttackTrial = { unit, path, count: tried.length, prefix: command.prefix, output, write, inPlace };
  await box.systemctl("stop", "--", unit);
  await liftHardwareGuard(box, unit);
  await box.writeFile(image, compileAttacks(tried), 0o755);
  await moved(box, ["cp", "-p", "--attributes-only", "--", path, image], path);
  await moved(box, ["chmod", "a+rx", "--", image], path);
  try {
    const [runs = []] = await tryAttacks(box, [trial]);
    await box.systemctl("stop", "--", unit);
    let next = 0;
    return plans.map(({ attacks }) => attacks.map(({ steps }) => observed(steps, runs[next++])));
  } finally {
    await box.run(["rm", "-f", "--", dropInOf(unit)]);
    await restoreHardwareGuard(box, unit);
    await box.systemctl("daemon-reload");
  }
}

async function withImage<T>(box: Box, image: string, path: string, work: () => Promise<T>): Promise<T> {
  const saved = `${path}.cloison-saved`;
  await moved(box, ["mv", "-T", "--", path, saved], path);
  try {
    await moved(box, ["cp", "-p", "--", image, path], path);
    return await work();
  } finally {
    await moved(box, ["mv", "-fT", "--", saved, path], path);
  }
}

async function moved(box: Box, argv: readonly string[], path: string): Promise<void> {
  const result = await box.run(argv);
  if (result.status !== 0) {
    throw new SystemError("put the attacks in the place of", { path, reason: describeFailure(result) });
  }
}
