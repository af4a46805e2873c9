/** `cloison seccomp compile`: a profile, a unit or a filter as one small filter, proved. */
import { compile as compileFilter } from "../../core/seccomp/compile/compile.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { archOption, profileOptions } from "./architecture.ts";
import { goalOf, goalOptions } from "./goal.ts";
import { checkProduct, deliverFilter, filterJson, lengthText, productOptions } from "./product.ts";
import { fromOption, readOne } from "./source.ts";
import { failure } from "./undecided.ts";

export const compile: Verb = {
  name: "compile",
  summary: "Makes one small filter of a container profile, a unit or another filter, and proves it.",
  usage:
    "[--from oci|systemd|filter] FILE --arch A[,B…] --out F.bpf [--profile OBSERVATION] [--format raw|c|json|text]",
  operands: { min: 1, max: 1, completes: ["file", "unit"] },
  schemas: ["cloison.filter/1", "cloison.undecided/1"],
  options: {
    from: fromOption,
    arch: archOption,
    ...profileOptions,
    ...goalOptions,
    ...productOptions,
  },
  examples: [
    "cloison seccomp compile --from oci default.json --arch x86_64 --out docker.bpf",
    "cloison seccomp compile --from systemd app.service --profile app.json --out app.bpf",
    "cloison seccomp compile --from oci seccomp.json --arch aarch64,arm --format c",
  ],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  checkProduct(given);
  const named = await readOne(given.operands[0] ?? "", given, given.one("from"));
  const compiled = compileFilter(named.filter, await goalOf(given));
  if (!compiled.ok) {
    return failure(named.word, compiled.diagnostics);
  }
  const json = { ...filterJson(compiled.value), proved: true };
  const said = `${lengthText(compiled.value.program)}, proved`;
  return deliverFilter(given, compiled.value, said, { json, notes: named.notes });
}
