/** What is applied on this host, since when, from which report, and whether all of it is still the same. Changes nothing. */
import { exists } from "../../linux/exists.ts";
import { type Places, placesOf } from "./places.ts";
import { readRecord, remembered, type UnitRecord } from "./record.ts";
import { differencesFrom, type HostDifference } from "./same-service.ts";
import { hashOf, withoutTrial } from "./settle.ts";
import { stateOf } from "./unit-state.ts";

/** One unit that Cloison touched. */
export interface AppliedUnit {
  readonly unit: string;
  readonly dropIn: string;
  /** `trial`: it is being tried just now; `none`: its trial was broken off, and nothing is installed. */
  readonly state: "installed" | "trial" | "none";
  /** When it was applied, and from what; absent for what version 0.1 installed. */
  readonly since?: string;
  readonly from?: string;
  readonly report?: string;
  /** What is not what it was when it was applied. */
  readonly differs: readonly HostDifference[];
  /** As systemd says it. */
  readonly active: string;
}

/** All units, by name. */
export async function listApplied(): Promise<readonly AppliedUnit[]> {
  const units: AppliedUnit[] = [];
  for (const places of await remembered()) {
    const found = await lookAt(places);
    if (found !== undefined) {
      units.push(found);
    }
  }
  return units;
}

/** One unit; undefined if Cloison has nothing installed for it. */
export function statusOf(unit: string): Promise<AppliedUnit | undefined> {
  return lookAt(placesOf(unit));
}

async function lookAt(places: Places): Promise<AppliedUnit | undefined> {
  const record = await readRecord(places);
  if (record === undefined) {
    return undefined;
  }
  const { active, dropIns } = await stateOf(places.unit);
  const { unit, dropIn } = places;
  if (record.trial !== undefined && (await exists(places.trial))) {
    return { unit, dropIn, state: "trial", ...origin(record.trial), differs: [], active };
  }
  const hash = await hashOf(dropIn);
  const { installed } = withoutTrial(record, hash);
  if (installed === undefined && record.trial !== undefined) {
    return { unit, dropIn, state: "none", differs: [], active };
  }
  const differs = [
    ...dropInDiffers(installed, hash, dropIns.includes(dropIn), dropIn),
    ...(installed === undefined ? [] : await differencesFrom({ unit, ...installed })),
  ];
  return { unit, dropIn, state: "installed", ...(installed === undefined ? {} : origin(installed)), differs, active };
}

function origin({
  since,
  from,
  report,
}: NonNullable<UnitRecord["installed"]>): Pick<AppliedUnit, "since" | "from" | "report"> {
  return { since, from, report };
}

function dropInDiffers(
  installed: UnitRecord["installed"],
  hash: string | undefined,
  read: boolean,
  path: string,
): readonly HostDifference[] {
  const differs = (reason: string): readonly HostDifference[] => [{ what: "drop-in", reason: `${path} ${reason}` }];
  if (hash === undefined) {
    return differs("is gone");
  }
  if (installed !== undefined && hash !== installed.dropIn) {
    return differs("was edited");
  }
  return read ? [] : differs("is not what systemd reads: see systemctl cat");
}
