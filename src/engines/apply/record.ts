/**
 * What must outlive a reboot, below /var/lib/cloison/UNIT: what was found at the first touch, what is installed, and what is
 * on trial. A drop-in that was not there is remembered by the absence of its copy. This is also what `--list` reads.
 */
import { readdir, rm, rmdir } from "node:fs/promises";
import { flag, list, matching, object, oneOf, readDocument, text } from "../../core/json/decode.ts";
import { exists } from "../../linux/exists.ts";
import { SystemError } from "../../linux/system-error.ts";
import { contentOf, writeDurably } from "./durable.ts";
import { MEMORY, type Places, placesOf } from "./places.ts";

/** One drop-in that Cloison installed, or tries. */
export interface Installation {
  /** SHA-256 of its bytes, of the unit's text without it, and of the programs by path. */
  readonly dropIn: string;
  readonly unitText: string;
  readonly programs: readonly { readonly path: string; readonly sha256: string }[];
  readonly systemd: string;
  /** ISO 8601. */
  readonly since: string;
  /** The directory that it was applied from, and the SHA-256 of its report. */
  readonly from: string;
  readonly report: string;
}

/** Everything that is remembered of a unit. */
export interface UnitRecord {
  readonly schema: "cloison.applied/1";
  readonly unit: string;
  /** Whether it ran, or was meant to, when Cloison first touched it. */
  readonly ranAtFirst: boolean;
  readonly installed?: Installation;
  readonly trial?: Installation;
}

const SCHEMA = "cloison.applied/1";

const digest = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");

const installation = object<Installation>({
  dropIn: digest,
  unitText: digest,
  programs: list(object<Installation["programs"][number]>({ path: text, sha256: digest })),
  systemd: text,
  since: text,
  from: text,
  report: digest,
});

const document = object<UnitRecord>(
  { schema: oneOf(SCHEMA), unit: text, ranAtFirst: flag, installed: installation, trial: installation },
  ["installed", "trial"],
);

/** What is remembered of a unit; undefined if Cloison has nothing installed for it. */
export async function readRecord(places: Places): Promise<UnitRecord | undefined> {
  const bytes = await contentOf(places.record);
  if (bytes === undefined) {
    return (await exists(`${places.memory}/touched`)) ? fromFirstVersion(places) : undefined;
  }
  const help = `remove ${places.dropIn} and this file by hand`;
  const versions = [{ schema: SCHEMA, decode: document }] as const;
  const form = { name: "record", writer: "cloison apply", help, versions };
  const parsed = readDocument(bytes.toString("utf8"), places.record, form);
  if (parsed.ok) {
    return parsed.value;
  }
  const [{ message, span } = { message: "", span: undefined }] = parsed.diagnostics;
  const reason = `not understood: line ${span?.line}, column ${span?.column}: ${message}`;
  throw new SystemError("read", { path: places.record, reason, help });
}

/** Version 0.1 left an empty file `touched`, and knew nothing of what it installed. */
function fromFirstVersion(places: Places): UnitRecord {
  return { schema: "cloison.applied/1", unit: places.unit, ranAtFirst: true };
}

/** Remembers. */
export function writeRecord(places: Places, record: UnitRecord): Promise<void> {
  return writeDurably(places.record, `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Forgets a unit. */
export async function forgetUnit(places: Places): Promise<void> {
  await rm(places.memory, { recursive: true, force: true });
  await rmdir(MEMORY).catch(() => undefined);
}

/** The places of all units that are remembered, by name. */
export async function remembered(): Promise<readonly Places[]> {
  const names = await readdir(MEMORY).catch(() => []);
  return names
    .filter((name) => name.endsWith(".service"))
    .sort()
    .map(placesOf);
}
