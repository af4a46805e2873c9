/** Reads an observation that a user named. */
import type { Observation } from "../core/action/action.ts";
import { readObservation } from "../core/action/document.ts";
import { valueOrThrow } from "../core/diagnostic/input-error.ts";
import { LARGEST_OBSERVATION, readInput } from "./input-file.ts";

/** Throws InputError with the place of what is wrong in it. */
export async function readObservationFile(path: string): Promise<Observation> {
  const text = await readInput(path, "an observation that cloison observe wrote", LARGEST_OBSERVATION);
  return valueOrThrow(readObservation(text, path));
}
