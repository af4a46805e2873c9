/** `cloison apply`: installs what was rehearsed, or takes it back. The only verb that changes the host. */

import { inputError } from "../core/diagnostic/input-error.ts";
import { applyBundle, undo } from "../engines/apply/apply.ts";
import { openBundle } from "../engines/apply/bundle.ts";
import { assertRoot } from "../linux/root.ts";
import type { Context, Outcome, Verb } from "./verb.ts";

export const apply: Verb = {
  name: "apply",
  summary: "Installs a drop-in that harden rehearsed, and takes it back by itself if the service does not work.",
  usage: "DIR [--check CMD] [--active SECONDS] [--window SECONDS] | --undo UNIT",
  operands: { min: 0, max: 1 },
  options: {
    check: {
      type: "string",
      value: "CMD",
      help: "a command that only reads; its status says whether the live service works",
    },
    active: { type: "string", value: "SECONDS", help: "how long the unit must stay active (10)" },
    window: { type: "string", value: "SECONDS", help: "after how long the former state comes back by itself (120)" },
    undo: { type: "string", value: "UNIT", help: "put back what Cloison found when it first touched UNIT" },
  },
  examples: ["cloison apply ./out --check 'curl -fsS http://127.0.0.1/'", "cloison apply --undo bookshop.service"],
  run,
};

async function run({ arguments: given, say }: Context): Promise<Outcome> {
  const [directory] = given.operands;
  const unit = given.one("undo");
  if ((directory === undefined) === (unit === undefined)) {
    throw inputError("usage", "apply takes a directory or --undo UNIT", "see cloison apply --help");
  }
  assertRoot("apply");
  if (unit !== undefined) {
    const undone = await undo(unit, say);
    return undone
      ? { status: 0, text: `${unit} is as Cloison found it.`, json: { unit, undone } }
      : { status: 3, text: "", json: { unit, undone }, notes: [`error: Cloison has nothing installed for ${unit}`] };
  }
  return applyDirectory(
    directory ?? "",
    given.one("check"),
    seconds(given.one("active"), 10),
    seconds(given.one("window"), 120),
    say,
  );
}

/** Installs what stands in a directory; shared with `harden --apply`. */
export async function applyDirectory(
  directory: string,
  check: string | undefined,
  activeSeconds: number,
  windowSeconds: number,
  say: (step: string) => void,
): Promise<Outcome> {
  if (windowSeconds < activeSeconds + 20) {
    const help = `at least ${activeSeconds + 20} seconds here`;
    throw inputError("usage", "--window must leave time to watch the unit and to check it", help);
  }
  const bundle = await openBundle(directory);
  const applied = await applyBundle(bundle, { check, activeSeconds, windowSeconds, say });
  return {
    status: 0,
    text: `Installed ${applied.dropIn}\n${applied.claim}\nTake it back with: cloison apply --undo ${bundle.report.unit}`,
    json: { unit: bundle.report.unit, ...applied },
  };
}

function seconds(text: string | undefined, otherwise: number): number {
  if (text === undefined) {
    return otherwise;
  }
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw inputError("usage", `'${text}' is no number of seconds`, "a whole number, 1 or more");
  }
  return Number(text);
}
