/** The files of a unit, as they lie on the disk: of one that is installed, or of a file and its drop-ins. */
import { inputError, valueOrThrow } from "../core/diagnostic/input-error.ts";
import { parseServiceName } from "../core/unit/name.ts";
import { parse } from "../core/unit/parse.ts";
import type { Unit } from "../core/unit/unit.ts";
import { readInstalledUnit } from "../linux/installed-unit.ts";
import { readTarget } from "./target.ts";
import { unitHint } from "./unit-hint.ts";

/** The error for a unit without files. */
export function notLoaded(word: string, reason = "no such unit on this machine"): Error {
  return inputError("unit-not-loaded", `${word}: ${reason}`, unitHint(word));
}

/**
 * A unit by its name or its file; undefined if none of that name is installed below the root (`""`: on this machine). Throws
 * InputError for a broken or a masked one.
 */
export async function readUnitFiles(word: string, root = ""): Promise<Unit | undefined> {
  const target = await readTarget(word);
  const name = valueOrThrow(parseServiceName(target.name));
  const parsed = (files: readonly { readonly path: string; readonly text: string }[]): Unit => ({
    name,
    files: files.map((file) => valueOrThrow(parse(file.text, file.path))),
  });
  if (target.kind === "file") {
    return parsed([{ path: word, text: target.text }, ...target.dropIns]);
  }
  const installed = readInstalledUnit(name, root);
  switch (installed.kind) {
    case "missing":
      return undefined;
    case "masked":
      throw notLoaded(word, "it is masked");
    case "installed":
      return parsed(installed.files);
  }
}
