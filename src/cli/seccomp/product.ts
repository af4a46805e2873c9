/** What a filter is written as: raw bytes, C, JSON, a listing; in a file, or on standard output. */
import { lstatSync, type Stats } from "node:fs";
import { disassemble } from "../../core/bpf/disassemble.ts";
import { encode, type Program, type TargetProgram } from "../../core/bpf/instruction.ts";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { cArray } from "../../core/export/c-array.ts";
import { SystemError } from "../../linux/system-error.ts";
import { checkOutputFile, writeFileByRename } from "../output-directory.ts";
import type { Arguments, OptionSpec, PrintedJson, VerbOutcome } from "../verb.ts";

export const productOptions: { readonly [name: string]: OptionSpec } = {
  out: { type: "string", value: "FILE", help: "write it there; - is standard output" },
  format: {
    type: "string",
    value: "FORMAT",
    choices: ["raw", "c", "json", "text"],
    help: "how to write it, raw with --out, text otherwise",
  },
};

/** How long a program is, in words. */
export function lengthText({ length }: Program): string {
  return `${length} ${length === 1 ? "instruction" : "instructions"}`;
}

/** The program as data. */
export function filterJson({ program, littleEndian }: TargetProgram): PrintedJson {
  return { schema: "cloison.filter/1", littleEndian, instructions: program };
}

function contentOf(product: TargetProgram, format: string): string | Uint8Array {
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

/** What is at a path, links not followed; undefined if nothing is. Throws SystemError for an impossible path. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new SystemError("write", { path, cause, help: "name another place with --out" });
  }
}

/** Checks before any work that the result can be written where the user wants it. */
export function checkProduct(given: Arguments): void {
  const out = given.one("out");
  if (out === undefined || out === "-") {
    return;
  }
  if (out === "") {
    throw inputError("usage", "--out: the file name is empty", "- is standard output");
  }
  checkOutputFile(out);
  const there = statusOf(out);
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) {
    throw inputError("usage", `--out: ${out} is not a regular file`, "- is standard output");
  }
  if (out.startsWith("/dev/") || out.startsWith("/proc/")) {
    throw inputError("usage", `--out: ${out} is not a regular file`, "- is standard output");
  }
}

/**
 * Writes text or bytes where the user wants them, or returns them for printing. `said`: one line on what was written.
 */
export async function deliver(
  given: Arguments,
  content: string | Uint8Array,
  said: string,
  more: Pick<VerbOutcome, "json" | "notes">,
): Promise<VerbOutcome> {
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
  product: TargetProgram,
  said: string,
  more: Pick<VerbOutcome, "json" | "notes">,
): Promise<VerbOutcome> {
  const toFile = given.one("out") !== undefined;
  const content = contentOf(product, given.one("format") ?? (toFile ? "raw" : "text"));
  return deliver(given, content, said, more);
}
