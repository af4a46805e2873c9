/** The model as a judge: an attack is stopped if a wall that this machine enforces is predicted to refuse a step. */

import type { Action } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective } from "../directives/directive.ts";
import { type Host, sandboxOf } from "../directives/sandbox.ts";
import type { Step } from "../probes/probe.ts";
import { directiveOf } from "../sandbox/origin.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import type { Judgement, Question } from "./agreement.ts";
import { assignmentsIn } from "./cases.ts";
import { enforced, type Prediction, predict } from "./predict.ts";
import { startOf } from "./start.ts";

/** What the model is told in addition to the question. */
export interface ModelOptions {
  /** Directive → why this machine does not enforce it. */
  readonly ineffective: ReadonlyMap<string, string>;
  /** The directives that the model uses; by default the catalogue. */
  readonly directives?: readonly AnyDirective[];
}

/** What the model says of each attack of a question. */
export function judgedByModel(
  { case: each, host, surroundings, attacks }: Question,
  options: ModelOptions,
): readonly Judgement[] {
  const { sandbox } = sandboxOf(assignmentsIn(each), host, options.directives ?? catalogue);
  const start = startOf(enforced(sandbox, new Set(options.ineffective.keys())), executes(host), surroundings);
  if (start.kind === "fails") {
    return attacks.map(() => ({ kind: "unstarted", evidence: start.reason }));
  }
  return attacks.map(({ steps }) => judgementOf(sandbox, steps, surroundings, options.ineffective));
}

/** The unit's first program, a file that everyone may execute, as the manager starts it. */
function executes({ executables, machine }: Host): Action {
  const path = executables[0] ?? "";
  const file = { uid: 0, gid: 0, mode: 0o755, type: "file" } as const;
  return {
    call: { abi: machine, name: "execve", arguments: [] },
    needs: path === "" ? [] : [{ kind: "path", path, access: "execute", file }],
  };
}

function judgementOf(
  sandbox: Sandbox,
  steps: readonly Step[],
  surroundings: Surroundings,
  ineffective: ModelOptions["ineffective"],
): Judgement {
  const full = predict(sandbox, steps, surroundings);
  const prediction = predict(enforced(sandbox, new Set(ineffective.keys())), steps, surroundings);
  if (prediction.kind === "unknown") {
    return { kind: "undecided", reason: `the model cannot tell: ${prediction.reason}` };
  }
  const kind = prediction.kind === "denied" ? "stopped" : "through";
  const evidence = JSON.stringify(prediction);
  // Where the model could not tell what a wall does that is not enforced, nothing is claimed of it.
  return full.kind === prediction.kind || full.kind === "unknown"
    ? { kind, evidence }
    : { kind, evidence, caveat: whyIdle(sandbox, full, ineffective) };
}

/** What is not enforced: of what refuses a wall, of what is allowed a door. */
function whyIdle({ walls }: Sandbox, full: Prediction, ineffective: ModelOptions["ineffective"]): string {
  const origins = full.kind === "denied" ? full.by : walls.map(({ by }) => by);
  const names = origins.map((by) => directiveOf(by) ?? "");
  const known = [...new Set(names)].filter((name) => ineffective.has(name));
  return known.map((name) => `${name}= is not enforced: ${ineffective.get(name)}`).join("; ");
}
