/**
 * Rules on one call that answer differently to the same arguments: worth a warning, since the profile's order does not
 * decide.
 */
import { meaningOf, meaningText } from "../../bpf/return-value.ts";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { conditionNode } from "../canonical/canonical.ts";
import { both } from "../diagram/condition.ts";
import { createDiagrams, type Diagrams, NO, type NodeId, YES } from "../diagram/diagram.ts";
import type { Condition, FilterAction } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import type { ProfileEntry } from "./profile.ts";

/** A rule on one call of an ABI, with the entry that it comes from. */
export interface SourceRule {
  readonly name: string;
  readonly when: readonly Condition[];
  readonly action: FilterAction;
  readonly entry: ProfileEntry;
}

function textOf(action: FilterAction): string {
  return meaningText(meaningOf(valueOfAction(action)));
}

function placeOf({ entry }: SourceRule): string {
  return `line ${entry.span.line}`;
}

/** What answers before a rule with another action, and the first such rule that shares arguments with it. */
interface Before {
  readonly rule: SourceRule;
  readonly where: NodeId;
}

/** Steps for one call: enough for any profile that people write. */
const BUDGET = 200_000;
/** The most rules on one call that are compared with each other. */
const MOST_RULES = 200;

function whereOf(diagrams: Diagrams, { when }: SourceRule): NodeId {
  return when.reduce((held, condition) => both(diagrams, held, conditionNode(diagrams, condition)), YES as NodeId);
}

/** For each rule, reports the first one with another action that takes arguments away from it. */
export function overlaps(
  abi: Abi,
  ordered: readonly SourceRule[],
  refused: readonly (readonly [SourceRule, SourceRule])[],
): readonly Diagnostic[] {
  const actions = new Set(ordered.map(({ action }) => valueOfAction(action)));
  if (actions.size < 2) {
    return [];
  }
  const diagrams = createDiagrams(BUDGET);
  const earlier: Before[] = [];
  const found: Diagnostic[] = [];
  for (const rule of ordered.slice(0, MOST_RULES)) {
    const where = whereOf(diagrams, rule);
    const other = earlier.find(
      (each) =>
        valueOfAction(each.rule.action) !== valueOfAction(rule.action) && both(diagrams, where, each.where) !== NO,
    );
    if (other !== undefined) {
      found.push(overlap(abi, other.rule, rule));
    }
    earlier.push({ rule, where });
  }
  const last = ordered[MOST_RULES];
  if (last !== undefined) {
    const message = `${abi}: ${last.name}: more than ${MOST_RULES} rules on one call: from here on they are not compared`;
    found.push({ code: "oci-overlap", severity: "note", message, span: last.entry.span });
  }
  return [...found, ...refused.map(([a, b]) => refusal(abi, a, b))];
}

function overlap(abi: Abi, winner: SourceRule, loser: SourceRule): Diagnostic {
  const whole = winner.when.length === 0;
  const why = whole
    ? "a rule without conditions covers the whole call"
    : "libseccomp tries the more specific test first";
  const message = `${abi}: ${loser.name}: the rule of ${placeOf(winner)} answers ${textOf(winner.action)} where this one says ${textOf(loser.action)}: ${why}`;
  return { code: "oci-overlap", severity: "warning", message, span: loser.entry.span };
}

function refusal(abi: Abi, a: SourceRule, b: SourceRule): Diagnostic {
  const message = `${abi}: ${b.name}: libseccomp refuses this rule, since that of ${placeOf(a)} covers it with another action: a container would not start`;
  return { code: "oci-refused", severity: "warning", message, span: b.entry.span };
}
