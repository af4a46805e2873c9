/** How many instructions a filter has and how many of them run at a call, beside libseccomp, systemd and the best there is. */
import { compileFilter, figuresOf, mergeFilters, optimumOf, prove } from "../../dist/core/index.js";
import { must } from "./must.mjs";
import { round, table } from "./table.mjs";

/** Filters of one policy; `compileWithLibrary` makes the peer's, `counts` are the calls of a profile. */
export function compareSizes(title, policy, counts, compileWithLibrary) {
  const [uniformBest, weightedBest] = [optimumOf(policy, "x86_64"), optimumOf(policy, "x86_64", counts)];
  const row = (name, program) => {
    const uniform = figuresOf(program, "x86_64");
    const weighted = figuresOf(program, "x86_64", counts);
    const above = `${round((100 * weighted.mean) / weightedBest.tree - 100, 1)} %`;
    return [name, uniform.instructions, uniform.longest, round(uniform.mean), round(weighted.mean), above];
  };
  const peers = [1, 2].map((optimize) => {
    const program = compileWithLibrary(policy, optimize);
    const { kind } = prove(program, policy);
    return row(`libseccomp O${optimize}${kind === "holds" ? "" : ` (${kind})`}`, program);
  });
  table(title, [
    ["", "instructions", "longest", "mean uniform", "mean weighted", "above the best tree"],
    ...peers,
    row("cloison --optimize size", must(compileFilter(policy, { goal: "size" })).program),
    row("cloison", must(compileFilter(policy)).program),
    row("cloison --profile nginx", must(compileFilter(policy, { profile: counts })).program),
    ["best comparison tree", "", "", round(uniformBest.tree), round(weightedBest.tree), ""],
    ["lower bound", "", "", round(uniformBest.bound), round(weightedBest.bound), ""],
  ]);
}

/** A stack of filters that systemd attached beside the one that does the same. */
export function compareStack(title, programs) {
  const sum = programs.reduce((total, program) => total + program.length, 0);
  table(title, [
    ["", "programs", "instructions"],
    ["systemd", programs.length, sum],
    ["cloison seccomp merge", 1, must(mergeFilters(programs)).program.length],
  ]);
}
