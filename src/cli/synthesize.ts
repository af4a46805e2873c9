/** `cloison synthesize`: from an observation to a drop-in, on any machine, without a box and without root. */
import { inputError } from "../core/diagnostic/input-error.ts";
import { visible } from "../core/diagnostic/visible.ts";
import { assignmentsOf } from "../core/directives/assignments.ts";
import { foldUnit, type Host, sandboxOfValues } from "../core/directives/sandbox.ts";
import { notBuiltLines } from "../core/report/not-built.ts";
import { printDropIn } from "../core/synthesis/print.ts";
import { type Synthesis, synthesize as synthesise } from "../core/synthesis/synthesize.ts";
import { serviceType } from "../core/unit/check.ts";
import { parseServiceName, templateOf } from "../core/unit/name.ts";
import { directoriesOf, programsOf } from "../core/unit/places.ts";
import type { Unit } from "../core/unit/unit.ts";
import { identitiesOf } from "../core/verdict/identities.ts";
import { intrudersReach } from "../core/verdict/intruders-reach.ts";
import { isOwnDropIn } from "../engines/life/drop-in.ts";
import { accountOf, accountsBelow, readAccounts } from "../linux/accounts.ts";
import { deviceLookup } from "../linux/devices.ts";
import { nativeAbi } from "../linux/native-abi.ts";
import { existingIn } from "../linux/other-root.ts";
import { rootOption } from "./box-options.ts";
import { clientsOption, clientsSpec, levelSpec, portableSpec, targetOption, targetSpec } from "./harden-options.ts";
import { readObservationFile } from "./observation-file.ts";
import { checkOutputFile, writeFileByRename } from "./output-directory.ts";
import { notLoaded, readUnitFiles } from "./unit-files.ts";
import type { Arguments, Context, PrintedJson, Verb, VerbOutcome } from "./verb.ts";
import { versionAt } from "./version-at.ts";

export const synthesize: Verb = {
  name: "synthesize",
  summary: "The strictest drop-in under which everything observed is still allowed, with a reason for each line.",
  usage:
    "OBSERVATION [UNIT|FILE.service] [--out FILE] [--level LEVEL] [--clients CIDR] [--target-version VERSION] [--root DIR]",
  operands: { min: 1, max: 2, completes: ["file", "unit"] },
  schemas: ["cloison.synthesis/1"],
  options: {
    level: levelSpec,
    clients: clientsSpec,
    out: { type: "string", value: "FILE", help: "write it there instead of stdout" },
    "other-unit": { type: "boolean", help: "take the observation although it is of another unit" },
    "target-version": targetSpec,
    portable: portableSpec,
    root: { type: "string", value: "DIR", help: "take unit, accounts and systemd's version from the system below DIR" },
  },
  examples: [
    "cloison synthesize nginx.json nginx.service > hardening.conf",
    "cloison synthesize all.json app.service --target-version 252",
    "cloison synthesize nginx.json nginx.service --root /srv/bookworm",
  ],
  run,
};

