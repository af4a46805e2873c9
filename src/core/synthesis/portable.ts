/**
 * What of a drop-in is particular to the machine that it was made on: the secrets and the peers that were found there. The rest holds
 * wherever the same service does the same.
 */

import { sameValue } from "../directives/_scalar.ts";
import { catalogue } from "../directives/catalogue.ts";
import { foldUnit, type Host } from "../directives/sandbox.ts";
import type { SynthesisInput } from "./input.ts";
import { type Setting, type Synthesis, synthesize } from "./synthesize.ts";

/** The settings of one drop-in in two parts, which mean together what they meant before. */
export interface Apart {
  readonly everywhere: readonly Setting[];
  /** What was found here makes these; lines of a list may stand in both parts. */
  readonly here: readonly Setting[];
}

/** The same input on any machine: nobody looked for secrets or peers. */
export function anywhere(input: SynthesisInput): SynthesisInput {
  const { secrets: _, peers: __, ...host } = input.host;
  return { ...input, host };
}

/** Tells apart what was found on this machine. Deterministic; costs another synthesis where anything was found. */
export function apart(input: SynthesisInput, { settings }: Pick<Synthesis, "settings">): Apart {
  const { secrets = [], peers = [] } = input.host;
  if (secrets.length === 0 && peers.length === 0) {
    return { everywhere: settings, here: [] };
  }
  const elsewhere = new Map(synthesize(anywhere(input)).settings.map((setting) => [setting.directive, setting]));
  const parts = settings.map((setting) => split(setting, elsewhere.get(setting.directive), input.host));
  return {
    everywhere: parts.flatMap(({ everywhere }) => everywhere),
    here: parts.flatMap(({ here }) => here),
  };
}

/** One setting in two, where its lines add up; else all of it is particular. */
function split(setting: Setting, other: Setting | undefined, host: Host): Apart {
  const wholly = { everywhere: [], here: [setting] };
  if (other === undefined) {
    return wholly;
  }
  const common = wordsOf(other);
  const rest = wordsOf(setting).filter((word) => !common.includes(word));
  if (rest.length === 0 && sameValue(other.lines, setting.lines)) {
    return { everywhere: [setting], here: [] };
  }
  const both = [...other.lines, rest.join(" ")];
  const same = sameValue(folded(setting.directive, both, host), folded(setting.directive, setting.lines, host));
  const reason = "found on this machine, and not seen to be used";
  return same && rest.length > 0
    ? { everywhere: [other], here: [{ ...setting, lines: [rest.join(" ")], reason, doors: [] }] }
    : wholly;
}

/** The words of lines without quotes; a line with quotes is one word. */
function wordsOf({ lines }: Setting): readonly string[] {
  return lines.flatMap((line) => (/["'\\]/.test(line) ? [line] : line.split(" ")));
}

function folded(directive: string, lines: readonly string[], host: Host): unknown {
  const assignments = lines.map((value) => ({ value, file: "", line: 1 }));
  const { values } = foldUnit((name) => (name === directive ? assignments : []), host, catalogue);
  return values.get(directive);
}

/** What a portable drop-in lacks, and what stays open for want of it; nothing if nothing was found. */
export function leftOutText({ here }: Apart): readonly string[] {
  const lines = here.flatMap(({ directive, lines: own }) => own.map((line) => `${directive}=${line}`));
  return lines.length === 0
    ? []
    : [
        `--portable left out what was found on this machine, so that the service may still reach it here: ${lines.join("; ")}`,
      ];
}
