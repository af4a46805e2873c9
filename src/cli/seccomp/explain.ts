/** `cloison seccomp explain`: what a filter allows and denies, on which condition, and the holes in it. */
import {
  actionText,
  type Explanation,
  explain as explainFilter,
  explanationText,
} from "../../core/seccomp/explain/explain.ts";
import type { Context, ExitStatus, PrintedJson, Verb, VerbOutcome } from "../verb.ts";
import { archOption, profileOptions } from "./architecture.ts";
import { fromOption, readOne } from "./source.ts";

export const explain: Verb = {
  name: "explain",
  summary:
    "Says what a filter, a profile, a unit or a process lets through, on which condition, and where the holes are.",
  usage: "F.bpf|PROFILE.json|UNIT|PID",
  operands: { min: 1, max: 1, completes: ["file", "unit"] },
  schemas: ["cloison.explanation/1"],
  options: { from: fromOption, arch: archOption, ...profileOptions },
  examples: [
    "cloison seccomp explain docker.bpf",
    "cloison seccomp explain default.json --arch x86_64",
    "cloison seccomp explain nginx.service",
    "cloison seccomp explain 4711",
  ],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const named = await readOne(given.operands[0] ?? "", given, given.one("from"));
  const explanation = explainFilter(named.filter);
  return {
    status: statusOf(explanation),
    text: explanationText(explanation),
    json: jsonOf(explanation),
    notes: named.notes,
  };
}

function statusOf({ findings, unknown }: Explanation): ExitStatus {
  if (unknown !== undefined) {
    return 3;
  }
  return findings.some(({ severity }) => severity === "high") ? 1 : 0;
}

function jsonOf({ abis, foreign, findings, unknown }: Explanation): PrintedJson {
  const text = (action: Explanation["foreign"]): string | null => (action === undefined ? null : actionText(action));
  return {
    schema: "cloison.explanation/1",
    abis: abis.map(({ abi, otherwise, constant, conditional }) => ({
      abi,
      otherwise: text(otherwise),
      constant: constant.map(({ action, calls, unnamed }) => ({ action: text(action), calls, unnamed })),
      conditional: conditional.map(({ calls, ways }) => ({
        calls,
        ways: ways.map(({ when, action }) => ({ when, action: text(action) })),
      })),
    })),
    foreign: text(foreign),
    findings,
    ...(unknown === undefined ? {} : { unknown }),
  };
}
