/** libseccomp as the peer: a policy for x86_64 as the rules that the library is given, and the filter that it makes. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { tableOf } from "../../dist/core/index.js";
import { rulesByNumber } from "../../dist/core/seccomp/canonical/canonical.js";
import { valueOfAction } from "../../dist/core/seccomp/policy/return-value.js";

const root = join(import.meta.dirname, "../..");

/** The function of the tests that drives the library; it is TypeScript, and Node 20 reads JavaScript only. */
async function loadLibrary() {
  const directory = join(root, "node_modules/.cache/cloison");
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, "libseccomp.mjs");
  const entryPoints = [join(root, "test/live/libseccomp.ts")];
  buildSync({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", external: ["koffi"] });
  return (await import(pathToFileURL(outfile).href)).buildWithLibrary;
}

function testOf({ argument, operator, value, mask }) {
  if (operator !== "masked-eq") {
    return { index: argument, comparison: operator.toUpperCase(), value, valueTwo: value };
  }
  return { index: argument, comparison: "MASKED_EQ", value: mask, valueTwo: value };
}

/** Rules by name; unnamed numbers and the default are not rules. */
function rulesOf({ rules, otherwise }) {
  const byNumber = rulesByNumber({ rules, otherwise });
  return Object.entries(tableOf("x86_64").numbers).flatMap(([name, number]) =>
    (byNumber.get(number) ?? [])
      .filter(({ action }) => valueOfAction(action) !== valueOfAction(otherwise))
      .map(({ when, action }) => ({ name, action: valueOfAction(action), tests: when.map(testOf) })),
  );
}

/** Loads the library; gives a function from a policy and a level of optimisation to the filter. */
export async function libseccomp() {
  const build = await loadLibrary();
  return (policy, optimize) => {
    const own = policy.abis.x86_64;
    const [otherwise, foreign] = [own.otherwise, policy.foreign].map(valueOfAction);
    const program = build({ abis: ["x86_64"], otherwise, foreign, rules: rulesOf(own), optimize });
    if ("refused" in program) {
      throw new Error(`libseccomp refused: ${program.refused}`);
    }
    return program;
  };
}
