#!/usr/bin/env node
/** The command line: finds the verb, runs it, prints what it returns, and alone decides the exit status. */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { formatDiagnostic } from "../core/diagnostic/diagnostic.ts";
import { InputError, inputError } from "../core/diagnostic/input-error.ts";
import { nearest } from "../core/diagnostic/nearest.ts";
import { SystemError } from "../linux/system-error.ts";
import { parseArguments } from "./arguments.ts";
import { helpOf, helpOfGroup, overview } from "./help.ts";
import { terminal } from "./terminal.ts";
import type { Verb, VerbGroup, VerbOutcome } from "./verb.ts";
import { verbs } from "./verbs.ts";

const output = terminal(process);

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === "help" && rest[0] !== undefined) {
    return main([...rest, "--help"]);
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return show(overview(verbs), name === undefined ? 2 : 0);
  }
  if (name === "--version" || name === "-V") {
    return show(`cloison ${version()}`);
  }
  return runNamed(find(name, verbs, ""), rest);
}

function find<Named extends { readonly name: string }>(name: string, among: readonly Named[], group: string): Named {
  const found = among.find((candidate) => candidate.name === name);
  if (found !== undefined) {
    return found;
  }
  const names = among.map((candidate) => candidate.name);
  const meant = nearest(name, names) ?? (group === "" ? belowGroups(name) : undefined);
  const way = meant === undefined ? `see cloison ${group}--help` : `did you mean ${meant}?`;
  throw inputError("usage", `there is no verb '${group}${name}'`, way);
}

/** The verb of a group that is named without its group: `cloison decompile`. */
function belowGroups(name: string): string | undefined {
  for (const each of verbs) {
    if (!("verbs" in each)) {
      continue;
    }
    const meant = nearest(
      name,
      each.verbs.map((verb) => verb.name),
    );
    if (meant !== undefined) {
      return `${each.name} ${meant}`;
    }
  }
  return undefined;
}

async function runNamed(named: Verb | VerbGroup, rest: readonly string[]): Promise<number> {
  if (!("verbs" in named)) {
    return runVerb(named, rest);
  }
  const [name, ...words] = rest;
  if (name === "help" && words[0] !== undefined) {
    return runNamed(named, [...words, "--help"]);
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return show(helpOfGroup(named), name === undefined ? 2 : 0);
  }
  const verb = find(name, named.verbs, `${named.name} `);
  return runVerb({ ...verb, name: `${named.name} ${verb.name}` }, words);
}

async function runVerb(verb: Verb, rest: readonly string[]): Promise<number> {
  const parsed = parseArguments(verb, rest);
  if (parsed.flag("help")) {
    return show(helpOf(verb));
  }
  const json = parsed.flag("json");
  // Standard output is one document then: a story that is told meanwhile goes where progress goes.
  const told = json ? { tell: output.note, colour: false } : { tell: output.tell, colour: output.colour };
  const outcome = await verb.run({ arguments: parsed, version: version(), say: output.say, ...told });
  return print(outcome, json);
}

/** As the package says it; it stands two folders above, in a checkout as in an installation. */
function version(): string {
  const manifest: { readonly version?: unknown } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return String(manifest.version);
}

/** Prints what was asked about Cloison itself. */
function show(text: string, status: 0 | 2 = 0): number {
  output.result(text);
  return status;
}

function print(outcome: VerbOutcome, json: boolean): number {
  output.done();
  for (const note of outcome.notes ?? []) {
    output.note(note);
  }
  if (json) {
    output.data(outcome.json);
  } else if (outcome.bytes !== undefined) {
    process.stdout.write(outcome.bytes);
  } else {
    output.result(outcome.text);
  }
  return outcome.status;
}

function explain(error: unknown): number {
  output.done();
  if (error instanceof InputError) {
    for (const diagnostic of error.diagnostics) {
      output.note(formatDiagnostic(diagnostic));
    }
    return 2;
  }
  if (error instanceof SystemError) {
    for (const line of systemErrorLines(error)) {
      output.note(line);
    }
    return 3;
  }
  // A defect of Cloison itself: said as such, with what a report of it needs.
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.note(`error: this is a bug in cloison, please report it: ${what.split("\n").slice(0, 4).join(" | ")}`);
  return 3;
}

/** What failed, what others said of it, one way out; on one line where nobody else said anything. */
function systemErrorLines({ message, lines, help }: SystemError): readonly string[] {
  const way = help === undefined ? "" : ` (${help})`;
  if (lines.length === 0) {
    return [`error: ${message}${way}`];
  }
  const last = help === undefined ? [] : [`  try: ${help}`];
  return [`error: ${message}`, ...lines.map((line) => `  | ${line}`), ...last];
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // Whatever runs in a box ends with this process: its guard holds a pipe to us (engines/box). An apply has its switch armed.
  process.once(signal, () => {
    output.done();
    output.note("interrupted; everything begun is undone");
    process.exit(128 + constants.signals[signal]);
  });
}

// What a stream says of a write comes later than the write, and past every handler.
process.once("uncaughtException", (error) => process.exit(explain(error)));

process.exitCode = await main(process.argv.slice(2)).catch(explain);
