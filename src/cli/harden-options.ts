/** Options that harden and synthesize share. */
import { checkPrefix } from "./prefix-option.ts";
import type { Arguments, OptionSpec } from "./verb.ts";

export const levelSpec: OptionSpec = {
  type: "string",
  value: "LEVEL",
  choices: ["balanced", "strict"],
  help: "how much room is left for what was not seen, balanced unless said otherwise",
};

export const quietSpec: OptionSpec = { type: "boolean", help: "print the verdict alone" };

export const clientsSpec: OptionSpec = {
  type: "string",
  value: "CIDR",
  multiple: true,
  help: "clients come from here and nowhere else",
};

/** Where clients come from; undefined: anywhere. Throws InputError for what is no prefix. */
export function clientsOption(given: Arguments): readonly string[] | undefined {
  const prefixes = given.many("clients");
  for (const prefix of prefixes) {
    checkPrefix("clients", prefix);
  }
  return prefixes.length === 0 ? undefined : prefixes;
}
