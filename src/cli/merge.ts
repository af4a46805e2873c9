/** `cloison merge`: several observations of one service as one. */
import { writeObservation } from "../core/action/document.ts";
import { merge as mergeTwo } from "../core/action/merge.ts";
import { inputError } from "../core/diagnostic/input-error.ts";
import { readObservationFile } from "./observation-file.ts";
import { checkOutputFile, writeFileByRename } from "./output-directory.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";

export const merge: Verb = {
  name: "merge",
  summary: "Makes one observation of several, from many runs or many hosts; in any order, twice if need be.",
  usage: "OBSERVATION… [--out FILE]",
  operands: { min: 1, max: Number.POSITIVE_INFINITY, completes: ["file"] },
  schemas: ["cloison.observation/2"],
  options: { out: { type: "string", value: "FILE", help: "write it there instead of stdout" } },
  examples: ["cloison merge host1.json host2.json --out all.json"],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const [first = "", ...rest] = given.operands;
  const out = given.one("out");
  checkOutputFile(out);
  let merged = await readObservationFile(first);
  for (const path of rest) {
    const next = await readObservationFile(path);
    if (next.unit !== merged.unit) {
      const help = "observations of different services say nothing about each other";
      throw inputError("merge-other-unit", `${path} is of ${next.unit}, ${first} of ${merged.unit}`, help);
    }
    merged = mergeTwo(merged, next);
  }
  return observationOutcome(writeObservation(merged), out, `${merged.seen.length} actions`);
}

/** Prints an observation, or writes it where the user said and says what is in it. */
export async function observationOutcome(text: string, out: string | undefined, what: string): Promise<VerbOutcome> {
  if (out === undefined) {
    return { status: 0, text, json: JSON.parse(text) };
  }
  await writeFileByRename(out, text);
  return { status: 0, text: `${what}: ${out}`, json: JSON.parse(text) };
}
