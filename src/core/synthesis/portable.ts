/**
 * What of a drop-in is particular to the machine that it was made on: the secrets and the peers that were found there. The rest holds
 * wherever the same service does the same.
 */
import { catalogue } from "../directives/catalogue.ts";
import { type AnyDirective, ladderOf, type Situation } from "../directives/directive.ts";
import { foldUnit, type Host, sandboxOfValues } from "../directives/sandbox.ts";
import type { SynthesisInput } from "./input.ts";
import { valueIn } from "./standing.ts";
import type { Setting, Synthesis } from "./synthesize.ts";

/** The settings of one drop-in in two parts. */
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

/** Tells apart what was found on this machine. Of one setting the lines are parted where they add up, else all of it is particular. */
export function apart(input: SynthesisInput, { settings }: Pick<Synthesis, "settings">): Apart {
  if (!lookedAt(input)) {
    return { everywhere: settings, here: [] };
  }
  const candidate = candidatesOf(anywhere(input));
  const parts = settings.map((setting): Apart => {
    const other = candidate(setting);
    if (other === undefined) {
      return { everywhere: [], here: [setting] };
    }
    const words = wordsOf(other.lines);
    const rest = wordsOf(setting.lines).filter((word) => !words.includes(word));
    if (rest.length === 0) {
      return { everywhere: [setting], here: [] };
    }
    const found = { ...setting, lines: [rest.join(" ")], doors: [], reason: "found here, and not seen to be used" };
    return words.length > 0 && addUp(setting.directive, [...other.lines, rest.join(" ")], input.host)
      ? { everywhere: [{ ...setting, ...other }], here: [found] }
      : { everywhere: [], here: [setting] };
  });
  return { everywhere: parts.flatMap(({ everywhere }) => everywhere), here: parts.flatMap(({ here }) => here) };
}

/** What a portable drop-in lacks, and what stays open for want of it; `input` knows what was found. Nothing if nothing was. */
export function leftOutText(input: SynthesisInput, { settings }: Pick<Synthesis, "settings">): readonly string[] {
  const candidate = candidatesOf(input);
  const lines = settings.flatMap((setting) => {
    const words = wordsOf(setting.lines);
    const rest = wordsOf(candidate(setting)?.lines ?? []).filter((word) => !words.includes(word));
    return rest.length === 0 ? [] : [`${setting.directive}=${rest.join(" ")}`];
  });
  return lines.length === 0
    ? []
    : [
        `--portable left out what was found on this machine, so that the service may still reach it here: ${lines.join("; ")}`,
      ];
}

function lookedAt({ host: { secrets = [], peers = [] } }: SynthesisInput): boolean {
  return secrets.length > 0 || peers.length > 0;
}

/** What the step of a setting comes to with what an input knows, as lines; undefined where there is no such step. */
function candidatesOf(input: SynthesisInput): (setting: Setting) => Pick<Setting, "lines" | "reason"> | undefined {
  const { observation, level, clients, values, host, directives = catalogue } = input;
  const { facts } = sandboxOfValues(values, host, directives);
  const situation: Situation = { unit: facts, observation, level, clients };
  return ({ directive: name, step }) => {
    const directive: AnyDirective | undefined = directives.find((each) => each.name === name);
    const found = directive === undefined ? undefined : ladderOf(directive, situation)[step];
    if (directive === undefined || found === undefined) {
      return undefined;
    }
    const own = valueIn(values, directive);
    const lines = directive.print(directive.meet(found.value, own, host.machine), own, host.machine);
    return { lines, reason: found.reason };
  };
}

/** The words of lines without quotes; a line with quotes is one word. */
function wordsOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => (/["'\\]/.test(line) ? [line] : line.split(" ")));
}

/** Whether lines mean the same as one line of all their words. */
function addUp(directive: string, lines: readonly string[], host: Host): boolean {
  const folded = (all: readonly string[]): string => {
    const assignments = all.map((value) => ({ value, file: "", line: 1 }));
    const { values } = foldUnit((name) => (name === directive ? assignments : []), host);
    return JSON.stringify(values.get(directive));
  };
  return folded(lines) === folded([lines.join(" ")]);
}
