/** What came of a user of its own, as the report has it. */
import type { OwnUserReport } from "../core/report/own-user.ts";
import { sha256 } from "../linux/sha256.ts";
import { type OwnUserTried, ownerText } from "./own-user.ts";

/** The result as the report has it. */
export function ownUserReport(tried: OwnUserTried): OwnUserReport {
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
