/**
 * Attacks a unit in a box from inside its walls, once per identity that it was seen to act as, beside the control, and
 * concludes what each wall is worth. Everything happens in the box; the unit is put back as it was.
 */
import type { Identity } from "../../../core/action/action.ts";
import { type Privilege, startsAsRoot } from "../../../core/directives/prefixes.ts";
import { type Attack, attacksOn, type Tried } from "../../../core/probes/attack.ts";
import { probes as catalogue } from "../../../core/probes/catalogue.ts";
import type { Machine, Probe, Step } from "../../../core/probes/probe.ts";
import { attacksOf, throughAfter } from "../../../core/report/summary.ts";
import { fileWalls } from "../../../core/sandbox/replaced.ts";
import type { Peer, Surroundings } from "../../../core/sandbox/surroundings.ts";
import { containerManagerAmong } from "../../../core/sandbox/trust.ts";
import type { Sandbox } from "../../../core/sandbox/wall.ts";
import { goalsOf, type Position } from "../../../core/verdict/goals.ts";
import { type Observed, observed } from "../../../core/verdict/observed.ts";
import { enforced } from "../../../core/verdict/predict.ts";
import { type AttackReport, type ProbeResult, positionOf, resultOf } from "../../../core/verdict/result.ts";
import { supposedGoals } from "../../../core/verdict/supposed-goals.ts";
import { fileWallsText } from "../../../core/verdict/until.ts";
import type { Box } from "../../box/box.ts";
import { effects } from "../../box/effects.ts";
import { type Command, startCommandsOf } from "./commands.ts";
import { controlled } from "./control.ts";
import { OFTEN_REPLACED, passMonth } from "./month.ts";
import { setStage } from "./stage.ts";
import { standIn } from "./stand-in.ts";
import { type AttackTarget, surroundingsOf, survey } from "./survey.ts";

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
  /** Who listens on the machine: those that the stage of the attacks has a stand-in for are on it only if they are here, too. */
  readonly peers?: readonly Peer[];
  readonly probes?: readonly Probe[];
  /** Whether each attack is tried again after what happens to a machine in a month, and after a second start. */
  readonly again?: boolean;
  /** Why an attack that gets through has an open door, in words; without it only that it has. */
  readonly doorOf?: (steps: readonly Step[], identity: Identity, privilege: Privilege) => string;
  /** Walls that the unit does not have: what they would be worth is told by the model. */
  readonly suppose?: { readonly user: string; readonly sandbox: Sandbox };
  readonly progress?: (line: string) => void;
}

/** Each time an attack is tried: at once, from behind the same walls after a month, and after a second start. */
const TIMES = ["first", "after", "anew"] as const;

type Time = (typeof TIMES)[number];

interface Plan {
  readonly command: Command;
  readonly identity: Identity;
  /** Whether the program takes on the identity itself. */
  readonly changes: boolean;
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  readonly sandbox: Sandbox;
  /** The attacks of each time, in the same order: what they make has other names. Empty where they are not tried again. */
  readonly attacks: Readonly<Record<Time, readonly Attack[]>>;
  readonly notApplicable: AttackReport["notApplicable"];
}

/** What came of the attacks of a plan. */
type Seen = Readonly<Record<Time, readonly Observed[]>> & {
  /** The files that were replaced meanwhile. */
  readonly replaced: readonly string[];
};

let trials = 0;

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
  await setStage(box, { containers: containerManagerAmong(options.peers ?? []) });
  const { controls, notApplicable } = await controlled(
    box,
    await survey(box, { ...target, identity: ROOT }, `c${trials}`),
    probes,
  );
  const through = [...controls.values()].filter(({ kind }) => kind === "through").length;
  const chosen = probes.filter(({ id }) => controls.has(id));
  const plans = await plansOf(box, target, commands, chosen, options);
  const seen = await tryInUnit(box, unit, plans);
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  const tried = plans.map((plan) => concluded(plan, seen.get(plan), { controls, ineffective, options }));
  const results = tried.flatMap((each) => each.results);
  const goals = goalsOf(tried.map(({ position }) => position));
  const past = throughAfter(attacksOf(results));
  options.progress?.(`${through} attacks get through without walls, ${past} behind those of the unit`);
  const around = plans[0]?.surroundings ?? {};
  const onFiles = fileWallsText(fileWalls(options.sandboxFor(options.own, main.privilege).walls, around));
  const supposed = supposedIn(options, plans[0], new Set(ineffective.keys()));
  return {
    ...{ results, goals, notApplicable: [...notApplicable, ...lacking(plans)], ...supposed },
    ...(onFiles.length === 0 ? {} : { onFiles }),
  };
}

function supposedIn(
  { suppose }: AttackOptions,
  around: Plan | undefined,
  ineffective: ReadonlySet<string>,
): Pick<AttackReport, "supposed"> {
  if (suppose === undefined || around === undefined) {
    return {};
  }
  return {
    supposed: supposedGoals(suppose.user, enforced(suppose.sandbox, ineffective), {
      ...around,
      attacks: around.attacks.first,
    }),
  };
}

