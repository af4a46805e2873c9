/** The service under test, as the systemd of a box reads it: its files, its type, its user, its programs. */
import { basename } from "node:path";
import { SOME_DYNAMIC_ID } from "../../core/action/dynamic-user.ts";
import { InputError, inputError, valueOrThrow } from "../../core/diagnostic/input-error.ts";
import type { Peer } from "../../core/sandbox/surroundings.ts";
import { checkService } from "../../core/unit/check.ts";
import { parseServiceName } from "../../core/unit/name.ts";
import { parse } from "../../core/unit/parse.ts";
import { directoriesOf, programsOf } from "../../core/unit/places.ts";
import type { Unit } from "../../core/unit/unit.ts";
import type { UnitFile } from "../../core/unit/unit-file.ts";
import { type Account, type Accounts, accountOf, readAccounts } from "../../linux/accounts.ts";
import { linksOf } from "../../linux/links.ts";
import { existingIn } from "../../linux/other-root.ts";
import { describeFailure } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import { type SystemdVersion, systemdVersion } from "../../linux/systemd-version.ts";
import { readUnitText, type UnitText } from "../../linux/unit-text.ts";
import type { Box } from "../box/box.ts";
import { peersOf } from "../box/peers.ts";
import type { Startable } from "./exercise.ts";
import { readUncatalogued, type Uncatalogued } from "./unread.ts";

/** What the user named: an installed unit, or the text of a unit file with its drop-ins. */
export type Target =
  | {
      readonly kind: "installed";
      readonly name: string;
      /** The way out if there is no such unit. */
      readonly hint?: string;
    }
  | {
      readonly kind: "file";
      /** The unit to start: of a template, an instance. */
      readonly name: string;
      readonly fileName: string;
      readonly text: string;
      readonly dropIns: readonly UnitText[];
      /** The socket that starts it, if its unit file stands beside. */
      readonly socket?: UnitText;
    };

/** A service in a box. */
export interface Service extends Startable {
  readonly unit: Unit;
  /** The unit's own files in order, without what the box itself adds. */
  readonly files: readonly UnitText[];
  /** The systemd of the box, which another root brings with it. */
  readonly systemd: SystemdVersion;
  readonly accounts: Accounts;
  /** Who the service's processes start as. */
  readonly account: Account;
  /** The main program, and every program of an Exec line. */
  readonly executables: readonly string[];
  /** /var/lib/NAME and kin that the unit is given. */
  readonly directories: readonly string[];
  /** Where a path that the unit names leads, its links followed. */
  readonly canonical: (path: string) => string;
  /** What the unit says that the catalogue lacks. */
  readonly uncatalogued: Uncatalogued;
  /** What the machine keeps from others by its modes; empty unless it was looked for. */
  readonly secrets: readonly string[];
  /** Who listens beside it. */
  readonly peers: readonly Peer[];
}

const PROPERTIES = ["LoadState", "LoadError", "Type", "CanReload", "TriggeredBy", "User", "Group", "DynamicUser"];

/** Puts a unit file that is not installed into the box, under its own name, with its drop-ins and its socket. */
export async function lay(box: Box, target: Target): Promise<void> {
  if (target.kind === "file") {
    await box.writeFile(`/etc/systemd/system/${target.fileName}`, target.text);
    for (const { path, text } of target.dropIns) {
      await box.writeFile(`/etc/systemd/system/${target.fileName}.d/${basename(path)}`, text);
    }
  }
  if (target.kind === "file" && target.socket !== undefined) {
    const name = basename(target.socket.path);
    const wants = "/etc/systemd/system/sockets.target.wants";
    await box.writeFile(`/etc/systemd/system/${name}`, target.socket.text);
    // Enabled, or systemd would not know what triggers the service.
    await box.run(["mkdir", "-p", wants]);
    await box.run(["ln", "-sf", `../${name}`, `${wants}/${name}`]);
  }
}

/** Has the box's systemd read its units anew. */
export async function reload(box: Box): Promise<void> {
  const reloaded = await box.systemctl("daemon-reload");
  if (reloaded.status !== 0) {
    throw new SystemError("reload systemd in the box", { reason: describeFailure(reloaded) });
  }
}

