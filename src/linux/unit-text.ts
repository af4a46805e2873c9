/** The text of a unit as the service manager reads it: its file and its drop-ins, in order. Facts: systemctl(1), show and cat. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseShow, wordsOf } from "./properties.ts";
import { type RunCommand, runChecked, runCommand } from "./spawn.ts";
import { SystemError } from "./system-error.ts";

/** One file of a unit. */
export interface UnitText {
  readonly path: string;
  readonly text: string;
}

/** Asks a service manager which files make up a unit, and reads them: the unit's own first, then its drop-ins in order. */
export async function readUnitText(
  unit: string,
  run: RunCommand = runCommand,
  read: (path: string) => Promise<Uint8Array> = readFile,
): Promise<readonly UnitText[]> {
  const shown = await runChecked(["systemctl", "show", "--property=FragmentPath,DropInPaths", "--", unit], {}, run);
  const properties = parseShow(shown, ["FragmentPath", "DropInPaths"]);
  const fragment = properties.get("FragmentPath") ?? "";
  const dropIns = wordsOf(properties.get("DropInPaths") ?? "");
  const paths = [fragment, ...dropIns].filter((path) => path !== "");
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await read(path).catch((cause: unknown) => {
        throw new SystemError("read", { path, cause, help: "if it was removed: systemctl daemon-reload" });
      });
      return { path, text: Buffer.from(bytes).toString("utf8") };
    }),
  );
}

/**
 * One hash for a whole unit: SHA-256 over the contents in order and the names of the drop-ins. The path of the main file
 * does not count: a unit may be rehearsed before it is installed.
 */
export function hashUnitText(files: readonly UnitText[]): string {
  const hash = createHash("sha256");
  for (const [index, { path, text }] of files.entries()) {
    hash.update(`${index === 0 ? "" : basename(path)}\0${Buffer.byteLength(text)}\0${text}`);
  }
  return hash.digest("hex");
}
