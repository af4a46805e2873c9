/** A drop-in that somebody edited after it was applied is theirs: it is neither overwritten nor deleted unasked. */
import { copyFile } from "node:fs/promises";
import { SystemError } from "../../linux/system-error.ts";
import type { Places } from "./places.ts";
import type { UnitRecord } from "./record.ts";
import { hashOf } from "./settle.ts";

/** Where the edited text is kept; systemd ignores the name. */
export const keptAs = (places: Places): string => `${places.dropIn}.edited`;

/** Throws a SystemError if the installed drop-in was edited; with `discard` it is copied away instead. */
export async function guardEdits(
  places: Places,
  record: UnitRecord | undefined,
  discard: boolean,
  say: (step: string) => void,
): Promise<void> {
  const known = record?.installed?.dropIn;
  const installed = await hashOf(places.dropIn);
  if (known === undefined || installed === undefined || installed === known) {
    return;
  }
  if (!discard) {
    const reason = "somebody edited it since it was applied";
    const help = `with --discard-edits it goes on, and keeps the edited text as ${keptAs(places)}`;
    throw new SystemError("apply", { path: places.dropIn, reason, help });
  }
  await copyFile(places.dropIn, keptAs(places));
  say(`keeping the edited text as ${keptAs(places)}`);
}
