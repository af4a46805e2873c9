/**
 * Attacks a unit in a box from inside its walls, once per identity that it was seen to act as, beside the control, and
 * concludes what each wall is worth. Everything happens in the box; the unit is put back as it was.
 */
import type { Identity } from "../../../core/action/action.ts";
import { type Privilege, startsAsRoot } from "../../../core/directives/prefixes.ts";
import { type Attack, attacksOn, compileAttacks, type Tried } from "../../../core/probes/attack.ts";
import { probes as catalogue } from "../../../core/probes/catalogue.ts";
import type { Machine, Probe, Step } from "../../../core/probes/probe.ts";
import { attacksOf, throughAfter } from "../../../core/report/summary.ts";
import { fileWalls } from "../../../core/sandbox/replaced.ts";
import type { Surroundings } from "../../../core/sandbox/surroundings.ts";
import type { Sandbox } from "../../../core/sandbox/wall.ts";
import { locateProgram, PROGRAM_DIRECTORIES } from "../../../core/unit/places.ts";
import { goalsOf } from "../../../core/verdict/goals.ts";
import { type Observed, observed } from "../../../core/verdict/observed.ts";
import { enforced } from "../../../core/verdict/predict.ts";
import { type AttackReport, positionOf, resultOf } from "../../../core/verdict/result.ts";
import { supposedGoals } from "../../../core/verdict/supposed.ts";
import { fileWallsText } from "../../../core/verdict/until.ts";
import { type BusCommand, execSearchPathOf, execStartOf, fragmentOf } from "../../../linux/bus-properties.ts";
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
  /** As whom its commands start, but for those whose prefix makes them root. */
  readonly own: Identity;
  /** As whom its main command was seen to act; the one that it starts as is always tried. */
  readonly identities: readonly Identity[];
  /** The model's walls around an identity, in a command with a prefix: the unit's, or those that a worker is left behind. */
  readonly sandboxFor: (identity: Identity, privilege: Privilege) => Sandbox;
  /** A name to show for an identity beside its numbers. */
  readonly nameOf?: (identity: Identity) => string | undefined;
  /** TCP ports that it was seen to bind. */
  readonly ports?: readonly number[];
  /** /var/lib/NAME and kin. */
  readonly directories?: readonly string[];
  readonly probes?: readonly Probe[];
  /** Why an attack that gets through has an open door, in words; without it only that it has. */
  readonly doorOf?: (steps: readonly Step[], identity: Identity, privilege: Privilege) => string;
  /** Walls that the unit does not have: what they would be worth is told by the model. */
  readonly suppose?: { readonly user: string; readonly sandbox: Sandbox };
  readonly progress?: (line: string) => void;
}

interface Plan {
  readonly command: Command;
  readonly identity: Identity;
  /** Whether the program takes on the identity itself. */
  readonly changes: boolean;
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  readonly attacks: readonly Attack[];
}

let trials = 0;
let images = 0;

/** Attacks a unit that is loaded in a box. It is stopped first and stays stopped. */
export async function attackUnit(box: Box, unit: string, options: AttackOptions): Promise<AttackReport> {
  const commands = await startCommandsOf(box, unit);
  const [main] = commands;
  const target: AttackTarget = {
    ...main,
    name: unit,
    ports: options.ports ?? [],
    stateDirectories: options.directories ?? [],
    owner: options.own,
  };
  const probes = options.probes ?? catalogue;
  trials += 1;
  const run = trials;
  const { controls, notApplicable } = await controlled(
    box,
    await survey(box, { ...target, identity: ROOT }, `c${run}`),
    probes,
  );
  const through = [...controls.values()].filter(({ kind }) => kind === "through").length;
  const chosen = probes.filter(({ id }) => controls.has(id));
  const plans: Plan[] = [];
  for (const [index, each] of triedIn(commands, options).entries()) {
    const surveyed = await survey(box, { ...target, ...each.command, identity: each.identity }, `u${run}i${index}`);
    const { attacks } = attacksOn(surveyed, chosen);
    plans.push({ ...each, machine: surveyed, surroundings: surroundingsOf(surveyed), attacks });
  }
  const seen = await tryInUnit(box, unit, plans);
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  const { doorOf } = options;
  const tried = plans.map(({ command: { prefix, privilege }, identity, machine, surroundings, attacks }, index) => {
    const around = {
      identity,
      surroundings,
      name: options.nameOf?.(identity),
      prefix: startsAsRoot(privilege) ? prefix : undefined,
      sandbox: options.sandboxFor(identity, privilege),
      ineffective,
      doorOf: doorOf && ((steps: readonly Step[], as: Identity) => doorOf(steps, as, privilege)),
    };
    const results = attacks.map((attack, at) =>
      resultOf({ ...around, attack, seen: seen[index]?.[at], control: controls.get(attack.probe.id) }),
    );
    const enforcedHere = enforced(around.sandbox, new Set(ineffective.keys()));
    return { results, position: positionOf(results, enforcedHere, { attacks, machine, surroundings }) };
  });
  const results = tried.flatMap((each) => each.results);
  const goals = goalsOf(tried.map(({ position }) => position));
  const past = throughAfter(attacksOf(results));
  options.progress?.(`${through} attacks get through without walls, ${past} behind those of the unit`);
  const around = plans[0]?.surroundings ?? {};
  const onFiles = fileWallsText(fileWalls(options.sandboxFor(options.own, main.privilege).walls, around));
  const supposed = supposedIn(options, plans[0], new Set(ineffective.keys()));
  return { results, goals, notApplicable, ...supposed, ...(onFiles.length === 0 ? {} : { onFiles }) };
}

