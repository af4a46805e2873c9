/** `cloison seccomp dump`: the filters of a running process, or those that a command installs. */
import { disassemble } from "../../core/bpf/disassemble.ts";
import type { Program, TargetProgram } from "../../core/bpf/instruction.ts";
import { STACK_LIMIT, stackWeight } from "../../core/bpf/weight.ts";
import { formatDiagnostic } from "../../core/diagnostic/diagnostic.ts";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { merge } from "../../core/seccomp/compile/merge.ts";
import { nativeAbi } from "../../linux/native-abi.ts";
import { filtersOfProcess, type OtherThread } from "../../linux/seccomp-filters.ts";
import { filtersOfCommand } from "../../linux/traced-command.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { checkProduct, deliverFilter, lengthText, productOptions } from "./product.ts";
import { threadWarning } from "./threads.ts";

export const dump: Verb = {
  name: "dump",
  summary: "Shows the filters of a running process, or those that a command installs, and the one that they come to.",
  usage: "PID | TID | -- CMD [ARG…]",
  operands: { min: 1, max: 1, completes: [] },
  schemas: ["cloison.seccomp-dump/1"],
  command: true,
  options: { ...productOptions, out: { type: "string", value: "FILE", help: "write the merged filter there" } },
  examples: ["cloison seccomp dump 4711 --out one.bpf", "cloison seccomp dump -- bwrap --ro-bind / / true"],
  run,
};

/** The filters of one process and a single one that does the same. */
interface Stack {
  readonly pid: number;
  readonly programs: readonly Program[];
  readonly inherited: number;
  readonly others?: readonly OtherThread[];
}

async function run(context: Context): Promise<VerbOutcome> {
  const { arguments: given } = context;
  checkProduct(given);
  if (given.command !== undefined && given.operands.length > 0) {
    throw inputError("usage", "seccomp dump: a process or a command, not both");
  }
  const stacks =
    given.command === undefined ? [await ofProcess(given.operands[0] ?? "")] : await ofCommand(given.command);
  const described = stacks.map(describe);
  const json = { schema: "cloison.seccomp-dump/1", processes: described.map(({ json: each }) => each) };
  const text = described.length === 0 ? "no filter was installed" : described.map((each) => each.text).join("\n\n");
  const notes = stacks.flatMap(({ pid, others = [] }) => threadWarning(pid, others)).map(formatDiagnostic);
  const last = described.at(-1)?.merged;
  if (given.one("out") === undefined) {
    return { status: 0, text, json, notes };
  }
  if (last === undefined) {
    return { status: 3, text, json, notes: [...notes, "error: there is no one filter to be written"] };
  }
  return deliverFilter(given, last, `${lengthText(last.program)}, proved`, { json, notes });
}

async function ofProcess(word: string): Promise<Stack> {
  if (!/^[1-9]\d{0,9}$/.test(word)) {
    throw inputError("usage", `'${word}' is not a process ID`, "a command goes after --: cloison seccomp dump -- CMD");
  }
  const { programs, mode, others } = await filtersOfProcess(Number(word));
  if (mode === 1) {
    throw inputError("filter-strict", `process ${word} is in strict mode: read, write, exit and sigreturn, no filter`);
  }
  return { pid: Number(word), programs, inherited: 0, others };
}

async function ofCommand(command: readonly string[]): Promise<readonly Stack[]> {
  if (command.length === 0) {
    throw inputError("usage", "seccomp dump: there is no command after --");
  }
  return filtersOfCommand(command);
}

function describe({ pid, programs, inherited, others = [] }: Stack): {
  readonly text: string;
  readonly json: object;
  readonly merged?: TargetProgram;
} {
  if (programs.length === 0) {
    return { text: `process ${pid}: no filter`, json: { pid, filters: [], merged: null, otherThreads: others } };
  }
  const abi = nativeAbi();
  const merged = merge(programs);
  const weight = stackWeight(programs);
  const listings = programs.map((program, place) => {
    const of = place < inherited ? ", inherited" : "";
    return `; filter ${place + 1} of ${programs.length}, ${lengthText(program)}${of}\n${disassemble(program, { abi })}`;
  });
  const whole = merged.ok
    ? `; all of them as one, ${lengthText(merged.value.program)}, proved\n${disassemble(merged.value.program, { abi })}`
    : `; they could not be merged: ${merged.diagnostics[0]?.message ?? ""}\n`;
  const count = programs.length === 1 ? "one filter" : `${programs.length} filters`;
  const head = `; process ${pid}: ${count}, ${weight} of ${STACK_LIMIT} that the kernel allows`;
  const one = merged.ok ? merged.value.program : null;
  const json = { pid, inherited, weight, filters: programs, merged: one, otherThreads: others };
  const text = [head, ...listings, ...(programs.length > 1 || !merged.ok ? [whole] : [])].join("\n").trimEnd();
  return { text, json, ...(merged.ok ? { merged: merged.value } : {}) };
}