async function run({ arguments: given }: Context): Promise<VerbOutcome> {
  const [path = "", word] = given.operands;
  const out = given.one("out");
  checkOutputFile(out);
  const observation = await readObservationFile(path);
  const root = rootOption(given);
  const unit = await readUnit(word ?? observation.unit, word !== undefined, root);
  if (unit !== undefined && !given.flag("other-unit")) {
    refuseOther(path, observation.unit, unit.name);
  }
  const systemd = targetOption(given) ?? (await versionAt(root));
  const accounts = root === "" ? await readAccounts() : accountsBelow(root);
  const host: Host = {
    systemd,
    machine: nativeAbi(),
    user: (name) => accountOf(accounts, name),
    ...(unit === undefined ? {} : { type: serviceType(unit) }),
    directories: unit === undefined ? [] : directoriesOf(unit),
    executables: unit === undefined ? [] : programsOf(unit, (path) => existingIn(root, path) !== undefined),
    device: deviceLookup(""),
  };
  const { values } = foldUnit(unit === undefined ? () => [] : assignmentsOf(unit), host);
  const level = given.one("level") === "strict" ? "strict" : "balanced";
  const { uid, gid } = sandboxOfValues(values, host).facts;
  const objective = intrudersReach(identitiesOf({ uid, gid }, observation), host.machine);
  const result = synthesise({ observation, values, host, level, clients: clientsOption(given), objective });
  const header = [
    `Made by cloison synthesize for ${observation.unit}, systemd ${systemd}, level ${level}. Not rehearsed: see cloison harden.`,
  ];
  const dropIn = printDropIn(result, header);
  const bare =
    unit === undefined ? [`warning: ${observation.unit} is not installed here: a bare unit of root's is assumed`] : [];
  if (out !== undefined) {
    await writeFileByRename(out, dropIn);
  }
  return {
    status: 0,
    text: out === undefined ? dropIn : `${result.settings.length} settings: ${out}`,
    json: document(observation.unit, level, systemd, dropIn, result),
    notes: [...bare, ...travels(given), ...notesOf(result), ...(out === undefined ? altered(dropIn) : [])],
  };
}

/** Nobody looks at the machine here, so there is nothing of it to leave out; who asks for that is told. */
function travels(given: Arguments): readonly string[] {
  return given.flag("portable")
    ? ["note: synthesize looks for no secrets and no programs that listen, so that every drop-in of it travels"]
    : [];
}

function document(unit: string, level: string, systemd: number, dropIn: string, result: Synthesis): PrintedJson {
  const { settings, notEnforced, notBuilt, warnings, advice } = result;
  return {
    schema: "cloison.synthesis/1",
    unit,
    level,
    systemd,
    dropIn,
    directives: settings.flatMap(({ directive, lines, reason, doors }) =>
      lines.map((value) => ({ name: directive, value, reason, doors })),
    ),
    notEnforced,
    notBuilt: notBuiltLines(notBuilt),
    warnings: [...warnings, ...advice],
  };
}

/** What acts on a display is shown escaped on stdout, so a drop-in with such a path is another one when it is read there. */
function altered(dropIn: string): readonly string[] {
  const same = dropIn.split("\n").every((line) => line.startsWith("#") || visible(line) === line);
  return same
    ? []
    : ["warning: a path holds characters that are shown escaped here: write the drop-in with --out FILE"];
}

function notesOf({ notEnforced, warnings, advice }: Synthesis): readonly string[] {
  return [
    ...notEnforced.map(({ name, reason }) => `note: ${name}= is not written: ${reason}`),
    ...[...warnings, ...advice].map((text) => `note: ${text}`),
  ];
}

/** What another service does says nothing about this one. Instances of one template are one service. */
function refuseOther(path: string, observed: string, { name, ...unit }: Unit["name"]): void {
  const other = parseServiceName(observed);
  const same = other.ok && (other.value.name === name || isOfTemplate(other.value, { name, ...unit }));
  if (same) {
    return;
  }
  const help = "observe this one, or say --other-unit if what was observed holds for it, too";
  throw inputError("synthesize-other-unit", `${path} is an observation of ${observed}, not of ${name}`, help);
}

function isOfTemplate(one: Unit["name"], other: Unit["name"]): boolean {
  return templateOf(one) !== undefined && templateOf(one) === templateOf(other);
}

/**
 * The unit that was named, or the observed one if it is installed here; without Cloison's own drop-in, as `harden` takes it,
 * so that what an earlier one closed can be opened again.
 */
async function readUnit(word: string, named: boolean, root: string): Promise<Unit | undefined> {
  const unit = await readUnitFiles(word, root);
  if (unit === undefined && named) {
    throw root === "" ? notLoaded(word) : notLoaded(word, `no such unit in ${root}`);
  }
  return unit && { ...unit, files: unit.files.filter(({ path }) => !isOwnDropIn(path)) };
}