function supposedIn(
  { suppose }: AttackOptions,
  around: Plan | undefined,
  ineffective: ReadonlySet<string>,
): Pick<AttackReport, "supposed"> {
  if (suppose === undefined || around === undefined) {
    return {};
  }
  return { supposed: supposedGoals(suppose.user, enforced(suppose.sandbox, ineffective), around) };
}

function same(a: Identity, b: Identity): boolean {
  return a.uid === b.uid && a.gid === b.gid;
}

const ROOT: Identity = { uid: 0, gid: 0 };

/** As whom each command is tried: as the identity that it starts as, and the main one as those that it was seen to take on. */
function triedIn(
  commands: readonly Command[],
  { own, identities }: AttackOptions,
): readonly Pick<Plan, "command" | "identity" | "changes">[] {
  return commands.flatMap((command, index) => {
    const first = startsAsRoot(command.privilege) ? ROOT : own;
    const all = [first, ...(index === 0 ? identities : [])];
    return all
      .filter((each, at) => all.findIndex((other) => same(each, other)) === at)
      .map((identity) => ({ command, identity, changes: !same(identity, first) }));
  });
}

/** A command of a unit, with the prefixes of its Exec line that bear on walls. */
export interface Command extends Pick<AttackTarget, "executable" | "argv" | "fragment"> {
  readonly prefix: string;
  readonly privilege: Privilege;
}

const PREFIXES: Readonly<Record<string, readonly [string, Privilege]>> = {
  privileged: ["+", "full"],
  "no-setuid": ["!", "no-identity"],
  ambient: ["!!", "ambient"],
};

/**
 * The commands of ExecStart= as systemd has them: the main one, which is the last, and of several that start behind other walls,
 * as their prefix says, one each.
 */
export async function startCommandsOf(box: Box, unit: string): Promise<readonly [Command, ...(readonly Command[])]> {
  const run: RunCommand = (argv, options) => box.run(argv, options);
  const all = (await execStartOf(run, unit)).toReversed();
  const commands: Command[] = [];
  for (const command of all) {
    const known = await commandFrom(box, run, unit, command);
    if (!commands.some(({ privilege }) => privilege === known.privilege)) {
      commands.push(known);
    }
  }
  const [main, ...others] = commands;
  if (main === undefined) {
    throw new SystemError("attack", { path: unit, reason: "the unit has no command to stand in for" });
  }
  return [main, ...others];
}

async function commandFrom(box: Box, run: RunCommand, unit: string, command: BusCommand): Promise<Command> {
  const searched = await execSearchPathOf(run, unit);
  const directories = searched.length > 0 ? searched : PROGRAM_DIRECTORIES;
  const there = (place: string): boolean => existingIn(box.root, place) !== undefined;
  const flag = command.flags.find((each) => Object.hasOwn(PREFIXES, each)) ?? "";
  const [prefix, privilege] = PREFIXES[flag] ?? ["", "sandboxed"];
  return {
    executable: locateProgram(command.path, directories, there) ?? command.path,
    argv: command.argv,
    fragment: await fragmentOf(run, unit),
    prefix,
    privilege,
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
async function tryInUnit(box: Box, unit: string, plans: readonly Plan[]): Promise<readonly (readonly Observed[])[]> {
  const seen: (readonly Observed[])[] = [];
  for (const command of new Set(plans.map((plan) => plan.command))) {
    const own = plans.filter((plan) => plan.command === command);
    seen.push(...(await tryAsCommand(box, unit, command, own)));
  }
  return seen;
}

async function tryAsCommand(
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
  images += 1;
  const output = outputOf(`unit-${images}`);
  const write = (lines: readonly string[]) => box.writeFile(dropInOf(unit), dropIn(lines));
  const image = outputOf(`image-${images}`);
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
