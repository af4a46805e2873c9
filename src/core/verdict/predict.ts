/** What the model says of an attack: the first step that a wall refuses decides. */
import type { Action, Need } from "../action/action.ts";
import type { Step } from "../probes/probe.ts";
import type { Answer } from "../sandbox/answer.ts";
import { credentialsOf } from "../sandbox/credentials.ts";
import { answerTo, judge } from "../sandbox/judge.ts";
import { directiveOf, type WallOrigin } from "../sandbox/origin.ts";
import { isMade, type Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";

/** The model's verdict on a whole attack. `step` is the name of the step that decides. */
export type Prediction =
  | { readonly kind: "allowed" }
  | {
      readonly kind: "denied";
      readonly step: string;
      readonly by: readonly WallOrigin[];
      readonly as: { readonly errno: string } | { readonly signal: string };
    }
  | { readonly kind: "unknown"; readonly step: string; readonly reason: string };

/** A file that the attack itself created belongs to it and has the requested mode less the umask. */
function asMade(action: Action, made: ReadonlySet<string>, walls: readonly Wall[]): Action {
  const { uid, gid } = credentialsOf(walls);
  const mask = walls.reduce((bits, wall) => (wall.kind === "umask" ? bits | wall.mask : bits), 0);
  const needs = action.needs.map((need): Need => {
    if (need.kind !== "path" || need.file === undefined || !made.has(need.path)) {
      return need;
    }
    return { ...need, file: { ...need.file, uid, gid, mode: need.file.mode & ~mask } };
  });
  return { ...action, needs };
}

function madeBy(needs: readonly Need[]): readonly string[] {
  return needs.flatMap((need) => (need.kind === "path" && need.access === "create" ? [need.path] : []));
}

/** The step that decides, with what it asks and of whom. */
interface Deciding {
  readonly step: Step;
  readonly action: Action;
  readonly surroundings: Surroundings;
  readonly answer: Exclude<Answer, { readonly kind: "granted" }>;
}

/** The first step that is refused, or else the first that is unclear; undefined: all are granted. */
function deciding({ walls }: Sandbox, steps: readonly Step[], surroundings: Surroundings): Deciding | undefined {
  const made = new Set<string>();
  const around = { ...surroundings, made: (path: string) => made.has(path) || isMade(surroundings, path) };
  let doubt: Deciding | undefined;
  for (const step of steps.filter(({ optional }) => !optional)) {
    const action = asMade(step.action, made, walls);
    const answer = answerTo(walls, action, around);
    if (answer.kind === "refused") {
      return { step, action, surroundings: around, answer };
    }
    if (answer.kind === "unclear") {
      doubt ??= { step, action, surroundings: around, answer };
    }
    for (const path of madeBy(action.needs)) {
      made.add(path);
    }
  }
  return doubt;
}

/** The error of a refusal, where it is one that comes after the check, too. */
function looksPast({ step, answer }: Deciding): string | undefined {
  if (answer.kind !== "refused" || !("errno" in answer.as)) {
    return undefined;
  }
  const { errno } = answer.as;
  return step.past?.some((each) => each === errno) ? errno : undefined;
}

/**
 * Judges the steps in order, on a machine that `surroundings` describes; later steps find what earlier ones created. If a
 * wall refuses with an error that the step counts as past the wall, the result is unknown: it looks like getting through.
 */
export function predict(sandbox: Sandbox, steps: readonly Step[], surroundings: Surroundings = {}): Prediction {
  const decided = deciding(sandbox, steps, surroundings);
  if (decided === undefined) {
    return { kind: "allowed" };
  }
  const { answer, action } = decided;
  const step = decided.step.name;
  const errno = looksPast(decided);
  if (errno !== undefined) {
    return { kind: "unknown", step, reason: `a wall refuses with ${errno}, which is also the answer past the wall` };
  }
  if (answer.kind === "unclear") {
    return { kind: "unknown", step, reason: answer.reason };
  }
  const verdict = judge(sandbox, action, decided.surroundings);
  return { kind: "denied", step, by: verdict.kind === "denied" ? verdict.by : [], as: answer.as };
}

/** Only the kind of prediction, without finding the walls to blame: for searches over many sandboxes. */
export function foresee(sandbox: Sandbox, steps: readonly Step[], surroundings: Surroundings = {}): Prediction["kind"] {
  const decided = deciding(sandbox, steps, surroundings);
  if (decided === undefined) {
    return "allowed";
  }
  return decided.answer.kind === "unclear" || looksPast(decided) !== undefined ? "unknown" : "denied";
}

/** A sandbox without the walls of the named directives, which the machine accepts but does not enforce. */
export function enforced({ walls }: Sandbox, ineffective: ReadonlySet<string>): Sandbox {
  return { walls: walls.filter(({ by }) => !ineffective.has(directiveOf(by) ?? "")) };
}
