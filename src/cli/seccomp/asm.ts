/** `cloison seccomp asm`: the text of a filter as bytes. */
import { assembleText } from "../../core/bpf/assemble-text.ts";
import { validate } from "../../core/bpf/validate.ts";
import { formatDiagnostic } from "../../core/diagnostic/diagnostic.ts";
import { InputError } from "../../core/diagnostic/input-error.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { readBytes } from "./bytes.ts";
import { checkProduct, deliverFilter, filterJson, lengthText, productOptions } from "./product.ts";

export const asm: Verb = {
  name: "asm",
  summary: "Assembles the text of a filter, as disasm prints it or a person writes it.",
  usage: "F.asm --out F.bpf",
  operands: { min: 1, max: 1, completes: ["file"] },
  schemas: ["cloison.filter/1"],
  options: productOptions,
  examples: [
    "cloison seccomp asm f.asm --out f.bpf",
    "cloison seccomp disasm f.bpf | cloison seccomp asm - --out g.bpf",
  ],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  checkProduct(given);
  const path = given.operands[0] ?? "";
  const text = Buffer.from(await readBytes(path)).toString("utf8");
  const assembled = assembleText(text, path);
  if (!assembled.ok) {
    throw new InputError(assembled.diagnostics);
  }
  const { program } = assembled.value;
  const wrong = validate(program).map((each) => ({ ...each, severity: "warning" as const }));
  const notes = wrong.map((each) => `${path}: ${formatDiagnostic(each)}`);
  const more = { json: filterJson(assembled.value), notes };
  return deliverFilter(given, assembled.value, lengthText(program), more);
}
