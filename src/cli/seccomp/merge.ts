/** `cloison seccomp merge`: merges a stack of filters into one that does the same. */
import { inputError } from "../../core/diagnostic/input-error.ts";
import { merge as mergeFilters } from "../../core/seccomp/compile/merge.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { archOption } from "./architecture.ts";
import { goalOf, goalOptions } from "./goal.ts";
import { checkProduct, deliverFilter, filterJson, productOptions } from "./product.ts";
import { programOf, readFilters } from "./source.ts";
import { failure } from "./undecided.ts";

export const merge: Verb = {
  name: "merge",
  summary: "Makes one filter of several that a process would run one after another, and proves it.",
  usage: "F.bpf… [--out MERGED.bpf]",
  operands: { min: 1, max: Number.POSITIVE_INFINITY, completes: ["file"] },
  schemas: ["cloison.filter/1", "cloison.undecided/1"],
  options: {
    arch: { ...archOption, help: "byte order of the filters (seen from them)" },
    ...goalOptions,
    ...productOptions,
  },
  examples: ["cloison seccomp merge first.bpf second.bpf --out both.bpf"],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  checkProduct(given);
  const filters = (await readFilters(given.operands, given)).map(programOf);
  const littleEndian = filters[0]?.littleEndian ?? true;
  if (filters.some((each) => (each.littleEndian ?? true) !== littleEndian)) {
    throw inputError("filter-mixed-order", "these filters are for machines of different byte order");
  }
  const merged = mergeFilters(
    filters.map(({ program }) => program),
    { littleEndian, ...(await goalOf(given)) },
  );
  if (!merged.ok) {
    return failure("merge", merged.diagnostics);
  }
  const before = filters.reduce((sum, { program }) => sum + program.length, 0);
  const { program } = merged.value;
  const count = filters.length === 1 ? "1 filter" : `${filters.length} filters`;
  const said = `${count} of ${before} instructions as one of ${program.length}, proved`;
  const json = { ...filterJson(merged.value), merged: filters.length, before, proved: true };
  return deliverFilter(given, merged.value, said, { json });
}
