/** Options that harden and synthesize share. */
import { inputError } from "../core/diagnostic/input-error.ts";
import type { Arguments, OptionSpec } from "./verb.ts";

export const levelSpec: OptionSpec = {
  type: "string",
  value: "LEVEL",
  choices: ["balanced", "strict"],
  help: "how much room is left for what was not seen",
};

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
    if (!/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(prefix)) {
      throw inputError(
        "usage",
        `--clients: '${prefix}' is no address and no CIDR prefix`,
        "for example 192.168.0.0/16",
      );
    }
  }
  return prefixes.length === 0 ? undefined : prefixes;
}
