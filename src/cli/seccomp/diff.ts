/** `cloison seccomp diff`: two filters compared for every input. */
import { intervalText } from "../../core/seccomp/canonical/intervals.ts";
import { type Difference, diff as diffFilters, type Relation } from "../../core/seccomp/compare/diff.ts";
import type { Example } from "../../core/seccomp/compare/groups.ts";
import { actionText } from "../../core/seccomp/explain/explain.ts";
import type { Context, Verb, VerbOutcome } from "../verb.ts";
import { archOption, profileOptions } from "./architecture.ts";
import { readFilters } from "./source.ts";
import { answerText, witnessJson, witnessText } from "./witness.ts";

export const diff: Verb = {
  name: "diff",
  summary: "Compares two filters, profiles, units or processes for every input, with a witness for each difference.",
  usage: "A B [--arch A[,B…]]",
  operands: { min: 2, max: 2, completes: ["file", "unit"] },
  schemas: ["cloison.seccomp-diff/1"],
  options: { arch: archOption, ...profileOptions },
  examples: [
    "cloison seccomp diff old.bpf new.bpf",
    "cloison seccomp diff default.json seccomp.json --arch x86_64",
    "cloison seccomp diff app.service 4711",
  ],
  run,
};

const SCHEMA = "cloison.seccomp-diff/1";

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const [first, second] = await readFilters(given.operands, given);
  if (first === undefined || second === undefined) {
    throw new TypeError("two filters were asked for");
  }
  const found = diffFilters(first.filter, second.filter);
  const notes = [...first.notes, ...second.notes];
  if (found.kind === "unknown") {
    return {
      status: 3,
      text: `not decided: ${found.reason}`,
      json: { schema: SCHEMA, relation: "unknown", reason: found.reason },
      notes,
    };
  }
  const { relation, differences } = found;
  const json = { schema: SCHEMA, relation, differences: differences.map(differenceJson) };
  const text = [headline(relation, first.word, second.word), ...differences.flatMap(differenceLines)].join("\n");
  return { status: relation === "equal" ? 0 : 1, text, json, notes };
}

function headline(relation: Relation, first: string, second: string): string {
  switch (relation) {
    case "equal":
      return `equal: ${first} and ${second} answer the same to every call of every architecture`;
    case "incomparable":
      return `incomparable: ${second} is stricter than ${first} in some, looser or just different in others`;
    case "stricter":
    case "looser":
      return `${relation}: ${second} is ${relation} than ${first}`;
  }
}

function examplesOf({ examples }: Difference): readonly (readonly [string, Example])[] {
  return Object.entries(examples) as (readonly [string, Example])[];
}

function differenceJson(difference: Difference): object {
  const { abi, calls, numbers } = difference;
  return {
    abi: abi ?? null,
    calls,
    numbers,
    witnesses: examplesOf(difference).map(([direction, { data, first, second }]) => ({
      direction,
      witness: witnessJson(data),
      first: answerText(first),
      second: answerText(second),
    })),
  };
}

const MOST_NAMES = 12;

function subject({ abi, calls, numbers }: Difference): string {
  const where = abi ?? "other architectures";
  const intervals = numbers.map(intervalText);
  const words = calls.length > 0 ? calls : intervals;
  const shown = words.slice(0, MOST_NAMES).join(", ");
  const rest = words.length > MOST_NAMES ? ` and ${words.length - MOST_NAMES} more` : "";
  return `${where}: ${shown}${rest}`;
}

function differenceLines(difference: Difference): readonly string[] {
  return [
    subject(difference),
    ...examplesOf(difference).map(
      ([direction, { data, first, second }]) =>
        `  ${direction}: ${witnessText(data)}: ${actionText(first)} → ${actionText(second)}`,
    ),
  ];
}
