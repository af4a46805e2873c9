/** `cloison seccomp disasm`: a filter as text that assembles back to the same bytes. */
import { disassemble } from "../../core/bpf/disassemble.ts";
import { readFilter } from "../../core/bpf/read.ts";
import { validate } from "../../core/bpf/validate.ts";
import { formatDiagnostic } from "../../core/diagnostic/diagnostic.ts";
import { InputError, inputError } from "../../core/diagnostic/input-error.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { abisOption, archOption, orderOption } from "./architecture.ts";
import { isText, readBytes } from "./bytes.ts";
import { filterJson } from "./product.ts";

export const disasm: Verb = {
  name: "disasm",
  summary: "Prints a filter as text that assembles back to the same bytes.",
  usage: "F.bpf [--arch A] [--indices]",
  operands: { min: 1, max: 1, completes: ["file"] },
  schemas: ["cloison.filter/1"],
  options: {
    arch: { ...archOption, help: "byte order, and whose names the numbers have where the filter does not say" },
    indices: { type: "boolean", help: "end each line with the index of its instruction" },
  },
  examples: ["cloison seccomp disasm docker.bpf", "cloison seccomp disasm - --arch s390x < f.bpf"],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const path = given.operands[0] ?? "";
  const order = orderOption(given);
  const bytes = await readBytes(path);
  if (isText(bytes)) {
    const help = "cloison seccomp asm makes bytes of a listing, compile a filter of a profile or a unit";
    throw inputError("usage", `${path}: this is already text, not a raw filter`, help);
  }
  const read = readFilter(bytes, order);
  if (!read.ok) {
    throw new InputError(read.diagnostics.map((each) => ({ ...each, message: `${path}: ${each.message}` })));
  }
  const { program, littleEndian } = read.value;
  const [abi] = abisOption(given) ?? [];
  const text = disassemble(program, {
    littleEndian,
    indices: given.flag("indices"),
    ...(abi === undefined ? {} : { abi }),
  });
  const wrong = validate(program).map((each) => ({ ...each, severity: "warning" as const }));
  const json = { ...filterJson({ program, littleEndian }), text };
  return { status: 0, text, json, notes: wrong.map((each) => `${path}: ${formatDiagnostic(each)}`) };
}
