/** The result of one attack as one identity, for the report: prediction, attack and control together. */
import type { Identity } from "../action/action.ts";
import type { Attack } from "../probes/attack.ts";
import type { GoalName } from "../probes/goals.ts";
import { directiveOf, type WallOrigin } from "../sandbox/origin.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { type Conclusion, conclude } from "./conclude.ts";
import { type GoalResult, goalsBeside, type Position } from "./goals.ts";
import { type Later, overTime, type Times, throughOf } from "./later.ts";
import { type Observed, observed } from "./observed.ts";
import { enforced, type Prediction, predict } from "./predict.ts";
import { type Ground, reachable } from "./reachable.ts";
import { stoppedUntil } from "./until.ts";

/** The outcome of an attack on the unit as it was. `by`: what stopped it there; empty: the kernel's own rules. */
export type Before =
  | { readonly kind: "through" }
  | { readonly kind: "stopped"; readonly by: readonly WallOrigin[] }
  | { readonly kind: "unknown" };

/** One attack, tried as one identity. */
export interface ProbeResult extends Conclusion {
  readonly id: string;
  readonly title: string;
  /** `uid:gid` with the user's name when known, and the prefix of its Exec line where that takes walls away. */
  readonly identity: string;
  /** The goals that whoever gets through has reached. */
  readonly goals: readonly GoalName[];
  /** The same attack on the unit as it was; absent when it was not run. */
  readonly before?: Before;
  /**
   * Of an attack that is stopped: files of the machine that walls stand on, each of which lets it through once another file is
   * renamed there, until the unit is started anew.
   */
  readonly until?: readonly string[];
  /** What came of it when it was tried again; absent: it was not. */
  readonly later?: Later;
}

/** The results, one per attack and identity. */
export interface AttackReport {
  readonly results: readonly ProbeResult[];
  readonly goals: readonly GoalResult[];
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
  /** The goals by the model alone behind walls that are only supposed; absent: none were. */
  readonly supposed?: readonly GoalResult[];
  /** What is to be said of walls and doors of the unit that stand on files; absent: nothing. */
  readonly onFiles?: readonly string[];
}

/** One attack as it was tried. */
export interface AttackTried {
  readonly attack: Attack;
  readonly identity: Identity;
  /** The user's name, when known. */
  readonly name: string | undefined;
  /** The prefix of the command, where it takes walls away. */
  readonly prefix?: string | undefined;
  /** The walls around that identity, as the unit asks for them. */
  readonly sandbox: Sandbox;
  /** What is known of the machine around it. */
  readonly surroundings: Surroundings;
  /** Directives that the machine accepts and does not enforce, each with the reason. */
  readonly ineffective: ReadonlyMap<string, string>;
  /** What the kernel answered; undefined: it never ran. */
  readonly seen: Observed | undefined;
  /** What it answered when the attack was tried again; absent: it was not. */
  readonly again?: {
    /** After these files were replaced while the walls stood, and what else happens in a month. */
    readonly after: Observed;
    readonly replaced: readonly string[];
    /** After the service was started anew. */
    readonly anew: Observed;
  };
  /** The same attack without walls. */
  readonly control: Observed | undefined;
  /** Says why an open door is open; without it the result says only that it is open. */
  readonly doorOf?: ((steps: Attack["steps"], identity: Identity) => string) | undefined;
}

/** The result of an attack as it was tried. */
export function resultOf(tried: AttackTried): ProbeResult {
  const { identity, name, prefix, sandbox, surroundings, ineffective, doorOf } = tried;
  const { probe, steps } = tried.attack;
  const lost = observed(steps, undefined);
  const real = enforced(sandbox, new Set(ineffective.keys()));
  const prediction = predict(real, steps, surroundings);
  const control = tried.control ?? lost;
  const first = conclude(prediction, tried.seen ?? lost, control);
  const concluded =
    tried.again === undefined
      ? first
      : overTime({ first, ...againOf(tried, tried.again, { real, prediction, control }) });
  const door = concluded.open ? doorOf?.(steps, identity) : undefined;
  const until = concluded.stoppedBy === undefined ? [] : stoppedUntil(real, steps, surroundings);
  return {
    id: probe.id,
    title: probe.title,
    goals: probe.goals,
    identity: `${identity.uid}:${identity.gid}${name === undefined ? "" : ` (${name})`}${prefix === undefined ? "" : ` by ${prefix}`}`,
    ...concluded,
    ...(until.length === 0 ? {} : { until }),
    reason: `${door ?? concluded.reason}${notEnforced(predict(sandbox, steps, surroundings), prediction, ineffective)}`,
  };
}

/** What is concluded of an attack when it was tried again, each time by what the model says of that time. */
function againOf(
  { attack: { steps }, surroundings }: AttackTried,
  { after, replaced, anew }: NonNullable<AttackTried["again"]>,
  {
    real,
    prediction,
    control,
  }: { readonly real: Sandbox; readonly prediction: Prediction; readonly control: Observed },
): Omit<Times, "first"> {
  const late = { ...surroundings, replaced: (path: string) => replaced.includes(path) };
  return {
    ...(after.kind === "undecided" && after.untried === true
      ? {}
      : { after: conclude(predict(real, steps, late), after, control) }),
    anew: conclude(prediction, anew, control),
  };
}

/** Names the directives that would stop an attack if this machine enforced them. */
function notEnforced(full: Prediction, real: Prediction, ineffective: ReadonlyMap<string, string>): string {
  if (full.kind !== "denied" || real.kind === "denied") {
    return "";
  }
  const idle = [...ineffective].filter(([directive]) => full.by.some((by) => directiveOf(by) === directive));
  return idle.map(([directive, reason]) => `; ${directive}= is not enforced: ${reason}`).join("");
}

/** Where an intruder of one identity gets to whose attacks came to these results, behind walls that this machine enforces. */
export function positionOf(results: readonly ProbeResult[], sandbox: Sandbox, around: Omit<Ground, "tried">): Position {
  const came = new Map(results.map((result) => [result.id, throughOf(result)]));
  const reached = reachable(sandbox, { ...around, tried: (id) => came.get(id) ?? "unknown" });
  return { identity: results[0]?.identity ?? "", reached, attacks: around.attacks };
}

/** The attacks on the unit as it is, each with the outcome of the same attack on the unit as it was. */
export function besideBefore(after: AttackReport, before: AttackReport): AttackReport {
  const earlier = new Map(before.results.map((result) => [`${result.id} ${result.identity}`, result]));
  return {
    ...after,
    goals: goalsBeside(after.goals, before.goals),
    results: after.results.map((result) => {
      const was = earlier.get(`${result.id} ${result.identity}`);
      return was === undefined ? result : { ...result, before: asBefore(was) };
    }),
  };
}

function asBefore(result: ProbeResult): Before {
  const kind = throughOf(result);
  return kind === "stopped" ? { kind, by: result.stoppedBy ?? [] } : { kind };
}
