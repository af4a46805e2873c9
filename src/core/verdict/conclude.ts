/**
 * From a prediction, an attack and its control to a result. What is tested is the prediction: denied as predicted holds,
 * through although predicted denied is violated, through as predicted is an open door.
 */
import { originText, type WallOrigin } from "../sandbox/origin.ts";
import type { Observed } from "./observed.ts";
import type { Prediction } from "./predict.ts";

/** What is concluded of one attack. The fields are those of a report's `ProbeResult`. */
export interface Conclusion {
  readonly control: "passed" | "failed";
  readonly predicted: "allowed" | "denied";
  readonly outcome: "holds" | "violated" | "unknown";
  readonly open: boolean;
  readonly reason: string;
  /** What built the walls that stop it, if it is stopped as predicted; empty: the kernel's own rules stop it. */
  readonly stoppedBy?: readonly WallOrigin[];
  readonly evidence: string;
}

/** These origins in words; none means the kernel's own rules. */
export function originsText(origins: readonly WallOrigin[]): string {
  return origins.length === 0 ? "the kernel's own rules" : origins.map(originText).join(", ");
}

function outcome(
  prediction: Prediction,
  attack: Observed,
): Pick<Conclusion, "outcome" | "open" | "reason" | "stoppedBy"> {
  const unknown = (reason: string) => ({ outcome: "unknown", open: false, reason }) as const;
  if (attack.kind === "undecided") {
    return unknown(attack.reason);
  }
  const through = attack.kind === "through";
  switch (prediction.kind) {
    case "unknown":
      return unknown(`the model cannot tell: ${prediction.reason}`);
    case "denied":
      return through
        ? { outcome: "violated", open: false, reason: `got through ${originsText(prediction.by)}` }
        : {
            outcome: "holds",
            open: false,
            reason: `stopped by ${originsText(prediction.by)}`,
            stoppedBy: prediction.by,
          };
    case "allowed":
      return through
        ? { outcome: "holds", open: true, reason: "no wall stands against it" }
        : unknown(`no known wall stands against it, and yet it failed at ${attack.step}`);
  }
}

/**
 * Concludes. Without a control that got through the outcome is unknown: the attack may have failed for any reason.
 *
 * @example
 * import { conclude } from "cloison";
 * import assert from "node:assert";
 * const control = { kind: "through", evidence: "" };
 * const attack = { kind: "stopped", step: "open", evidence: "openat(…) = EROFS" };
 * const by = [{ kind: "setting", directive: "ProtectSystem", value: "full" }];
 * const denied = { kind: "denied", step: "open", by, as: { errno: "EROFS" } };
 * assert.equal(conclude(denied, attack, control).outcome, "holds");
 * assert.equal(conclude(denied, control, control).outcome, "violated");
 * assert.equal(conclude({ kind: "allowed" }, control, control).open, true);
 * assert.equal(conclude(denied, attack, attack).outcome, "unknown");
 */
export function conclude(prediction: Prediction, attack: Observed, control: Observed): Conclusion {
  const predicted = prediction.kind === "denied" ? "denied" : "allowed";
  const { evidence } = attack;
  if (control.kind === "through") {
    return { control: "passed", predicted, evidence, ...outcome(prediction, attack) };
  }
  const why = control.kind === "undecided" ? control.reason : control.evidence;
  const reason = `the control did not get through either: ${why}`;
  return { control: "failed", predicted, outcome: "unknown", open: false, reason, evidence };
}
