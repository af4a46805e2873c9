/** What an apply that was killed, or a reboot, left behind is brought to its end before anything else is done. */
import { lstat, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { exists } from "../../linux/exists.ts";
import { sha256 } from "../../linux/sha256.ts";
import { SystemError } from "../../linux/system-error.ts";
import { forgetAccounts, readDisk, restoreDisk } from "./disk.ts";
import { besides, contentOf } from "./durable.ts";
import type { Places } from "./places.ts";
import { forgetUnit, readRecord, type UnitRecord, writeRecord } from "./record.ts";
import { endTrial, forgetTrial } from "./switch.ts";

/** Ends a trial that is not ours, and tells what is remembered then. To be called with the lock held. */
export async function settle(places: Places, say: (step: string) => void): Promise<UnitRecord | undefined> {
  const ending = await endTrial(places);
  if (ending === "stuck") {
    const reason = "an earlier trial cannot be ended";
    throw new SystemError("apply", { path: places.unit, reason, help: `see journalctl -u ${places.switchUnit}` });
  }
  if (ending !== "unchanged") {
    say(`an earlier apply did not end; its trial was ${ending}`);
  }
  await forgetTrial(places);
  await removeUnfinished(places);
  const disk = await readDisk(places);
  if (disk !== undefined && disk.dropIn !== (await hashOf(places.dropIn))) {
    await restoreDisk(places, say);
    await forgetAccounts(places, say);
  }
  const record = await readRecord(places);
  if (record === undefined) {
    // Files without their record are of an apply that had not begun, or of an undo that had ended. A link is of neither.
    if ((await lstat(places.memory).catch(() => undefined))?.isDirectory() === true) {
      await forgetUnit(places);
    }
    return undefined;
  }
  if (record.trial === undefined) {
    return record;
  }
  const installed = await hashOf(places.dropIn);
  const settled = withoutTrial(record, installed);
  if (settled.installed === undefined && installed === (await hashOf(places.original))) {
    await forgetUnit(places);
    return undefined;
  }
  await writeRecord(places, settled);
  return settled;
}

/** What a machine that went down kept of a file that had not yet got its name, and the directory that was made for it. */
async function removeUnfinished(places: Places): Promise<void> {
  const unfinished = besides(places.dropIn);
  const found = await exists(unfinished);
  await rm(unfinished, { force: true });
  if (found) {
    await rmdir(dirname(unfinished)).catch(() => undefined);
  }
}

/** The record once its trial is over: it was proved if its bytes are those in /etc. */
export function withoutTrial({ trial, ...record }: UnitRecord, installed: string | undefined): UnitRecord {
  return trial !== undefined && trial.dropIn === installed ? { ...record, installed: trial } : record;
}

/** SHA-256 of a file; undefined if it is not there. */
export async function hashOf(path: string): Promise<string | undefined> {
  const bytes = await contentOf(path);
  return bytes === undefined ? undefined : sha256(bytes);
}
