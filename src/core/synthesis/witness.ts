/**
 * Why a setting is not written: a witness, relative to the whole drop-in. Where there is none the setting is taken, so that no single
 * setting of the catalogue can be added or tightened without somebody having said why not.
 */
import type { Phase } from "../action/action.ts";
import type { EvidenceKind } from "../directives/seen.ts";

/** Why not. */
export type Witness =
  /** It would refuse this. */
  | {
      readonly kind: "evidence";
      readonly evidence: EvidenceKind;
      /** In a few words. */
      readonly action: string;
      /** When the action, or what it is like, was seen, and who did it: absolute paths. */
      readonly phases: readonly Phase[];
      readonly programs: readonly string[];
    }
  /** A rehearsal with it failed. */
  | { readonly kind: "rehearsal"; readonly reason: string }
  /** The target would accept and ignore it, or does not know it. */
  | { readonly kind: "not-enforced"; readonly reason: string }
  /** The unit itself says no to it. */
  | { readonly kind: "unit" }
  /** Cloison never sets it, or not in this situation; the reason stands in the directive's file. */
  | { readonly kind: "never"; readonly reason: string }
  /** It would open what the unit shuts. */
  | { readonly kind: "weaker"; readonly reason: string }
  /** It cannot be had together with what was taken. */
  | { readonly kind: "instead"; readonly reason: string }
  /** The unit would not start with it. */
  | { readonly kind: "unstartable"; readonly reason: string }
  /** What it closes is closed, and it costs time. */
  | { readonly kind: "nothing" }
  /** There was no time to try it. */
  | { readonly kind: "untried" };

/** A setting that is not written. */
export interface NotBuilt {
  readonly directive: string;
  /** As it would be written; empty of a directive that is never written, or where it would be a reset. */
  readonly value: string;
  readonly witness: Witness;
}

const KINDS: { readonly [kind in EvidenceKind]: string } = {
  seen: "it would refuse what was seen",
  kin: "it would refuse what is of equal power with what was seen",
  likely: "it would refuse what usually goes with what was seen",
};

/**
 * A witness in words.
 *
 * @example
 * import { witnessText } from "cloison";
 * import assert from "node:assert";
 * assert.equal(witnessText({ kind: "rehearsal", reason: "reload fails" }), "rehearsed with it: reload fails");
 */
export function witnessText(witness: Witness): string {
  switch (witness.kind) {
    case "evidence":
      return `${KINDS[witness.evidence]}: ${witness.action}${programText(witness.programs)}`;
    case "rehearsal":
      return `rehearsed with it: ${witness.reason}`;
    case "not-enforced":
      return `not enforced here: ${witness.reason}`;
    case "unit":
      return "the unit itself turns it off";
    case "never":
      return witness.reason;
    case "weaker":
      return `it would open what the unit shuts: ${witness.reason}`;
    case "instead":
      return `it cannot be had together with what is written: ${witness.reason}`;
    case "unstartable":
      return `the unit would not start: ${witness.reason}`;
    case "nothing":
      return "what it closes is closed by other lines, and it costs time";
    case "untried":
      return "there was no time to try it";
  }
}

function programText(programs: readonly string[]): string {
  const [first, ...others] = programs;
  return first === undefined ? "" : ` (${first}${others.length === 0 ? "" : ` and ${others.length} more`})`;
}
