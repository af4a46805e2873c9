/** `cloison seccomp prove`: whether a filter does what a profile or a unit says, for every input. */
import type { Program } from "../../core/bpf/instruction.ts";
import { type Proof, prove as proveProgram } from "../../core/seccomp/compare/prove.ts";
import { actionText } from "../../core/seccomp/explain/explain.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { archOption, profileOptions } from "./architecture.ts";
import { fromOption, programOf, readFilters } from "./source.ts";
import { answerText, witnessJson, witnessText } from "./witness.ts";

export const prove: Verb = {
  name: "prove",
  summary: "Shows for every input that a filter does what a profile, a unit or another filter says, or where not.",
  usage: "[--from oci|systemd|filter] FILE F.bpf [--arch A[,B…]]",
  operands: { min: 2, max: 2, completes: ["file", "unit"] },
  schemas: ["cloison.proof/1"],
  options: {
    from: fromOption,
    arch: { ...archOption, help: `${archOption.help} (those that F.bpf tells apart)` },
    ...profileOptions,
  },
  examples: ["cloison seccomp prove --from oci default.json docker.bpf", "cloison seccomp prove app.service app.bpf"],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const [wanted, actual] = await readFilters(given.operands, given, given.one("from"));
  if (wanted === undefined || actual === undefined) {
    throw new TypeError("two filters were asked for");
  }
  const { program, littleEndian = true } = programOf(actual);
  const proof = proveProgram(program, wanted.filter, { littleEndian });
  return outcomeOf(proof, program, `${actual.word} and ${wanted.word}`, [...wanted.notes, ...actual.notes]);
}

const SCHEMA = "cloison.proof/1";

function outcomeOf(proof: Proof, program: Program, what: string, notes: readonly string[]): VerbOutcome {
  switch (proof.kind) {
    case "holds": {
      const text = `proved: ${what} answer the same to every call of every architecture`;
      return { status: 0, text, json: { schema: SCHEMA, holds: true, instructions: program.length }, notes };
    }
    case "differs": {
      const { witness, expected, actual } = proof;
      const text = `not the same: ${witnessText(witness)} should get ${actionText(expected)}, gets ${actionText(actual)}`;
      const answers = { expected: answerText(expected), actual: answerText(actual) };
      return {
        status: 1,
        text,
        json: { schema: SCHEMA, holds: false, witness: witnessJson(witness), ...answers },
        notes,
      };
    }
    case "unknown": {
      const { reason, at } = proof;
      const json = { schema: SCHEMA, holds: null, reason, ...(at === undefined ? {} : { at }) };
      return { status: 3, text: `not decided: ${reason}`, json, notes };
    }
  }
}
