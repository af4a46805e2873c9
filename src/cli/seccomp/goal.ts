/** Options for what to optimise a filter for: size, or speed at the calls that were seen. */
import { callCounts } from "../../core/action/call-counts.ts";
import type { CompileOptions } from "../../core/seccomp/compile/compile.ts";
import { readObservationFile } from "../observation-file.ts";
import type { Arguments, OptionSpec } from "../verb.ts";

export const goalOptions: { readonly [name: string]: OptionSpec } = {
  profile: { type: "string", value: "OBSERVATION", help: "calls that it saw often are decided first" },
  optimize: {
    type: "string",
    value: "GOAL",
    choices: ["size", "speed"],
    help: "what counts more, speed unless said otherwise",
  },
};

/** What the options say, as the compiler takes it. */
export async function goalOf(given: Arguments): Promise<CompileOptions> {
  const goal = given.one("optimize") === "size" ? "size" : "speed";
  const observation = given.one("profile");
  return observation === undefined ? { goal } : { goal, profile: callCounts(await readObservationFile(observation)) };
}
