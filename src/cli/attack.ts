/** `cloison attack`: the attacks from inside a unit's walls as they are, each beside its control. */

import { attacksOf, attacksText, laterCount, laterText } from "../core/report/summary.ts";
import { attackLines, goalLines, verdictLines } from "../core/report/text.ts";
import { verdictOf } from "../core/verdict/overall.ts";
import { attackService } from "../engines/attack.ts";
import { assertRoot } from "../linux/root.ts";
import { boxOptionSpecs, boxOptions, companionOptions, workloadOption } from "./box-options.ts";
import { quietSpec } from "./harden-options.ts";
import { readRunnable } from "./target.ts";
import { paint } from "./terminal.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";
import { statusOf } from "./verdict-status.ts";

export const attack: Verb = {
  name: "attack",
  summary: "Attacks a unit from inside its walls as they are: what holds, what is open, what cannot be told.",
  usage: "UNIT|FILE.service [--workload CMD] [options]",
  operands: { min: 1, max: 1, completes: ["unit", "file"] },
  schemas: ["cloison.attack/3"],
  options: { ...boxOptionSpecs, quiet: quietSpec },
  examples: ["cloison attack nginx.service", "cloison attack ./app.service --workload ./visit.sh --json"],
  run,
};

async function run({ arguments: given, say, colour }: Context): Promise<VerbOutcome> {
  const target = await readRunnable(given.operands[0] ?? "");
  const workload = workloadOption(given);
  const companions = companionOptions(given);
  const box = boxOptions(given, say);
  assertRoot("attack");
  const report = await attackService({
    target,
    workload,
    companions,
    box,
    say,
  });
  const verdict = verdictOf(report, undefined);
  const attacks = attacksOf(report.results);
  const later = laterCount(attacks);
  const again =
    later === undefined ? "" : ` Get through after a month: ${laterText(later)}; after a second start: ${later.anew}.`;
  const lines = [
    ...verdictLines(target.name, verdict, `${attacksText(attacks)}.${again}`),
    ...(given.flag("quiet") ? [] : [...goalLines(report.goals, report.results), ...attackLines(attacks)]),
  ];
  const json = {
    schema: "cloison.attack/3",
    unit: target.name,
    verdict,
    goals: report.goals,
    probes: report.results,
    notApplicable: report.notApplicable,
  };
  return { status: statusOf(verdict), text: paint(lines, colour), json };
}
