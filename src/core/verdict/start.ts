/**
 * Whether a unit starts at all: what its settings make impossible for the manager, and whether its program can be executed behind
 * its own walls. Facts: systemd.exec(5), "Process Exit Codes".
 */
import type { Action } from "../action/action.ts";
import { judge } from "../sandbox/judge.ts";
import { originText } from "../sandbox/origin.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";

/** How a start ends: `status` is the one with which the manager's child exits before the program runs. */
export type Start =
  | { readonly kind: "starts" }
  | { readonly kind: "fails"; readonly status: number; readonly reason: string };

/** The manager could not execute the program. */
const EXIT_EXEC = 203;

/** Predicts the start of a unit whose program, `execute`, is executed behind its walls. Where that is not known, it starts. */
export function startOf(sandbox: Sandbox, execute: Action, surroundings: Surroundings = {}): Start {
  const impossible = sandbox.walls.find((wall) => wall.kind === "unstartable");
  if (impossible !== undefined) {
    return { kind: "fails", status: impossible.status, reason: `${originText(impossible.by)}: ${impossible.reason}` };
  }
  const verdict = judge(sandbox, execute, surroundings);
  if (verdict.kind !== "denied" || "signal" in verdict.as) {
    return { kind: "starts" };
  }
  const by = verdict.by.map(originText).join(", ");
  return { kind: "fails", status: EXIT_EXEC, reason: `its program cannot be executed (${verdict.as.errno}): ${by}` };
}