async function plansOf(
  box: Box,
  target: AttackTarget,
  commands: readonly Command[],
  chosen: readonly Probe[],
  options: AttackOptions,
): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const [index, each] of triedIn(commands, options).entries()) {
    const { command, identity } = each;
    const machine = await survey(box, { ...target, ...command, identity }, `u${trials}i${index}`);
    const named = (time: string) => attacksOn({ ...machine, token: `${machine.token}${time}` }, chosen).attacks;
    const { attacks, notApplicable } = attacksOn(machine, chosen);
    const again = options.again === true;
    plans.push({
      ...each,
      machine,
      surroundings: surroundingsOf(machine),
      sandbox: options.sandboxFor(identity, command.privilege),
      notApplicable,
      attacks: { first: attacks, after: again ? named("after") : [], anew: again ? named("anew") : [] },
    });
  }
  return plans;
}

/** What none of the identities has a target for, though root has. */
function lacking(plans: readonly Plan[]): AttackReport["notApplicable"] {
  const [first = [], ...others] = plans.map((plan) => plan.notApplicable);
  return first.filter(({ id }) => others.every((each) => each.some((other) => other.id === id)));
}

/** What follows from what was seen of a plan's attacks. */
function concluded(
  { command: { prefix, privilege }, identity, machine, surroundings, sandbox, attacks }: Plan,
  seen: Seen | undefined,
  {
    controls,
    ineffective,
    options,
  }: {
    readonly controls: ReadonlyMap<string, Observed>;
    readonly ineffective: ReadonlyMap<string, string>;
    readonly options: AttackOptions;
  },
): { readonly results: readonly ProbeResult[]; readonly position: Position } {
  const { doorOf } = options;
  const around = {
    ...{ identity, surroundings, sandbox, ineffective },
    name: options.nameOf?.(identity),
    prefix: startsAsRoot(privilege) ? prefix : undefined,
    doorOf: doorOf && ((steps: readonly Step[], as: Identity) => doorOf(steps, as, privilege)),
  };
  const results = attacks.first.map((attack, at) => {
    const [after, anew] = [seen?.after[at], seen?.anew[at]];
    return resultOf({
      ...around,
      attack,
      seen: seen?.first[at],
      control: controls.get(attack.probe.id),
      ...(after === undefined || anew === undefined ? {} : { again: { after, anew, replaced: seen?.replaced ?? [] } }),
    });
  });
  const ground = { attacks: attacks.first, machine, surroundings };
  return { results, position: positionOf(results, enforced(sandbox, new Set(ineffective.keys())), ground) };
}

function isSame(a: Identity, b: Identity): boolean {
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
      .filter((each, at) => all.findIndex((other) => isSame(each, other)) === at)
      .map((identity) => ({ command, identity, changes: !isSame(identity, first) }));
  });
}

/** Puts the attacks in the place of the unit's program, each command's in turn. */
async function tryInUnit(box: Box, unit: string, plans: readonly Plan[]): Promise<ReadonlyMap<Plan, Seen>> {
  const seen = new Map<Plan, Seen>();
  for (const command of new Set(plans.map((plan) => plan.command))) {
    const own = plans.filter((plan) => plan.command === command);
    for (const [plan, came] of await tryAsCommand(box, unit, command, own)) {
      seen.set(plan, came);
    }
  }
  return seen;
}

async function tryAsCommand(
  box: Box,
  unit: string,
  { executable, prefix }: Command,
  plans: readonly Plan[],
): Promise<ReadonlyMap<Plan, Seen>> {
  const tried = (time: Time): readonly Tried[] =>
    plans.flatMap(({ identity, changes, attacks }) =>
      attacks[time].map((attack) => (changes ? { attack, as: identity } : { attack })),
    );
  const [first, after, anew] = [tried("first"), tried("after"), tried("anew")];
  const onWalls = plans.flatMap(({ sandbox, surroundings }) => fileWalls(sandbox.walls, surroundings));
  const files = [...new Set([...onWalls.map(({ file }) => file), ...OFTEN_REPLACED])];
  let left: readonly string[] = [];
  const meanwhile = async (): Promise<void> => {
    left = await passMonth(box, files);
  };
  const month = after.length === 0 ? {} : { meanwhile };
  const stood = await standIn(box, unit, { executable, prefix, first, after, ...month });
  const replaced = files.filter((file) => !left.includes(file));
  const second =
    anew.length === 0 ? [] : (await standIn(box, unit, { executable, prefix, first: anew, after: [] })).first;
  const runs = { first: [...stood.first], after: [...stood.after], anew: [...second] };
  const next = (plan: Plan, time: Time) => plan.attacks[time].map(({ steps }) => observed(steps, runs[time].shift()));
  return new Map(
    plans.map((plan) => {
      const [atFirst, afterwards, anewThen] = TIMES.map((time) => next(plan, time));
      return [plan, { first: atFirst ?? [], after: afterwards ?? [], anew: anewThen ?? [], replaced }] as const;
    }),
  );
}
