/**
 * A user of its own, rehearsed: from what a service did as root a plan is made (core/own-user), tried in a box over the service's whole
 * life, observed anew, walled off anew and attacked. What comes out is a drop-in of its own, or the reason why the service refuses.
 */
import type { Observation } from "../core/action/action.ts";
import { noLongerAllowed, noLongerWritten, workloadPrograms } from "../core/own-user/lost.ts";
import type { OwnUserPlan } from "../core/own-user/own-user.ts";
import { ambientLines, ambientOf, ignoresUser, planOwnUser, stemOf } from "../core/own-user/plan.ts";
import { ownUserDropIn, withOwnUser } from "../core/own-user/print.ts";
import { stayPrivileged } from "../core/own-user/privileged.ts";
import { placesWritten } from "../core/own-user/writes.ts";
import type { ConfigurationLine } from "../core/report/own-user.ts";
import type { SynthesisInput } from "../core/synthesis/input.ts";
import { regressionText } from "../core/synthesis/regression.ts";
import { type RunVerdict, verdictOf } from "../core/verdict/overall.ts";
import type { AttackReport } from "../core/verdict/result.ts";
import { existingIn } from "../linux/other-root.ts";
import { SystemError } from "../linux/system-error.ts";
import { placesOf } from "./apply/places.ts";
import { attackBehind } from "./attack.ts";
import type { Box } from "./box/box.ts";
import { namingLine } from "./life/configuration.ts";
import { changeInBox, factsIn, filesIn } from "./life/disk-changes.ts";
import type { Life, PhaseResult } from "./life/exercise.ts";
import { lookAtFiles } from "./life/file-findings.ts";
import { firstBroken } from "./life/first-broken.ts";
import type { Baseline } from "./life/problem.ts";
import { rehearse } from "./life/rehearse.ts";
import type { Service } from "./life/service.ts";
import { inBox, type Rehearsed, tryLife } from "./life/trial.ts";
import { hostOf, wallsOf } from "./life/walls.ts";
import { observeWhole, refuseUnshown } from "./observe.ts";

/** What the hardening of the service as root has left. */
export interface AsRoot {
  readonly service: Service;
  readonly baseline: Baseline;
  readonly input: SynthesisInput;
  readonly header: readonly string[];
}

/** What came of it. */
export type OwnUserTried =
  | {
      readonly kind: "works";
      readonly plan: OwnUserPlan;
      readonly dropIn: string;
      readonly exposure: number;
      readonly attacks: AttackReport;
      readonly verdict: RunVerdict;
      readonly lost: readonly string[];
    }
  | {
      readonly kind: "refused";
      readonly plan: OwnUserPlan;
      readonly broken: PhaseResult;
      /** A line of its configuration that stands in the way, with what came of another. */
      readonly configuration?: ConfigurationLine;
    }
  /** There is nothing to try. */
  | { readonly kind: "none"; readonly reason: string };

type Asked = Rehearsed & { readonly say: (step: string) => void };

/**
 * Tries it. If a box fails meanwhile, that is said, and the hardening as root stands. `name`: the user that was asked for; "" leaves the
 * choice to Cloison.
 */
export async function tryOwnUser(asked: Asked, name: string, asRoot: AsRoot): Promise<OwnUserTried> {
  try {
    return await rehearseOwnUser(asked, name, asRoot);
  } catch (error) {
    if (!(error instanceof SystemError)) {
      throw error;
    }
    return { kind: "none", reason: `not decided: ${error.message}` };
  }
}

async function rehearseOwnUser(asked: Asked, name: string, asRoot: AsRoot): Promise<OwnUserTried> {
  const { service, baseline } = asRoot;
  if (service.account.uid !== 0) {
    return { kind: "none", reason: `it has a user of its own: ${service.account.name}` };
  }
  if (ignoresUser(service.unit)) {
    return { kind: "none", reason: "its main command has a prefix with which User= means nothing" };
  }
  const plan = await inBox(asked, undefined, (box) => {
    if (existingIn(box.root, placesOf(service.name).disk) !== undefined) {
      const help = `take it back first: cloison apply --undo ${service.name}`;
      throw new SystemError("rehearse", { path: service.name, reason: "it has a user of its own applied", help });
    }
    return planIn(box, service, baseline.observation, name);
  });
  asked.say(`trying it as ${ownerText(plan)}`);
  const { lives, broken } = await tryPlans(asked, plan, asRoot);
  if (lives !== undefined) {
    return walledOff(asked, lives, asRoot);
  }
  return refused(asked, plan, broken, asRoot);
}