/** Reads the service as the box's systemd has it. Throws InputError if there is none, or it could never start. */
export async function loadService(box: Box, target: Target, companions: readonly string[] = []): Promise<Service> {
  const name = valueOrThrow(parseServiceName(target.name));
  const shown = await box.showProperties(name.name, PROPERTIES);
  assertLoaded(name.name, shown, target.kind === "installed" ? target.hint : undefined);
  const run = (argv: readonly string[]) => box.run(argv);
  const all = await readUnitText(name.name, run, (path) => box.readFile(path));
  const files = all.filter(({ path }) => !path.startsWith("/run/systemd/system/"));
  const parsed = files.map(({ path, text }) => valueOrThrow(parse(text, path)));
  const machine = await specifiersOfMachine(box);
  const unit: Unit = { name, files: parsed, machine, ...(files[0] === undefined ? {} : { fragment: files[0].path }) };
  const errors = checkService(unit).filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new InputError(errors);
  }
  const accounts = await readAccounts(run);
  // A command that may fail (`-`) may also be missing.
  const there = (path: string): boolean => existingIn(box.root, path) !== undefined;
  return {
    name: name.name,
    type: shown.get("Type") ?? "simple",
    canReload: shown.get("CanReload") === "yes",
    sockets: (shown.get("TriggeredBy") ?? "").split(" ").filter((each) => each.endsWith(".socket")),
    companions,
    unit,
    files,
    systemd: await systemdVersion(run),
    accounts,
    account: accountFor(accounts, shown),
    executables: programsOf(unit, there).filter(there),
    directories: directoriesOf(unit),
    canonical: linksOf(valuesIn(parsed), box.root),
    uncatalogued: await readUncatalogued(unit, run),
    secrets: [],
    peers: await peersOf(box),
  };
}

function valuesIn(files: readonly UnitFile[]): readonly string[] {
  return files.flatMap(({ entries }) => entries.flatMap((entry) => (entry.kind === "assignment" ? [entry.value] : [])));
}

/** What the specifiers %m, %b and %H mean here (systemd.unit(5)). */
async function specifiersOfMachine(box: Box): Promise<Readonly<Record<string, string>>> {
  const line = async (argv: readonly string[]): Promise<string> => (await box.run(argv)).stdout.trim();
  const [m, b, H] = await Promise.all([
    line(["cat", "/etc/machine-id"]),
    line(["cat", "/proc/sys/kernel/random/boot_id"]),
    line(["uname", "-n"]),
  ]);
  return { m, b: b.replaceAll("-", ""), H };
}

function assertLoaded(name: string, shown: ReadonlyMap<string, string>, hint: string | undefined): void {
  const state = shown.get("LoadState");
  if (state === "loaded") {
    return;
  }
  const why: Readonly<Record<string, string>> = {
    "not-found": "no such unit on this machine",
    masked: "it is masked",
    "bad-setting": "systemd refuses it: a setting is missing or wrong",
  };
  const help: Readonly<Record<string, string | undefined>> = {
    "not-found": hint,
    masked: `systemctl unmask ${name} lifts that`,
    "bad-setting": "see systemd-analyze verify",
  };
  const reason = why[state ?? ""] ?? `systemd could not load it (${state})`;
  throw inputError(
    "unit-not-loaded",
    `${name}: ${reason}`,
    help[state ?? ""] ?? "name an installed unit, or a file that ends in .service",
  );
}

/** The user that systemd will start the service as; for DynamicUser= one of the range that systemd takes them from. */
function accountFor(accounts: Accounts, shown: ReadonlyMap<string, string>): Account {
  const user = shown.get("User") ?? "";
  const group = shown.get("Group") ?? "";
  const base = accountOf(accounts, user === "" ? "root" : user) ?? dynamic(user);
  const gid = group === "" ? base.gid : (accountOf(accounts, group)?.gid ?? base.gid);
  return shown.get("DynamicUser") === "yes" && user === "" ? dynamic("") : { ...base, gid };
}

function dynamic(name: string): Account {
  return { name, uid: SOME_DYNAMIC_ID, gid: SOME_DYNAMIC_ID, groups: [] };
}
