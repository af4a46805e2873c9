/** How long compiling with proof and comparing take, beside what they may take. */
import { compileFilter, diffFilters } from "../../dist/core/index.js";
import { must } from "./must.mjs";
import { entangledPolicy, randomPolicies } from "./random-rules.mjs";
import { round, table } from "./table.mjs";
import { median, milliseconds, once } from "./timing.mjs";

/** Times for the policies of two container profiles and for random ones. */
export function times({ docker, podman }) {
  const compile = (policy) => must(compileFilter(policy)).program;
  const [first, second] = [docker, podman].map((policy) => ({ kind: "program", program: compile(policy) }));
  const entangled = entangledPolicy();
  const each = randomPolicies(200).map((policy) => once(() => compile(policy)));
  const total = each.reduce((sum, time) => sum + time, 0);
  const rows = [
    ["compile Docker's profile, with proof", () => compile(docker), "150"],
    ["diff of Docker's and Podman's filters", () => diffFilters(first, second), "300"],
    [
      `20 rules of 3 conditions on one call (${compile(entangled).length} instructions)`,
      () => compile(entangled),
      "100",
    ],
  ];
  table("Time in this process, milliseconds (middle of several runs)", [
    ["", "ms", "aim"],
    ...rows.map(([name, work, aim]) => [name, round(milliseconds(work), 1), aim]),
    ["one random rule set, compiled and proved", round(median(each), 2), ""],
    ["random rule sets proved in a minute", Math.round((60_000 * each.length) / total), "1000"],
  ]);
}