type PlanTried =
  | { readonly lives: OwnUserPlan; readonly broken?: undefined }
  | { readonly lives?: undefined; readonly broken: PhaseResult };

/**
 * Its life with a plan, and if that breaks with the commands beside the main one left root; what is reported as broken is what broke
 * with the plan itself.
 */
async function tryPlans(asked: Asked, plan: OwnUserPlan, { service, baseline }: AsRoot): Promise<PlanTried> {
  const broken = firstBroken(baseline.life, await tryLife(beneath(asked, plan), undefined));
  if (broken === undefined) {
    return { lives: plan };
  }
  const root = leavingRoot(service, plan);
  if (root === undefined) {
    return { broken };
  }
  asked.say("trying it with the commands beside the main one left root");
  const life = await tryLife(beneath(asked, root), undefined);
  return firstBroken(baseline.life, life) === undefined ? { lives: root } : { broken };
}

/** The plan with the commands beside the main one left root; undefined where there is none to leave. */
function leavingRoot({ unit }: Service, plan: OwnUserPlan): OwnUserPlan | undefined {
  const given = plan.changes.flatMap((change) => (change.kind === "owner" ? [change.path] : []));
  const lines = stayPrivileged(unit, plan.lines, given);
  const others = plan.lines.filter(({ name }) => !lines.some((line) => line.name === name));
  return lines.length === 0 ? undefined : { ...plan, lines: [...others, ...lines] };
}

/** What stood in the way. What the daemon said last may hold secrets: it is for the terminal alone. */
async function refused(asked: Asked, plan: OwnUserPlan, broken: PhaseResult, asRoot: AsRoot): Promise<OwnUserTried> {
  const { service, baseline } = asRoot;
  for (const line of broken.words ?? []) {
    asked.say(`it says: ${line}`);
  }
  const naming = await inBox(asked, undefined, async (box) => namingLine(box, service, baseline.observation, plan));
  if (naming === undefined) {
    return { kind: "refused", plan, broken };
  }
  const { file: path, text, instead } = naming;
  asked.say(`trying it with another line in ${path}`);
  const changes = [...plan.changes, { kind: "line", path, from: text, to: [instead] } as const];
  const lines = withRuntimeDirectory(plan.lines, stemOf(service.unit));
  const works = (await tryPlans(asked, { ...plan, changes, lines }, asRoot)).lives !== undefined;
  return { kind: "refused", plan, broken, configuration: { ...naming, works } };
}

function withRuntimeDirectory(lines: OwnUserPlan["lines"], name: string): OwnUserPlan["lines"] {
  const there = lines.some((line) => line.name === "RuntimeDirectory");
  return there ? lines : [...lines, { name: "RuntimeDirectory", values: [name], reason: "for what is moved there" }];
}

/** In a few words. */
export function ownerText({ owner }: OwnUserPlan): string {
  return owner.kind === "dynamic" ? "a dynamic user" : `${owner.kind === "new" ? "the new user " : ""}${owner.user}`;
}

/** The plan for a service in a box that has not been started there. `name`: as for `tryOwnUser`. */
export async function planIn(box: Box, service: Service, observation: Observation, name: string): Promise<OwnUserPlan> {
  const facts = factsIn(box);
  const places = placesWritten(observation, (path) => facts(path)?.type === "directory");
  const directories = places.filter((place) => place.kind === "directory" && place.of !== "ConfigurationDirectory");
  const files = await filesIn(
    box,
    directories.map(({ path }) => path).filter((path) => facts(path) !== undefined),
  );
  const { unit, accounts } = service;
  return planOwnUser({ observation, unit, accounts, asked: name === "" ? undefined : name, files });
}

