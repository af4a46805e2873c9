/** What is not in the drop-in, with the reason of each: data for all forms of a report. */
import type { EvidenceKind } from "../directives/seen.ts";
import { type NotBuilt, type Witness, witnessText } from "../synthesis/witness.ts";

/** Why not: of evidence its kind, else the kind of the witness. */
export type WhyNot = EvidenceKind | Exclude<Witness["kind"], "evidence">;

/** All reasons, those first that a person can do something about. */
export const WHY_NOT: readonly WhyNot[] = [
  "untried",
  "rehearsal",
  "instead",
  "weaker",
  "unstartable",
  "likely",
  "kin",
  "seen",
  "unit",
  "not-enforced",
  "nothing",
  "never",
];

/** One setting that is not written. */
export interface NotBuiltLine {
  readonly directive: string;
  /** As it would be written; empty of a directive that is never written, or where it would be a reset. */
  readonly value: string;
  readonly why: WhyNot;
  /** In words. */
  readonly reason: string;
}

/** The lines for a report, in the order of the reasons. */
export function notBuiltLines(all: readonly NotBuilt[]): readonly NotBuiltLine[] {
  const lines = all.map(({ directive, value, witness }): NotBuiltLine => {
    const why = witness.kind === "evidence" ? witness.evidence : witness.kind;
    return { directive, value, why, reason: witnessText(witness) };
  });
  return lines.toSorted((a, b) => WHY_NOT.indexOf(a.why) - WHY_NOT.indexOf(b.why));
}

/** Those that stood to reason for this service, and the names of directives that are never written for any. */
export function notBuiltParts(lines: readonly NotBuiltLine[]): {
  readonly weighed: readonly NotBuiltLine[];
  readonly never: readonly string[];
} {
  const isNever = ({ value, why }: NotBuiltLine): boolean => why === "never" && value === "";
  return {
    weighed: lines.filter((line) => !isNever(line)),
    never: lines.filter(isNever).map(({ directive }) => `${directive}=`),
  };
}

const MOST_SHOWN = 60;

/** A setting in one line: a long list is cut. */
export function settingText({ directive, value }: NotBuiltLine): string {
  return `${directive}=${value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value}`;
}
