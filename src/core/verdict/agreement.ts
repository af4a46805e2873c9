/**
 * The table of agreement: what each judge says of every attack behind every unit's walls. A disagreement is never noise:
 * the model, a directive's file or a probe is wrong.
 */
import type { Host } from "../directives/sandbox.ts";
import type { Step } from "../probes/probe.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Case } from "./cases.ts";
import type { Observed } from "./observed.ts";

/** What a judge is asked: whether each of some attacks gets through behind the walls of one unit. */
export interface Question {
  readonly case: Case;
  readonly host: Host;
  /** What is known of the machine around the unit. */
  readonly surroundings: Surroundings;
  readonly attacks: readonly { readonly probe: string; readonly steps: readonly Step[] }[];
}

/** What a judge says of one attack. */
export type Judgement =
  | {
      readonly kind: "through" | "stopped";
      readonly evidence: string;
      /** Why agreement with the others would show nothing. */
      readonly caveat?: string;
    }
  /** The unit does not start, so nothing runs behind its walls; `seen`: it was tried. */
  | { readonly kind: "unstarted"; readonly evidence: string; readonly seen?: true }
  | { readonly kind: "undecided"; readonly reason: string };

/** The questions for all judges, and what is the same for each of them. */
export interface Scene {
  readonly questions: readonly Question[];
  /** Attack id → its outcome without walls. */
  readonly controls: ReadonlyMap<string, Observed>;
  /** Directive → why this machine does not enforce it. */
  readonly ineffective: ReadonlyMap<string, string>;
  readonly notApplicable: readonly { readonly id: string; readonly reason: string }[];
}

/** The answers of one judge: for each question one judgement per attack, in order. */
export type Judgements = readonly (readonly Judgement[])[];

/** One cell of the table. */
export interface Cell {
  readonly case: Case;
  readonly probe: string;
  /** Judge's name → its judgement. */
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** Undecided, with the reason: neither agreement nor disagreement is shown. */
  readonly status: "agree" | "disagree" | { readonly undecided: string };
}

/** Puts the named answers of any number of judges side by side. Attacks without a control get no cell. */
export function tableOf({ questions, controls }: Scene, answers: ReadonlyMap<string, Judgements>): readonly Cell[] {
  return questions.flatMap((question, row) =>
    question.attacks.flatMap(({ probe }, column): readonly Cell[] => {
      const control = controls.get(probe);
      if (control === undefined) {
        return [];
      }
      const judgements = new Map(
        [...answers].map(([judge, rows]) => [judge, rows[row]?.[column] ?? unanswered(judge)] as const),
      );
      return [{ case: question.case, probe, judgements, status: statusOf([...judgements.values()], control) }];
    }),
  );
}

function unanswered(judge: string): Judgement {
  return { kind: "undecided", reason: `${judge} did not answer` };
}

function statusOf(judgements: readonly Judgement[], control: Observed): Cell["status"] {
  if (control.kind !== "through") {
    return { undecided: "the control did not get through" };
  }
  const undecided = judgements.find(({ kind }) => kind === "undecided");
  if (undecided?.kind === "undecided") {
    return { undecided: undecided.reason };
  }
  if (new Set(judgements.map(({ kind }) => kind)).size > 1) {
    // That a start fails which nobody foresaw may have any cause; that one succeeds which cannot is a contradiction.
    const failed = judgements.filter((each) => each.kind === "unstarted");
    const [first] = failed;
    return first !== undefined && failed.every(({ seen }) => seen) ? { undecided: first.evidence } : "disagree";
  }
  const caveats = judgements.flatMap((each) => ("caveat" in each ? (each.caveat ?? []) : []));
  return caveats.length === 0 ? "agree" : { undecided: caveats.join("; ") };
}
