/** `cloison attack`: the attacks from inside a unit's walls as they are, each beside its control. */

import { attacksOf } from "../core/report/summary.ts";
import { attackLines } from "../core/report/text.ts";
import { attackService } from "../engines/attack.ts";
import { assertRoot } from "../linux/root.ts";
import { boxOptionSpecs, boxOptions, companionOptions, workloadOption } from "./box-options.ts";
import { readRunnable } from "./target.ts";
import { paint } from "./terminal.ts";
import type { Context, ExitStatus, Verb, VerbOutcome } from "./verb.ts";

export const attack: Verb = {
  name: "attack",
  summary: "Attacks a unit from inside its walls as they are: what holds, what is open, what cannot be told.",
  usage: "UNIT|FILE.service [--workload CMD] [options]",
  operands: { min: 1, max: 1, completes: ["unit", "file"] },
  schemas: ["cloison.attack/1"],
  options: boxOptionSpecs,
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
  const outcomes = report.results.map(({ outcome }) => outcome);
  const status: ExitStatus = outcomes.includes("violated") ? 1 : outcomes.includes("unknown") ? 3 : 0;
  const json = {
    schema: "cloison.attack/1",
    unit: target.name,
    probes: report.results,
    notApplicable: report.notApplicable,
  };
  return { status, text: paint(attackLines(attacksOf(report.results)), colour), json };
}
