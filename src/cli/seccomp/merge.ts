/** `cloison seccomp merge`: a stack of filters as one that does the same. */
import { callCounts } from "../../core/action/call-counts.ts";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { merge as mergeFilters } from "../../core/seccomp/merge.ts";
import { readObservationFile } from "../observation-file.ts";
import type { Context, Outcome, Verb } from "../verb.ts";
import { archOption } from "./architecture.ts";
import { checkProduct, deliverFilter, filterJson, productOptions } from "./product.ts";
import { programOf, readFilters } from "./source.ts";
import { failure } from "./undecided.ts";

export const merge: Verb = {
  name: "merge",
  summary: "Makes one filter of several that a process would run one after another, and proves it.",
  usage: "F.bpf… [--out MERGED.bpf]",
  operands: { min: 1, max: Number.POSITIVE_INFINITY },
  options: {
    arch: { ...archOption, help: "byte order of the filters (seen from them)" },
    profile: { type: "string", value: "OBSERVATION", help: "calls that it saw often are decided first" },
    optimize: { type: "string", value: "GOAL", choices: ["size", "speed"], help: "what is to be small (speed)" },
    ...productOptions,
  },
  examples: ["cloison seccomp merge first.bpf second.bpf --out both.bpf"],
  run,
};

async function run({ arguments: given }: Context): Promise<Outcome> {
  checkProduct(given);
  const filters = (await readFilters(given.operands, given)).map(programOf);
  const littleEndian = filters[0]?.littleEndian ?? true;
  if (filters.some((each) => (each.littleEndian ?? true) !== littleEndian)) {
    throw inputError("filter-mixed-order", "these filters are for machines of different byte order");
  }
  const observation = given.one("profile");
  const counts = observation === undefined ? undefined : callCounts(await readObservationFile(observation));
  const merged = mergeFilters(
    filters.map(({ program }) => program),
    {
      littleEndian,
      goal: given.one("optimize") === "size" ? "size" : "speed",
      ...(counts === undefined ? {} : { profile: counts }),
    },
  );
  if (!merged.ok) return failure("merge", merged.diagnostics);
  const before = filters.reduce((sum, { program }) => sum + program.length, 0);
  const { program } = merged.value;
  const said = `${filters.length} filters of ${before} instructions as one of ${program.length}, proved`;
  const json = { ...filterJson(merged.value), merged: filters.length, before, proved: true };
  return deliverFilter(given, merged.value, said, { json });
}
