/** Lengths of time that a person gives as the value of an option. */
import { inputError } from "../core/diagnostic/input-error.ts";
import type { Arguments } from "./verb.ts";

/** Whole seconds, `otherwise` where the option was not given. Throws InputError for what is no number of them. */
export function secondsOption(given: Arguments, option: string, otherwise: number): number {
  const text = given.one(option);
  if (text === undefined) {
    return otherwise;
  }
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw inputError("usage", `--${option}: '${text}' is not a number of seconds`, "a whole number, 1 or more");
  }
  return Number(text);
}