/** With what gives it its user beneath every drop-in. Its UNIX sockets may be elsewhere now. */
export function beneath<T extends Rehearsed>(
  asked: T,
  plan: OwnUserPlan,
  dropIn: string = ownUserDropIn(plan.lines),
): T {
  const { earlier } = asked;
  const listens = earlier?.listens.filter(({ name }) => !name.startsWith("/")) ?? [];
  return {
    ...asked,
    ...(earlier === undefined ? {} : { earlier: { ...earlier, listens } }),
    beneath: { dropIn, prepare: (box: Box) => changeInBox(box, plan.changes) },
  };
}

/** Observes it as that user, and builds, rehearses and attacks walls that are made for it. */
async function walledOff(
  asked: Asked,
  first: OwnUserPlan,
  { service, baseline: { observation: asRootSeen }, input, header }: AsRoot,
): Promise<OwnUserTried> {
  const { plan: needed, life, observation } = await observeAs(asked, first, service, asRootSeen);
  const plan = withoutIdle(needed, observation);
  const request = beneath(asked, plan);
  const own = await inBox(request, undefined, async (_, loaded) => loaded);
  const target = input.host.systemd;
  const made: SynthesisInput = {
    ...input,
    observation,
    values: wallsOf(own, target).values,
    host: hostOf(own, target),
    skip: new Map(),
  };
  const passed = await rehearse(request, { life, observation }, made, header, asked.say);
  const dropIn = withOwnUser(passed.dropIn, plan.lines);
  const whole = await tryWhole(asked, plan, dropIn);
  const broken = firstBroken(life, whole);
  if (broken !== undefined) {
    return { kind: "refused", plan, broken };
  }
  const [attacks, files] = await Promise.all([
    attackBehind(request, own, observation, passed),
    lookAtFiles(request, passed.dropIn),
  ]);
  const verdict = verdictOf(attacks, { behindWalls: "pass", everyTime: passed.flaky.length === 0 });
  const lost = [
    ...noLongerAllowed(asRootSeen, observation).map(regressionText),
    ...noLongerWritten(asRootSeen, observation, plan.lines).map((path) => `${path} is not written`),
  ];
  return { kind: "works", plan, dropIn, exposure: files.exposure.after, attacks, verdict, lost };
}

/**
 * Observed as that user. Where commands beside the main one are refused what they did as root, these are left root if less is lost
 * with that.
 */
async function observeAs(
  asked: Asked,
  plan: OwnUserPlan,
  service: Service,
  asRootSeen: Observation,
): Promise<Baseline & { readonly plan: OwnUserPlan }> {
  const seen = await observeWhole(beneath(asked, plan), refuseUnshown(service.name));
  const lost = noLongerAllowed(asRootSeen, seen.observation);
  const main = workloadPrograms(asRootSeen);
  const privileged = leavingRoot(service, plan);
  if (privileged === undefined || lost.every(({ executables }) => executables.every((each) => main.has(each)))) {
    return { ...seen, plan };
  }
  asked.say("some of its commands are refused what only root can: leaving these root");
  const again = await observeWhole(beneath(asked, privileged), refuseUnshown(service.name));
  const better = noLongerAllowed(asRootSeen, again.observation).length < lost.length;
  return better ? { ...again, plan: privileged } : { ...seen, plan };
}

/** The very bytes that are handed out, as one file. */
function tryWhole(asked: Asked, plan: OwnUserPlan, dropIn: string): Promise<Life> {
  return tryLife(beneath(asked, plan, "[Service]\n"), dropIn);
}

/** Without ambient capabilities that were not asked for once it was not root. */
function withoutIdle(plan: OwnUserPlan, observation: Observation): OwnUserPlan {
  const needed = new Set(ambientOf(observation));
  const ambient = plan.ambient.filter((each) => needed.has(each));
  const lines = plan.lines.filter(({ name }) => name !== "AmbientCapabilities");
  return { ...plan, ambient, lines: [...lines, ...ambientLines(ambient)] };
}
