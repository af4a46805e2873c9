/** `cloison explain`: what a directive does and stops, or what an attack does and is stopped by. */
import { inputError } from "../core/diagnostic/input-error.ts";
import { didYouMean } from "../core/diagnostic/nearest.ts";
import { catalogue } from "../core/directives/catalogue.ts";
import type { AnyDirective } from "../core/directives/directive.ts";
import { samplesOf } from "../core/directives/samples.ts";
import { printCall } from "../core/plan/print.ts";
import { MACHINE } from "../core/probes/act.ts";
import { probes } from "../core/probes/catalogue.ts";
import type { Probe } from "../core/probes/probe.ts";
import { explainAttack, explainable, explainDirective } from "../core/report/explain.ts";
import { attackExplained, stoppedBy } from "../core/verdict/stops.ts";
import { rootOption } from "./box-options.ts";
import { targetOption, targetSpec } from "./harden-options.ts";
import { paint } from "./terminal.ts";
import type { Arguments, Context, Verb, VerbOutcome } from "./verb.ts";
import { versionAt } from "./version-at.ts";

const directives = catalogue.map(({ name }) => name);
const attacks = probes.map(({ id }) => id);

export const explain: Verb = {
  name: "explain",
  summary: "What a directive does, since when, what it breaks, which attacks it stops; or what an attack does.",
  usage: "[DIRECTIVE|ATTACK] [--target-version VERSION] [--root DIR]",
  operands: { min: 0, max: 1, completes: [{ words: [...directives, ...attacks] }] },
  schemas: ["cloison.directive/1", "cloison.probe/1", "cloison.catalogue/1"],
  options: {
    "target-version": { ...targetSpec, help: "say what that systemd makes of a directive, for example 252" },
    root: { type: "string", value: "DIR", help: "say what the systemd of the system below DIR makes of it" },
  },
  examples: [
    "cloison explain",
    "cloison explain ProtectClock",
    "cloison explain set-clock",
    "cloison explain SystemCallFilter --json",
    "cloison explain PrivatePIDs --target-version 252",
  ],
  run,
};

async function run({ arguments: given, colour }: Context): Promise<VerbOutcome> {
  const [named] = given.operands;
  if (named === undefined) {
    return everything(colour);
  }
  const word = named.replace(/=.*$/, "");
  const directive = catalogue.find(({ name }) => name.toLowerCase() === word.toLowerCase());
  if (directive !== undefined) {
    return directiveOutcome(directive, await readerOf(given), colour);
  }
  const probe = probes.find(({ id }) => id === word.toLowerCase());
  if (probe !== undefined) {
    return attackOutcome(probe, colour);
  }
  throw unknown(word);
}

function everything(colour: boolean): VerbOutcome {
  const json = {
    schema: "cloison.catalogue/1",
    directives: catalogue.map(({ name, since, group, summary }) => ({ name, since, group, summary })),
    attacks: probes.map(({ id, title, gain }) => ({ id, title, gain })),
  };
  return { status: 0, text: paint(explainable(catalogue, probes), colour), json };
}

/** The systemd that reads the units; undefined where nobody named one and this machine has none. */
async function readerOf(given: Arguments): Promise<number | undefined> {
  const named = targetOption(given);
  const root = rootOption(given);
  return named ?? (root === "" ? versionAt(root).catch(() => undefined) : versionAt(root));
}

function directiveOutcome(directive: AnyDirective, systemd: number | undefined, colour: boolean): VerbOutcome {
  const stops = stoppedBy(directive);
  const extras = {
    stops: stops.map(({ value, probes: stopped }) => ({ value, attacks: stopped.map(({ title }) => title) })),
  };
  const lines = explainDirective(directive, systemd === undefined ? extras : { ...extras, systemd });
  const { name, since, kernel, section = "Service", group, summary, breaks, weight, ineffective, samples } = directive;
  const { ladder } = directive;
  const json = {
    schema: "cloison.directive/1",
    name,
    section,
    since,
    ...(kernel === undefined ? {} : { kernel }),
    group,
    summary,
    breaks,
    broke: directive.broke ?? [],
    ...(weight === undefined ? {} : { weight }),
    ineffective,
    ...(typeof ladder === "function" ? {} : { never: ladder.never }),
    samples,
    values: samplesOf(directive),
    stops: stops.map(({ value, probes: stopped }) => ({ value, attacks: stopped.map(({ id }) => id) })),
  };
  return { status: 0, text: paint(lines, colour), json };
}

function attackOutcome(probe: Probe, colour: boolean): VerbOutcome {
  const { id, title, gain, goals } = probe;
  const explained = attackExplained(probe);
  const steps = explained.steps.map(({ name, action, optional }) => ({
    name,
    call: printCall(action.call, MACHINE.abi),
    optional: optional === true,
  }));
  const lines = explainAttack(probe, { steps, stoppedBy: explained.stoppedBy });
  const json = { schema: "cloison.probe/1", id, title, gain, goals, steps, stoppedBy: explained.stoppedBy };
  return { status: 0, text: paint(lines, colour), json };
}

function unknown(word: string): Error {
  const help = didYouMean(word, [...directives, ...attacks], "cloison explain lists all that it knows");
  return inputError("unknown-directive", `'${word}' is neither a directive nor an attack that Cloison knows`, help);
}
