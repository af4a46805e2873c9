/** What a unit says that the catalogue lacks, told apart by whether the systemd at hand reads it at all. */
import { type UncataloguedSetting, uncataloguedIn } from "../../core/directives/uncatalogued.ts";
import type { Unit } from "../../core/unit/unit.ts";
import { type RunCommand, runChecked } from "../../linux/spawn.ts";

/** Settings outside the catalogue. */
export interface Uncatalogued {
  /** systemd acts on these, and nobody here knows how. */
  readonly read: readonly UncataloguedSetting[];
  /** systemd does not know these either: it logs a warning and does nothing. */
  readonly ignored: readonly UncataloguedSetting[];
}

/** Asks the systemd that `run` reaches only where there is something to ask. */
export async function readUncatalogued(unit: Unit, run: RunCommand): Promise<Uncatalogued> {
  const found = uncataloguedIn(unit);
  if (found.length === 0) {
    return { read: [], ignored: [] };
  }
  const items = await runChecked(["/lib/systemd/systemd", "--dump-configuration-items"], {}, run);
  const service = items.split("[Service]\n")[1]?.split("\n[")[0] ?? "";
  const names = new Set(service.split("\n").map((line) => line.split("=")[0]));
  return {
    read: found.filter(({ directive }) => names.has(directive)),
    ignored: found.filter(({ directive }) => !names.has(directive)),
  };
}
