/** `attack`, and the attacks of `harden`: on the unit as it was and as it is now, as every identity that was observed. */
import type { Identity, Observation } from "../core/action/action.ts";
import { boundPorts } from "../core/action/bound-ports.ts";
import { type Privilege, startsAsRoot } from "../core/directives/prefixes.ts";
import { sandboxOfValues, type Values } from "../core/directives/sandbox.ts";
import { behind } from "../core/sandbox/judge.ts";
import { mainPrivilege } from "../core/unit/check.ts";
import { type DoorFinder, doorFinder, doorText } from "../core/verdict/door.ts";
import { attackable, identitiesOf } from "../core/verdict/identities.ts";
import { type AttackReport, besideBefore } from "../core/verdict/result.ts";
import type { Box } from "./box/box.ts";
import { type AttackOptions, attackUnit } from "./judges/systemd/attack.ts";
import type { Passed } from "./life/rehearse.ts";
import type { Service } from "./life/service.ts";
import { inBox, type Rehearsed } from "./life/trial.ts";
import { hostOf, wallsOf } from "./life/walls.ts";
import { observeService } from "./observe.ts";

/** What is attacked, and who hears of it. */
type Attacked = Rehearsed & { readonly say: (step: string) => void };

/** One state of the unit: its drop-in, what the model says of it, and why its doors are open. */
interface State {
  readonly dropIn?: string;
  readonly values: Values;
  readonly identities: readonly Identity[];
  readonly doorOf?: AttackOptions["doorOf"];
  readonly suppose?: AttackOptions["suppose"];
  /** Whether each attack is tried again later. */
  readonly again?: true;
}

/** Attacks one state of the unit in a fresh box. */
function attackIn(request: Attacked, state: State, service: Service, observation: Observation): Promise<AttackReport> {
  const attack = async (box: Box): Promise<AttackReport> => {
    const { uid, gid, name } = service.account;
    const wallsFor = (privilege: Privilege) => sandboxOfValues(state.values, { ...hostOf(service), privilege }).sandbox;
    return attackUnit(box, service.name, {
      own: { uid, gid },
      identities: state.identities,
      sandboxFor: (identity, privilege) => behind(wallsFor(privilege), identity),
      nameOf: (identity) =>
        identity.uid === uid ? name : service.accounts.users.find((user) => user.uid === identity.uid)?.name,
      ports: boundPorts(observation),
      directories: service.directories,
      peers: service.peers,
      ...(state.doorOf === undefined ? {} : { doorOf: state.doorOf }),
      ...(state.suppose === undefined ? {} : { suppose: state.suppose }),
      again: state.again ?? false,
      progress: request.say,
    });
  };
  return inBox(request, state.dropIn, attack, { forAttacks: true });
}

/** Attacks a unit as it is: as the identities that a workload shows, or without one as its own identity alone. */
export async function attackService(asked: Attacked): Promise<AttackReport> {
  const request: Attacked = { ...asked, withInstalled: true };
  const observation = request.workload === undefined ? undefined : await observeService(request);
  const service = await inBox(request, undefined, async (_, loaded) => loaded);
  const { values } = wallsOf(service);
  request.say("attacking it");
  const seen = observation ?? nothingSeen(service.name);
  return attackIn(request, { values, identities: identitiesIn(service, values, seen), again: true }, service, seen);
}

/** As whom the main command is attacked: as the identity that it starts as, and as those that an intruder can take on. */
function identitiesIn(service: Service, values: Values, observation: Observation): readonly Identity[] {
  const privilege = mainPrivilege(service.unit);
  const { uid, gid } = startsAsRoot(privilege) ? { uid: 0, gid: 0 } : service.account;
  const { sandbox } = sandboxOfValues(values, { ...hostOf(service), privilege });
  return attackable(identitiesOf({ uid, gid }, observation), sandbox);
}

function nothingSeen(unit: string): Observation {
  return { schema: "cloison.observation/2", unit, seen: [], gaps: [], phases: [] };
}

/** The attacks after hardening, each with what the same attack came to before. */
export async function attackBeforeAndAfter(
  request: Attacked,
  service: Service,
  observation: Observation,
  passed: Passed,
  suppose?: AttackOptions["suppose"],
): Promise<AttackReport> {
  const { values } = passed.input;
  const identities = identitiesIn(service, values, observation);
  const [before, after] = await Promise.all([
    attackIn(request, { values, identities }, service, observation),
    attackBehind(request, service, observation, passed, suppose),
  ]);
  return besideBefore(after, before);
}

/** The attacks on the unit behind a drop-in, alone. */
export function attackBehind(
  request: Attacked,
  service: Service,
  observation: Observation,
  { synthesis, input, dropIn }: Passed,
  suppose?: AttackOptions["suppose"],
): Promise<AttackReport> {
  // The drop-in may be made for an older systemd; what stands around the attacks is what the box's own makes of it.
  const here = { ...input, host: hostOf(service) };
  const finders = new Map<Privilege, DoorFinder>();
  const doorOf: State["doorOf"] = (steps, identity, privilege) => {
    const finder = finders.get(privilege) ?? doorFinder({ ...here, host: { ...here.host, privilege } }, synthesis);
    finders.set(privilege, finder);
    return doorText(finder(steps, identity));
  };
  const identities = identitiesIn(service, here.values, observation);
  const state: State = {
    ...{ dropIn, values: synthesis.values, identities, doorOf, again: true },
    ...(suppose === undefined ? {} : { suppose }),
  };
  return attackIn(request, state, service, observation);
}
