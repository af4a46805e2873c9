/** What came of a user of its own, or what it would bring, as the report has it. */
import type { Supposed } from "../core/own-user/suppose.ts";
import type { OwnUserReport } from "../core/report/own-user.ts";
import type { AttackReport } from "../core/verdict/result.ts";
import { sha256 } from "../linux/sha256.ts";
import { type OwnUserTried, ownerText } from "./own-user.ts";

/** The result as the report has it. */
function ownUserReport(tried: OwnUserTried): OwnUserReport {
  switch (tried.kind) {
    case "none":
      return tried;
    case "refused": {
      const { plan, broken, configuration } = tried;
      return {
        kind: "refused",
        user: ownerText(plan),
        phase: broken.phase,
        detail: broken.detail,
        unplaced: plan.unplaced,
        ...(configuration === undefined ? {} : { configuration }),
      };
    }
    case "works": {
      const { plan, verdict, exposure, attacks, lost } = tried;
      const lines = plan.lines.flatMap(({ name, values, reason }) => values.map((value) => ({ name, value, reason })));
      const dropIn = sha256(tried.dropIn);
      const { goals } = attacks;
      return {
        kind: "works",
        user: ownerText(plan),
        verdict,
        exposure,
        goals,
        lines,
        changes: plan.changes,
        lost,
        dropIn,
      };
    }
  }
}

/** What is said of a user of its own: what came of it, or what it would bring. */
export function ownUserFindings(
  tried: OwnUserTried | undefined,
  supposed: Supposed | undefined,
  { goals, supposed: predicted }: AttackReport,
): { readonly ownUser?: OwnUserReport } {
  if (tried !== undefined) {
    return { ownUser: ownUserReport(tried) };
  }
  if (supposed === undefined || predicted === undefined) {
    return {};
  }
  const open = (all: AttackReport["goals"]) => all.filter(({ state }) => state === "open").map(({ goal }) => goal);
  const left = open(predicted);
  return {
    ownUser: { kind: "proposed", user: supposed.user, shuts: open(goals).filter((goal) => !left.includes(goal)) },
  };
}
