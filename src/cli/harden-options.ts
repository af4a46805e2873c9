/** Options that harden and synthesize share. */
import { inputError } from "../core/diagnostic/input-error.ts";
import { GOOD_NAME } from "../core/own-user/identity.ts";
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

export const ownUserSpec: OptionSpec = {
  type: "string",
  value: "NAME",
  bare: true,
  help: "also rehearse a user of its own for a service that starts as root: an account NAME, a new one, or without NAME its workers'",
};

/** The user that was asked for, "" where Cloison is to choose; undefined: not asked. Throws InputError for what is no name. */
export function ownUserOption(given: Arguments): string | undefined {
  const name = given.one("own-user");
  if (name !== undefined && name !== "" && !GOOD_NAME.test(name)) {
    throw inputError("usage", `--own-user: '${name}' is not the name of a user`, "small letters, digits, _ and -");
  }
  if (name === "root") {
    throw inputError("usage", "--own-user: root is what it is not to be", "name another user, or none");
  }
  return name;
}

export const portableSpec: OptionSpec = {
  type: "boolean",
  help: "leave out what was found on this machine, secrets and programs that listen, for a drop-in that travels",
};

export const targetSpec: OptionSpec = {
  type: "string",
  value: "VERSION",
  help: "the oldest systemd that is to understand the drop-in, for example 252",
};

/** The version of systemd that the drop-in is for; undefined: the one at hand. */
export function targetOption(given: Arguments): number | undefined {
  const version = given.one("target-version");
  if (version !== undefined && !/^\d{3}$/.test(version)) {
    const message = `--target-version: '${version}' is not a version of systemd`;
    throw inputError("usage", message, "three digits, for example 257");
  }
  return version === undefined ? undefined : Number(version);
}
