/** `cloison observe`: records what a service does in a box, from start to stop. */
import { writeObservation } from "../core/action/document.ts";
import { observeService } from "../engines/observe.ts";
import { assertRoot } from "../linux/root.ts";
import { boxOptionSpecs, boxOptions, companionOptions, workloadOption } from "./box-options.ts";
import { observationOutcome } from "./merge.ts";
import { checkOutputFile } from "./output-directory.ts";
import { readRunnable } from "./target.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";

export const observe: Verb = {
  name: "observe",
  summary: "Records what a service does: start, workload, reload, restart and stop, traced in a box.",
  usage: "UNIT|FILE.service --workload CMD [--out FILE] [options]",
  operands: { min: 1, max: 1, completes: ["unit", "file"] },
  schemas: ["cloison.observation/2"],
  options: { ...boxOptionSpecs, out: { type: "string", value: "FILE", help: "write it there instead of stdout" } },
  examples: ["cloison observe nginx.service --workload ./visit.sh --out nginx.json"],
  run,
};

async function run({ arguments: given, say }: Context): Promise<VerbOutcome> {
  const target = await readRunnable(given.operands[0] ?? "");
  const workload = workloadOption(given);
  const companions = companionOptions(given);
  const box = boxOptions(given, say);
  const out = given.one("out");
  assertRoot("observe");
  checkOutputFile(out);
  const warnings: string[] = [];
  const request = { target, workload, companions, box, say };
  const observation = await observeService(request, (text) => warnings.push(`warning: ${text}`));
  const outcome = await observationOutcome(writeObservation(observation), out, `${observation.seen.length} actions`);
  return { ...outcome, notes: [...(outcome.notes ?? []), ...warnings] };
}
