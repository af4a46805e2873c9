/** `cloison completion`: a script with which a shell completes verbs, options, units and files. */

import { inputError } from "../core/diagnostic/input-error.ts";
import { didYouMean } from "../core/diagnostic/nearest.ts";
import { bashCompletion } from "./completion/bash.ts";
import { fishCompletion } from "./completion/fish.ts";
import { treeOf, type WordTree } from "./completion/tree.ts";
import { zshCompletion } from "./completion/zsh.ts";
import type { Verb, VerbGroup } from "./verb.ts";

/** The script for each shell that there is one for. */
export const shells: Readonly<Record<string, (tree: WordTree) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The verb, for what the command line has besides. */
export function completionFor(others: readonly (Verb | VerbGroup)[]): Verb {
  const names = Object.keys(shells);
  const verb: Verb = {
    name: "completion",
    summary: "Prints a script with which your shell completes verbs, options, units and files.",
    usage: names.join("|"),
    operands: { min: 1, max: 1, completes: [{ words: names }] },
    schemas: ["cloison.completion/1"],
    options: {},
    examples: [
      "source <(cloison completion bash)",
      "cloison completion zsh > ~/.zfunc/_cloison",
      "cloison completion fish > ~/.config/fish/completions/cloison.fish",
    ],
    run: async ({ arguments: given }) => {
      const shell = given.operands[0] ?? "";
      const make = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
      if (make === undefined) {
        const known = `one of ${names.join(", ")}`;
        throw inputError("usage", `there is no completion for '${shell}'`, didYouMean(shell, names, known));
      }
      const script = make(treeOf([...others, verb]));
      return { status: 0, text: script, json: { schema: "cloison.completion/1", shell, script } };
    },
  };
  return verb;
}
