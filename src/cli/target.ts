/** What the user wants hardened: the name of an installed unit, or a unit file. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError, inputError, valueOrThrow } from "../core/diagnostic/input-error.ts";
import { checkService, parseStrictly } from "../core/unit/check.ts";
import { parseServiceName, templateOf, type UnitName } from "../core/unit/name.ts";
import { parse } from "../core/unit/parse.ts";
import type { Target } from "../engines/life/service.ts";
import { LARGEST_UNIT, readInput } from "./input-file.ts";
import { unitHint } from "./unit-hint.ts";

/** Reads what is going to run: of a template, an instance has to be named. Throws as `readTarget` does. */
export async function readRunnable(word: string): Promise<Target> {
  const name = parseServiceName(basename(word));
  if (name.ok && name.value.instance === "") {
    const instance = word.replace(/@(\.service)?$/, "@NAME.service");
    throw inputError("unit-template", `${word} is a template, and only its instances run`, `name one: ${instance}`);
  }
  return readTarget(word);
}

/** Reads and checks a target; anything with a slash is a file. Throws InputError with line and column for a broken unit. */
export async function readTarget(word: string): Promise<Target> {
  if (/\.(socket|timer|mount|path|target|slice)$/.test(word)) {
    throw inputError("unit-not-service", `${word} is not a service`, "name the .service unit that it starts");
  }
  if (!word.includes("/")) {
    return { kind: "installed", name: valueOrThrow(parseServiceName(word)).name, hint: unitHint(word) };
  }
  refuseUserUnit(word);
  const name = valueOrThrow(parseServiceName(basename(word)));
  const path = fileOf(word, name);
  const text = await readInput(path, "a unit file that ends in .service", LARGEST_UNIT);
  const file = valueOrThrow(parseStrictly(text, path));
  const dropIns = await readDropIns(`${path}.d`);
  const files = [file, ...dropIns.map((dropIn) => valueOrThrow(parse(dropIn.text, dropIn.path)))];
  const findings = checkService({ name, files });
  if (findings.some(({ severity }) => severity === "error")) {
    // The warnings, too: a command that cannot be read is why there is none.
    throw new InputError(findings);
  }
  const socket = name.instance === undefined ? await readSocket(word) : undefined;
  return {
    kind: "file",
    name: name.name,
    fileName: basename(path) === basename(word) ? name.name : basename(path),
    text,
    dropIns,
    ...(socket === undefined ? {} : { socket }),
  };
}

/** An instance has no file of its own: that of its template beside it is read, unless there is one. */
function fileOf(word: string, name: UnitName): string {
  const template = templateOf(name);
  if (template === undefined || existsSync(word)) {
    return word;
  }
  return join(dirname(word), template).replace(/^(?![/.])/, "./");
}

function refuseUserUnit(path: string): void {
  if (/\/systemd\/user\/|\/\.config\/systemd\//.test(path)) {
    const help = "Cloison hardens units of the system manager; a user's manager cannot build most walls";
    throw inputError("unit-of-user", `${path} is a unit of a user's service manager`, help);
  }
}

/** The socket unit of the same name beside a service's file: systemd.socket(5) pairs them by it. */
async function readSocket(service: string): Promise<{ path: string; text: string } | undefined> {
  const path = service.replace(/\.service$/, ".socket");
  return existsSync(path) ? { path, text: await readInput(path, "a socket unit", LARGEST_UNIT) } : undefined;
}

async function readDropIns(directory: string): Promise<readonly { path: string; text: string }[]> {
  let names: readonly string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith(".conf"));
  } catch {
    return [];
  }
  return Promise.all(
    [...names].sort().map(async (name) => ({
      path: `${directory}/${name}`,
      text: await readInput(`${directory}/${name}`, "a drop-in", LARGEST_UNIT),
    })),
  );
}
