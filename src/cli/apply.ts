/** `cloison apply`: installs what was rehearsed, or takes it back. The only verb that changes the host. */

import { inputError, valueOrThrow } from "../core/diagnostic/input-error.ts";
import { parseServiceName } from "../core/unit/name.ts";
import { applyBundle, undo } from "../engines/apply/apply.ts";
import { openBundle } from "../engines/apply/bundle.ts";
import { assertRoot } from "../linux/root.ts";
import { secondsOption } from "./seconds-option.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";

export const apply: Verb = {
  name: "apply",
  summary: "Installs a drop-in that harden rehearsed, and takes it back by itself if the service does not work.",
  usage: "DIR [--check CMD] [--active SECONDS] [--window SECONDS] | --undo UNIT",
  operands: { min: 0, max: 1, completes: ["directory"] },
  schemas: ["cloison.apply/1"],
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

const schema = "cloison.apply/1";

async function run({ arguments: given, say }: Context): Promise<VerbOutcome> {
  const [directory] = given.operands;
  const named = given.one("undo");
  if ((directory === undefined) === (named === undefined)) {
    throw inputError("usage", "apply takes a directory or --undo UNIT", "see cloison apply --help");
  }
  const active = secondsOption(given, "active", 10);
  const window = secondsOption(given, "window", 120);
  checkWindow(active, window);
  const unit = named === undefined ? undefined : valueOrThrow(parseServiceName(named)).name;
  assertRoot("apply");
  if (unit !== undefined) {
    const undone = await undo(unit, say);
    return undone
      ? { status: 0, text: `${unit} is as Cloison found it.`, json: { schema, unit, undone } }
      : {
          status: 3,
          text: "",
          json: { schema, unit, undone },
          notes: [`error: Cloison has nothing installed for ${unit}`],
        };
  }
  return applyDirectory(directory ?? "", given.one("check"), active, window, say);
}

/** Installs what stands in a directory; shared with `harden --apply`. */
export async function applyDirectory(
  directory: string,
  check: string | undefined,
  activeSeconds: number,
  windowSeconds: number,
  say: (step: string) => void,
): Promise<VerbOutcome> {
  const bundle = await openBundle(directory);
  const applied = await applyBundle(bundle, { check, activeSeconds, windowSeconds, say });
  return {
    status: 0,
    text: `Installed ${applied.dropIn}\n${applied.claim}\nTake it back with: cloison apply --undo ${bundle.report.unit}`,
    json: { schema, unit: bundle.report.unit, ...applied },
  };
}

function checkWindow(active: number, window: number): void {
  if (window < active + 20) {
    const help = `at least ${active + 20} seconds here`;
    throw inputError("usage", "--window must leave time to watch the unit and to check it", help);
  }
}
