/** Whether the service on this host is the one that was rehearsed: its unit, its programs, its systemd. */
import { readFile } from "node:fs/promises";
import { sha256 } from "../../linux/sha256.ts";
import { SystemError } from "../../linux/system-error.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import { hashUnitText, readUnitText } from "../../linux/unit-text.ts";
import { isOwnDropIn } from "../life/drop-in.ts";

/** What was rehearsed, by hashes. */
export interface Rehearsal {
  readonly unit: string;
  readonly systemd: string;
  readonly unitText: string;
  readonly programs: readonly { readonly path: string; readonly sha256: string }[];
}

/** Something that is not what it was. */
export interface HostDifference {
  readonly what: "drop-in" | "unit" | "program" | "systemd";
  readonly reason: string;
}

/** Throws a SystemError naming the first thing that differs from what was rehearsed. */
export async function assertSameService(rehearsal: Rehearsal): Promise<void> {
  const [first] = await differencesFrom(rehearsal);
  if (first === undefined) {
    return;
  }
  throw new SystemError("apply", { path: rehearsal.unit, reason: first.reason, help: "run cloison harden again" });
}

/** Everything that differs from what was rehearsed. */
export async function differencesFrom(rehearsal: Rehearsal): Promise<readonly HostDifference[]> {
  const { full } = await systemdVersion();
  const systemd: HostDifference[] =
    full === rehearsal.systemd
      ? []
      : [{ what: "systemd", reason: `systemd is ${full}; it was rehearsed with ${rehearsal.systemd}` }];
  const programs = await Promise.all(
    rehearsal.programs.map(({ path, sha256: digest }) => programDiffers(path, digest)),
  );
  return [...systemd, ...(await unitDiffers(rehearsal)), ...programs.flat()];
}

async function unitDiffers({ unit, unitText }: Rehearsal): Promise<readonly HostDifference[]> {
  const read = async (path: string): Promise<Uint8Array> => (isOwnDropIn(path) ? new Uint8Array() : readFile(path));
  const files = await readUnitText(unit, undefined, read);
  const theirs = files.filter(({ path }) => !isOwnDropIn(path));
  if (theirs.length === 0) {
    return [{ what: "unit", reason: "there is no such unit on this host" }];
  }
  if (hashUnitText(theirs) === unitText) {
    return [];
  }
  const names = theirs.map(({ path }) => path).join(", ");
  return [{ what: "unit", reason: `the unit (${names}) is not what was rehearsed` }];
}

async function programDiffers(path: string, digest: string): Promise<readonly HostDifference[]> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) {
    return [{ what: "program", reason: `${path} is gone` }];
  }
  return sha256(bytes) === digest ? [] : [{ what: "program", reason: `${path} is not what was rehearsed` }];
}
