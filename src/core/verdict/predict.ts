/** What the model says of an attack: the first step that a wall refuses decides. */
import type { Action, Need } from "../action/action.ts";
import type { Step } from "../probes/probe.ts";
import { credentialsOf } from "../sandbox/credentials.ts";
import { judge } from "../sandbox/judge.ts";
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

/**
 * Judges the steps in order, on a machine that `surroundings` describes; later steps find what earlier ones created. If a
 * wall refuses with an error that the step counts as past the wall, the result is unknown: it looks like getting through.
 */
export function predict(sandbox: Sandbox, steps: readonly Step[], surroundings: Surroundings = {}): Prediction {
  const made = new Set<string>();
  let doubt: Prediction | undefined;
  for (const { name, action, past, optional } of steps) {
    if (optional) {
      continue;
    }
    const verdict = judge(sandbox, asMade(action, made, sandbox.walls), {
      ...surroundings,
      made: (path) => made.has(path) || isMade(surroundings, path),
    });
    if (verdict.kind === "denied") {
      const { as, by } = verdict;
      if ("errno" in as && past?.some((errno) => errno === as.errno)) {
        const reason = `a wall refuses with ${as.errno}, which is also the answer past the wall`;
        return { kind: "unknown", step: name, reason };
      }
      return { kind: "denied", step: name, by, as };
    }
    if (verdict.kind === "unknown") {
      doubt ??= { kind: "unknown", step: name, reason: verdict.reason };
    }
    for (const path of madeBy(action.needs)) {
      made.add(path);
    }
  }
  return doubt ?? { kind: "allowed" };
}

/** A sandbox without the walls of the named directives, which the machine accepts but does not enforce. */
export function enforced({ walls }: Sandbox, ineffective: ReadonlySet<string>): Sandbox {
  return { walls: walls.filter(({ by }) => !ineffective.has(directiveOf(by) ?? "")) };
}
