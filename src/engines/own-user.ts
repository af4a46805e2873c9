/**
 * A user of its own, rehearsed: from what a service did as root a plan is made (core/own-user), tried in a box over the service's whole
 * life, observed anew, walled off anew and attacked. What comes out is a drop-in of its own, or the reason why the service refuses.
 */
import { createHash } from "node:crypto";
import { callOf, type Observation } from "../core/action/action.ts";
import type { OwnUserPlan } from "../core/own-user/own-user.ts";
import { ambientLines, ambientOf, ignoresUser, planOwnUser } from "../core/own-user/plan.ts";
import { ownUserDropIn, withOwnUser } from "../core/own-user/print.ts";
import { placesWritten } from "../core/own-user/writes.ts";
import type { OwnUserReport } from "../core/report/own-user.ts";
import type { SynthesisInput } from "../core/synthesis/input.ts";
import { regressions, regressionText } from "../core/synthesis/regression.ts";
import { type RunVerdict, verdictOf } from "../core/verdict/overall.ts";
import type { AttackReport } from "../core/verdict/result.ts";
import { attackBehind } from "./attack.ts";
import type { Box } from "./box/box.ts";
import { firstBroken } from "./life/broken.ts";
import { changeInBox, filesIn } from "./life/disk-changes.ts";
import type { Life, PhaseResult } from "./life/exercise.ts";
import { lookAtFiles } from "./life/file-findings.ts";
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
    }
  /** There is nothing to try. */
  | { readonly kind: "none"; readonly reason: string };

type Asked = Rehearsed & { readonly say: (step: string) => void };

/** Tries it. `name`: the user that was asked for; "" leaves the choice to Cloison. */
export async function tryOwnUser(asked: Asked, name: string, asRoot: AsRoot): Promise<OwnUserTried> {
  const { service, baseline } = asRoot;
  if (service.account.uid !== 0) {
    return { kind: "none", reason: `it has a user of its own: ${service.account.name}` };
  }
  if (ignoresUser(service.unit)) {
    return { kind: "none", reason: "its main command has a prefix with which User= means nothing" };
  }
  const plan = await inBox(asked, undefined, (box) => planIn(box, service, baseline.observation, name));
  asked.say(`trying it as ${ownerText(plan)}`);
  const life = await tryLife(beneath(asked, plan), undefined);
  const broken = firstBroken(baseline.life, life);
  if (broken !== undefined) {
    return { kind: "refused", plan, broken };
  }
  return walledOff(asked, plan, asRoot);
}

/** In a few words. */
export function ownerText({ owner }: OwnUserPlan): string {
  return owner.kind === "dynamic" ? "a dynamic user" : `${owner.kind === "new" ? "the new user " : ""}${owner.user}`;
}

async function planIn(box: Box, service: Service, observation: Observation, name: string): Promise<OwnUserPlan> {
  const bare = await filesIn(box, []);
  const places = placesWritten(observation, (path) => bare.facts(path)?.type === "directory");
  const directories = places.filter((place) => place.kind === "directory" && place.of !== "ConfigurationDirectory");
  const files = await filesIn(
    box,
    directories.map(({ path }) => path).filter((path) => bare.facts(path) !== undefined),
  );
  const { unit, accounts } = service;
  return planOwnUser({ observation, unit, accounts, asked: name === "" ? undefined : name, files });
}

/** With what gives it its user beneath every drop-in. Its UNIX sockets may be elsewhere now. */
function beneath<T extends Asked>(asked: T, plan: OwnUserPlan, dropIn: string = ownUserDropIn(plan.lines)): T {
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
  const { life, observation } = await observeWhole(beneath(asked, first), refuseUnshown(service.name));
  const plan = withoutIdle(first, observation);
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
  const lost = lostOf(asRootSeen, observation);
  return { kind: "works", plan, dropIn, exposure: files.exposure.after, attacks, verdict, lost };
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

/** Which calls become another user, or give a file to one: without root they fail, and nothing is lost but that. */
const OF_ROOT = /^(l?chown|fchown(at)?|set(res|re)?[ug]id|setgroups|setfs[ug]id|cap(set|get)|prctl|setsockopt)$/;

/** What worked as root and is refused as this user. */
function lostOf(before: Observation, after: Observation): readonly string[] {
  const lost = regressions(before, after).filter(({ action }) => !OF_ROOT.test(callOf(action)?.name ?? ""));
  return lost.map(regressionText);
}

/** The result as the report has it. */
export function ownUserReport(tried: OwnUserTried): OwnUserReport {
  switch (tried.kind) {
    case "none":
      return tried;
    case "refused": {
      const { plan, broken } = tried;
      return {
        kind: "refused",
        user: ownerText(plan),
        phase: broken.phase,
        detail: broken.detail,
        unplaced: plan.unplaced,
      };
    }
    case "works": {
      const { plan, verdict, exposure, attacks, lost } = tried;
      const lines = plan.lines.flatMap(({ name, values, reason }) => values.map((value) => ({ name, value, reason })));
      const dropIn = createHash("sha256").update(tried.dropIn).digest("hex");
      const { goals } = attacks;
      return {
        kind: "works",
        user: ownerText(plan),
        verdict,
        exposure,
        goals,
        lines,
        changes: plan.changes,
        lost,
        dropIn,
      };
    }
  }
}
