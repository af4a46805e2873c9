/** Takes an applied drop-in away again. Every step may be repeated: an undo that was killed is finished by another. */
import { rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { describeFailure, runChecked, runCommand } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import { forgetAccounts, restoreDisk } from "./disk.ts";
import { contentOf, removeDurably, writeDurably } from "./durable.ts";
import { guardEdits } from "./edited.ts";
import { locked } from "./lock.ts";
import { type Places, placesOf } from "./places.ts";
import { forgetUnit, type UnitRecord } from "./record.ts";
import { settle } from "./settle.ts";
import { isUp, stateOf, type UnitState } from "./unit-state.ts";

/** What is asked for. */
export interface UndoOptions {
  readonly discardEdits: boolean;
  readonly say: (step: string) => void;
}

/** Puts back what Cloison found when it first touched the unit; says in what state it is. Undefined when it never did. */
export async function undo(unit: string, options: UndoOptions): Promise<string | undefined> {
  const places = placesOf(unit);
  return locked(places, () => undoLocked(places, options));
}

async function undoLocked(places: Places, { discardEdits, say }: UndoOptions): Promise<string | undefined> {
  const record = await settle(places, say);
  if (record === undefined) {
    return undefined;
  }
  await guardEdits(places, record, discardEdits, say);
  const before = await stateOf(places.unit);
  const original = await contentOf(places.original);
  if (original === undefined) {
    say(`removing ${places.dropIn}`);
    await removeDurably(places.dropIn);
    await rmdir(dirname(places.dropIn)).catch(() => undefined);
  } else {
    say(`putting back the ${places.dropIn} that was there`);
    await writeDurably(places.dropIn, original, 0o644);
  }
  await runChecked(["systemctl", "daemon-reload"]);
  await restoreDisk(places, say);
  const restarted = await restart(places.unit, record, before, say);
  await forgetAccounts(places, say);
  await forgetUnit(places);
  if (restarted.failure === undefined) {
    return restarted.state;
  }
  const reason = `the drop-in is gone, but the service does not start: ${restarted.failure}`;
  throw new SystemError("undo", { path: places.unit, reason, help: `see journalctl -u ${places.unit}` });
}

/** A service that runs, or failed behind the walls, runs without them afterwards; one that was stopped stays so. */
async function restart(
  unit: string,
  record: UnitRecord,
  before: UnitState,
  say: (step: string) => void,
): Promise<{ readonly state: string; readonly failure?: string }> {
  const { load } = await stateOf(unit);
  if (load !== "loaded") {
    return { state: load === "masked" ? "it is masked" : "the unit is no longer installed" };
  }
  if (before.type === "oneshot" && before.active === "activating") {
    return { state: "it is still running as it was" };
  }
  if (!isUp(before) && !(before.active === "failed" && record.ranAtFirst)) {
    if (before.active === "failed") {
      await runCommand(["systemctl", "reset-failed", "--", unit]);
    }
    return { state: "it is not running, as before" };
  }
  say("restarting the service");
  await runCommand(["systemctl", "reset-failed", "--", unit]);
  const restarted = await runCommand(["systemctl", "restart", "--", unit]);
  if (restarted.status !== 0) {
    return { state: "", failure: describeFailure(restarted) };
  }
  return { state: `it is ${(await stateOf(unit)).active}` };
}
