/** What a filter is written as: raw bytes, C, JSON, a listing; in a file, or on standard output. */
import { lstatSync } from "node:fs";
import { disassemble } from "../../core/bpf/disassemble.ts";
import { encode, type Program } from "../../core/bpf/instruction.ts";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { cArray } from "../../core/export/c-array.ts";
import { checkOutputFile, writeFileByRename } from "../output-directory.ts";
import type { Arguments, OptionSpec, Outcome } from "../verb.ts";

export const productOptions: { readonly [name: string]: OptionSpec } = {
  out: { type: "string", value: "FILE", help: "write it there; - is standard output" },
  format: {
    type: "string",
    value: "FORMAT",
    choices: ["raw", "c", "json", "text"],
    help: "raw with --out, text otherwise",
  },
};

/** A compiled filter. */
export interface Product {
  readonly program: Program;
  readonly littleEndian: boolean;
}

/** The program as data. */
export function filterJson({ program, littleEndian }: Product): object {
  return { schema: "cloison.filter/1", littleEndian, instructions: program };
}

function contentOf(product: Product, format: string): string | Uint8Array {
  const { program, littleEndian } = product;
  switch (format) {
    case "raw":
      return encode(program, littleEndian);
    case "c":
      return cArray(program);
    case "json":
      return `${JSON.stringify(filterJson(product), undefined, 2)}\n`;
    default:
      return disassemble(program, { littleEndian });
  }
}

/** Before any work: could the result be written where the user said? */
export function checkProduct(given: Arguments): void {
  const out = given.one("out");
  if (out === undefined || out === "-") return;
  checkOutputFile(out);
  const there = lstatSync(out, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) {
    throw inputError("usage", `--out: ${out} is no plain file`, "- is standard output");
  }
  if (out.startsWith("/dev/") || out.startsWith("/proc/")) {
    throw inputError("usage", `--out: ${out} is no plain file`, "- is standard output");
  }
}

/** Writes a text or bytes where the user said, or gives it to be printed. `said`: one line on what was written. */
export async function deliver(
  given: Arguments,
  content: string | Uint8Array,
  said: string,
  more: Pick<Outcome, "json" | "notes">,
): Promise<Outcome> {
  const out = given.one("out");
  if (out === undefined || out === "-") {
    return typeof content === "string"
      ? { status: 0, text: content, ...more }
      : { status: 0, text: "", bytes: content, ...more };
  }
  await writeFileByRename(out, content);
  return { status: 0, text: `${said}: ${out}`, ...more };
}

/** Writes a filter in the format that the user asked for. */
export async function deliverFilter(
  given: Arguments,
  product: Product,
  said: string,
  more: Pick<Outcome, "json" | "notes">,
): Promise<Outcome> {
  const toFile = given.one("out") !== undefined;
  const content = contentOf(product, given.one("format") ?? (toFile ? "raw" : "text"));
  return deliver(given, content, said, more);
}
