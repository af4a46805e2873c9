/** The options of every verb that boots a box, declared and read in one place. */
import { closeSync, existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { inputError } from "../core/diagnostic/input-error.ts";
import type { BoxOptions, HostPart } from "../engines/box/box.ts";
import type { Workload } from "../engines/life/exercise.ts";
import { openTrusted } from "../linux/trusted-place.ts";
import { checkPrefix } from "./prefix-option.ts";
import { secondsOption } from "./seconds-option.ts";
import type { Arguments, OptionSpec } from "./verb.ts";

const HOST_PARTS: readonly HostPart[] = ["modules", "clock", "raw-io", "boot", "devices"];

export const boxOptionSpecs: { readonly [name: string]: OptionSpec } = {
  workload: {
    type: "string",
    value: "CMD",
    help: "a shell command that exercises the service; its status says whether it works",
  },
  timeout: { type: "string", value: "SECONDS", help: "how long the workload may take (300)" },
  with: { type: "string", value: "UNIT", multiple: true, help: "start this unit beside the service" },
  network: {
    type: "string",
    value: "WHICH",
    choices: ["private", "host"],
    help: "the box's network, private unless said otherwise",
  },
  address: {
    type: "string",
    value: "CIDR",
    multiple: true,
    help: "another address on the box's loopback, for a neighbour started with --with",
  },
  data: { type: "string", value: "PATH=copy|empty", multiple: true, help: "what the service sees of a data directory" },
  "bind-ro": { type: "string", value: "PATH", multiple: true, help: "show this host path inside, read-only" },
  scratch: { type: "string", value: "DIR", help: "where what the box writes is kept meanwhile (/var/tmp)" },
  root: {
    type: "string",
    value: "DIR",
    help: "the root of another system, shown in the box in place of this machine's",
  },
  layer: { type: "string", value: "DIR", multiple: true, help: "a directory laid over the root in the box" },
  verbose: { type: "boolean", help: "also what the boxes say, and the whole result" },
  "allow-host": {
    type: "string",
    value: "WHAT",
    multiple: true,
    choices: HOST_PARTS,
    help: "let the box's units touch this part of the host",
  },
};

/** What the user asked of the box. Throws InputError naming the option that is wrong. */
export function boxOptions(given: Arguments, say: (step: string) => void): BoxOptions {
  const network = given.one("network") === "host" ? "host" : "private";
  const scratch = given.one("scratch");
  const root = given.one("root");
  return {
    network,
    ...(root === undefined ? {} : { root: trustedDirectory("root", root) }),
    ...(scratch === undefined ? {} : { scratch: trustedDirectory("scratch", scratch) }),
    layers: given.many("layer").map((path) => trustedDirectory("layer", path)),
    bindReadOnly: [
      ...given.many("bind-ro").map((path) => existing("bind-ro", path)),
      ...hiddenWorkingDirectory(root),
    ].map((path) => ({ source: path, target: path })),
    addresses: addressOptions(given, network),
    data: given.many("data").map(dataOption),
    allowHost: given.many("allow-host") as HostPart[],
    ...(given.flag("verbose") ? { progress: say } : {}),
  };
}

/** The root of another system that is only read; `""`: this machine's. Throws InputError for what is no directory. */
export function rootOption(given: Arguments): string {
  const root = given.one("root");
  return root === undefined ? "" : existingDirectory("root", root);
}

/** The workload, which runs where the user stands; undefined when none was given. */
export function workloadOption(given: Arguments): Workload | undefined {
  const command = given.one("workload");
  const seconds = secondsOption(given, "timeout", 300);
  if (command?.trim() === "") {
    throw inputError("usage", "--workload is empty", "give a command whose exit status says whether the service works");
  }
  return command === undefined
    ? undefined
    : {
        command,
        directory: workingDirectory(),
        timeoutMs: seconds * 1000,
        environment: { ...process.env } as Record<string, string>,
      };
}

/**
 * /tmp, /run and /dev are the box's own, and another root may lack where the user stands: a workload that stands there must
 * be shown it inside.
 */
function hiddenWorkingDirectory(root: string | undefined): readonly string[] {
  const here = workingDirectory();
  const hidden = /^\/(tmp|run|dev\/shm)\//.test(`${here}/`) && here !== "/tmp" && here !== "/run";
  const lacking = root !== undefined && !existsSync(join(root, here));
  return hidden || lacking ? [here] : [];
}

function dataOption(text: string): { path: string; mode: "copy" | "empty" } {
  const match = /^(\/.*)=(copy|empty)$/.exec(text);
  if (match === null || (match[1] ?? "").split("/").includes("..")) {
    throw inputError(
      "usage",
      `--data: '${text}' is not PATH=copy or PATH=empty`,
      "an absolute path, for example /srv/data=copy",
    );
  }
  return { path: match[1] ?? "", mode: match[2] === "empty" ? "empty" : "copy" };
}

function addressOptions(given: Arguments, network: "private" | "host"): readonly string[] {
  const addresses = given.many("address");
  for (const address of addresses) {
    checkPrefix("address", address);
  }
  if (addresses.length > 0 && network === "host") {
    throw inputError("usage", "--address does not go with --network host", "the host's addresses are there already");
  }
  return addresses.map((address) =>
    address.includes("/") ? address : `${address}/${address.includes(":") ? 128 : 32}`,
  );
}

/** Units to start beside the service. Throws InputError for what is no unit's name. */
export function companionOptions(given: Arguments): readonly string[] {
  const names = given.many("with");
  for (const name of names) {
    if (!/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*\.[a-z]+$/.test(name)) {
      throw inputError("usage", `--with: '${name}' is not the name of a unit`, "for example postgresql.service");
    }
  }
  return names;
}

/** Where the user stands, links followed. Throws InputError if it is there no more. */
function workingDirectory(): string {
  try {
    return realpathSync(process.cwd());
  } catch {
    throw inputError(
      "usage",
      "the working directory is gone",
      "the workload runs in the current directory: cd to another one",
    );
  }
}

function existingDirectory(option: string, path: string): string {
  const whole = existing(option, path);
  if (!statSync(whole).isDirectory()) {
    throw inputError("usage", `--${option}: ${path} is not a directory`, "name a directory");
  }
  return whole;
}

/**
 * A directory that nobody else could exchange. A scratch may be one like /tmp, since only files without a name are made in it;
 * in a layer others could put what root starts in the box.
 */
function trustedDirectory(option: "scratch" | "layer" | "root", path: string): string {
  const whole = existingDirectory(option, path);
  const place = openTrusted(whole);
  if (!("descriptor" in place)) {
    throw inputError("usage", `--${option}: ${place.path}: ${place.reason}`, place.help);
  }
  closeSync(place.descriptor);
  if (!place.sticky || option === "scratch") {
    return whole;
  }
  throw inputError(
    "usage",
    `--${option}: others can make files in ${path}`,
    "name a directory that only root can write to",
  );
}

function existing(option: string, path: string): string {
  const whole = isAbsolute(path) ? path : resolve(path);
  try {
    statSync(whole);
    return realpathSync(whole);
  } catch {
    throw inputError("usage", `--${option}: there is no ${path}`, `is ${dirname(whole)} the directory you meant?`);
  }
}
