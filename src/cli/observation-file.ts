/** Reads an observation that a user named. */
import type { Observation } from "../core/action/action.ts";
import { readObservation } from "../core/action/document.ts";
import { InputError } from "../core/diagnostic/input-error.ts";
import { largestObservation, readInput } from "./input-file.ts";

/** Throws InputError with the place of what is wrong in it. */
export async function readObservationFile(path: string): Promise<Observation> {
  const parsed = readObservation(
    await readInput(path, "an observation that cloison observe wrote", largestObservation),
    path,
  );
  if (!parsed.ok) {
    throw new InputError(parsed.diagnostics);
  }
  return parsed.value;
}
