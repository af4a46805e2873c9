/** `cloison apply`: installs what was rehearsed, takes it back, and says what is installed. The only verb that changes the host. */

import { inputError, valueOrThrow } from "../core/diagnostic/input-error.ts";
import { parseServiceName } from "../core/unit/name.ts";
import { applyBundle } from "../engines/apply/apply.ts";
import { openBundle } from "../engines/apply/bundle.ts";
import { type AppliedUnit, listApplied, statusOf } from "../engines/apply/status.ts";
import { undo } from "../engines/apply/undo.ts";
import { leastWindow, usualWindow } from "../engines/apply/window.ts";
import { assertRoot } from "../linux/root.ts";
import { secondsOption } from "./seconds-option.ts";
import type { Arguments, Context, Verb, VerbOutcome } from "./verb.ts";

export const apply: Verb = {
  name: "apply",
  summary: "Installs a drop-in that harden rehearsed, and takes it back by itself if the service does not work.",
  usage: "DIR [--own-user] [--check CMD] [--active SECONDS] [--window SECONDS] | --undo UNIT | --status UNIT | --list",
  operands: { min: 0, max: 1, completes: ["directory"] },
  schemas: ["cloison.apply/1"],
  options: {
    check: {
      type: "string",
      value: "CMD",
      help: "a command that only reads; its status says whether the live service works",
    },
    active: { type: "string", value: "SECONDS", help: "how long the unit must stay active (10)" },
    window: {
      type: "string",
      value: "SECONDS",
      help: "after how long it is taken back by itself (120, or more for a service that starts slowly)",
    },
    "own-user": { type: "boolean", help: "the drop-in with a user of its own, and what it needs on disk" },
    undo: { type: "string", value: "UNIT", help: "put back what Cloison found when it first touched UNIT" },
    status: { type: "string", value: "UNIT", help: "what is applied to UNIT, and whether it is still the same" },
    list: { type: "boolean", help: "the same of all units" },
    "discard-edits": {
      type: "boolean",
      help: "go on although somebody edited the installed drop-in; a copy is kept beside it",
    },
  },
  examples: [
    "cloison apply ./out --check 'curl -fsS http://127.0.0.1/'",
    "cloison apply --status bookshop.service",
    "cloison apply --undo bookshop.service",
  ],
  run,
};

const SCHEMA = "cloison.apply/1";

function run(context: Context): Promise<VerbOutcome> {
  const { arguments: given } = context;
  const [directory] = given.operands;
  const modes = [directory, given.one("undo"), given.one("status"), given.flag("list") || undefined];
  if (modes.filter((mode) => mode !== undefined).length !== 1) {
    throw inputError(
      "usage",
      "apply takes a directory, --undo UNIT, --status UNIT or --list",
      "see cloison apply --help",
    );
  }
  if (directory !== undefined) {
    return install(directory, given, context.say);
  }
  for (const option of ["own-user", "check", "active", "window"]) {
    if (given.one(option) === undefined) {
      continue;
    }
    throw inputError("usage", `--${option} goes with a directory`, "see cloison apply --help");
  }
  const unit = given.one("undo");
  if (unit !== undefined) {
    return takeAway(named(unit), given.flag("discard-edits"), context.say);
  }
  return show(given.one("status"));
}

function named(word: string): string {
  return valueOrThrow(parseServiceName(word)).name;
}

function install(directory: string, given: Arguments, say: (step: string) => void): Promise<VerbOutcome> {
  const activeSeconds = secondsOption(given, "active", 10);
  const windowSeconds = given.one("window") === undefined ? undefined : secondsOption(given, "window", 0);
  const discardEdits = given.flag("discard-edits");
  assertRoot("apply");
  const ownUser = given.flag("own-user");
  const check = given.one("check");
  return applyDirectory(directory, { ownUser, check, activeSeconds, windowSeconds, discardEdits, say });
}

/** What is said of an installation; `windowSeconds` undefined: as long as the rehearsal suggests. */
export interface InstallOptions {
  /** Whether it is to be the drop-in with a user of its own. */
  readonly ownUser: boolean;
  readonly check: string | undefined;
  readonly activeSeconds: number;
  readonly windowSeconds: number | undefined;
  readonly discardEdits: boolean;
  readonly say: (step: string) => void;
}

/** Installs what stands in a directory; shared with `harden --apply`. */
export async function applyDirectory(directory: string, options: InstallOptions): Promise<VerbOutcome> {
  const bundle = await openBundle(directory, options.ownUser);
  const { unit, life } = bundle.report;
  const least = leastWindow(options.activeSeconds, life?.startSeconds);
  const windowSeconds = options.windowSeconds ?? usualWindow(options.activeSeconds, life?.startSeconds);
  if (windowSeconds < least) {
    const started = life === undefined ? "" : ` (in the rehearsal it took ${life.startSeconds} s to start)`;
    const help = `at least ${least} seconds here${started}`;
    throw inputError("usage", "--window must leave time to start the unit, to watch and to check it", help);
  }
  const applied = await applyBundle(bundle, { ...options, windowSeconds });
  return {
    status: 0,
    text: `Installed ${applied.dropIn}\n${applied.claim}\nTake it back with: cloison apply --undo ${unit}`,
    json: { schema: SCHEMA, kind: "applied", unit, ...applied },
  };
}

async function takeAway(unit: string, discardEdits: boolean, say: (step: string) => void): Promise<VerbOutcome> {
  assertRoot("apply");
  const state = await undo(unit, { discardEdits, say });
  if (state === undefined) {
    return nothingFor(unit, { schema: SCHEMA, kind: "undone", unit, undone: false });
  }
  const text = `${unit} has the files that Cloison found; ${state}.`;
  return { status: 0, text, json: { schema: SCHEMA, kind: "undone", unit, undone: true, state } };
}

function nothingFor(unit: string, json: VerbOutcome["json"]): VerbOutcome {
  return { status: 3, text: "", json, notes: [`error: Cloison has nothing installed for ${unit}`] };
}

async function show(word: string | undefined): Promise<VerbOutcome> {
  const unit = word === undefined ? undefined : named(word);
  assertRoot("apply");
  const one = unit === undefined ? undefined : await statusOf(unit);
  if (unit !== undefined && one === undefined) {
    return nothingFor(unit, { schema: SCHEMA, kind: "list", units: [] });
  }
  const units = one === undefined ? await listApplied() : [one];
  const text = units.length === 0 ? "Nothing is applied on this machine." : units.flatMap(linesOf).join("\n");
  const status = units.some(({ differs }) => differs.length > 0) ? 1 : 0;
  return { status, text, json: { schema: SCHEMA, kind: "list", units } };
}

function linesOf({ unit, state, since, from, differs, active }: AppliedUnit): readonly string[] {
  const origin = since === undefined || from === undefined ? "" : ` since ${since}, from ${from}`;
  const states: Readonly<Record<AppliedUnit["state"], string>> = {
    installed: `applied${origin || " by version 0.1"}`,
    trial: `on trial${origin}`,
    none: "nothing is installed: its trial was broken off",
  };
  const same = state === "installed" && differs.length === 0 ? ["  everything is as it was applied"] : [];
  return [`${unit} (${active}): ${states[state]}`, ...same, ...differs.map(({ reason }) => `  differs: ${reason}`)];
}
