/**
 * The ground on which all judges are asked: one unit per case, made in a box, the attacks that have a target there, and their
 * controls. What systemd and the kernel do with it is `systemd.ts`.
 */
import { sectionOf } from "../../../core/directives/assignments.ts";
import { PREFIXES } from "../../../core/directives/prefixes.ts";
import { type Host, sandboxOf } from "../../../core/directives/sandbox.ts";
import { attacksOn, compileAttacks } from "../../../core/probes/attack.ts";
import { probes as catalogue } from "../../../core/probes/catalogue.ts";
import type { Probe } from "../../../core/probes/probe.ts";
import { credentialsOf } from "../../../core/sandbox/credentials.ts";
import { fileWalls } from "../../../core/sandbox/replaced.ts";
import type { Question, Scene } from "../../../core/verdict/agreement.ts";
import { assignmentsIn, type Case, linesOf, uncataloguedOf } from "../../../core/verdict/cases.ts";
import { accountOf, readAccounts } from "../../../linux/accounts.ts";
import { deviceLookup } from "../../../linux/devices.ts";
import { linksOf } from "../../../linux/links.ts";
import { nativeAbi } from "../../../linux/native-abi.ts";
import { profileLookup } from "../../../linux/profiles.ts";
import { SystemError } from "../../../linux/system-error.ts";
import { systemdVersion } from "../../../linux/systemd-version.ts";
import type { Box } from "../../box/box.ts";
import { effects } from "../../box/effects.ts";
import { HARDWARE_GUARD_FILE } from "../../box/hardware.ts";
import { type Controlled, controlled } from "./control.ts";
import { furnish } from "./furnish.ts";
import { replaceFiles } from "./month.ts";
import { STAGE } from "./services.ts";
import { setStage } from "./stage.ts";
import { type AttackTarget, surroundingsOf, survey } from "./survey.ts";
import { type AttackTrial, outputOf } from "./try.ts";

/** What values of the table name and a machine does not have by itself: the place of a journal that is not running, and of a root. */
const PLACES = ["/run/systemd/journal.app", "/srv/tmp", "/srv/etc", "/srv/var/lib", "/srv/var/tmp"];

/** Where packages that a machine may lack have their jobs and rules; others are left missing, for attacks that make them. */
const OF_PACKAGES = [
  "/etc/polkit-1/rules.d",
  "/etc/sudoers.d",
  "/etc/udev/rules.d",
  "/root/.ssh",
  "/var/spool/cron/atjobs",
  "/var/spool/cron/crontabs",
];

/** Where the table has someone who starts containers. */
const CONTAINER_MANAGER = "/run/docker.sock";

/** Units that are made at the same time: most of it is waiting for small programs in the box. */
const SIDE_BY_SIDE = 8;

/** What all units of a scene have in common: the machine as directives ask of it, and what is tried. */
interface Ground {
  readonly machine: Omit<Host, "directories" | "executables">;
  readonly probes: readonly Probe[];
}

/** A scene in a box, and for each of its questions the unit that tries the attacks. */
export interface Staged extends Scene {
  readonly trials: readonly AttackTrial[];
}

interface Prepared {
  readonly question: Question;
  readonly trial: AttackTrial;
}

/** Makes a unit in the box for each of these cases, and runs the controls. */
export async function stageScene(
  box: Box,
  cases: readonly Case[],
  probes: readonly Probe[] = catalogue,
): Promise<Staged> {
  await setStage(box, { containers: CONTAINER_MANAGER });
  await box.run(["mkdir", "-p", ...PLACES, ...OF_PACKAGES]);
  await furnish(
    box,
    cases.filter(({ unit }) => unit !== undefined),
  );
  const ground: Ground = { machine: await machineOf(box), probes };
  const prepared: Prepared[] = [];
  for (let at = 0; at < cases.length; at += SIDE_BY_SIDE) {
    const some = cases.slice(at, at + SIDE_BY_SIDE);
    prepared.push(...(await Promise.all(some.map((each, index) => prepare(box, each, at + index, ground)))));
  }
  const { controls, notApplicable } = await controlOfAll(box, probes);
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  const questions = prepared.map(({ question }) => question);
  return { questions, trials: prepared.map(({ trial }) => trial), controls, ineffective, notApplicable };
}

async function machineOf(box: Box): Promise<Ground["machine"]> {
  const run = (argv: readonly string[]) => box.run(argv);
  const [accounts, systemd] = await Promise.all([readAccounts(run), systemdVersion(run)]);
  const user = (name: string) => accountOf(accounts, name);
  const profile = profileLookup();
  const known = { systemd: systemd.version, machine: nativeAbi(), user, device: deviceLookup(box.root) };
  return profile === undefined ? known : { ...known, profile };
}

async function prepare(box: Box, each: Case, index: number, { machine, probes }: Ground): Promise<Prepared> {
  const name = `agree${index}`;
  const path = `${STAGE}/${name}`;
  const state = `/var/lib/${name}`;
  const canonical = linksOf(linesOf(each), box.root);
  const own = { unit: `${name}.service`, directories: [state], executables: [path], canonical };
  const host: Host = {
    ...machine,
    ...own,
    uncatalogued: uncataloguedOf(each),
    ...(each.prefix === undefined ? {} : { privilege: PREFIXES[each.prefix] }),
  };
  const { facts, sandbox } = sandboxOf(assignmentsIn(each), host);
  const fragment = `/etc/systemd/system/${name}.service`;
  await box.run(["mkdir", "-p", state]);
  await box.writeFile(path, "", 0o755);
  await box.writeFile(fragment, "");
  const target: AttackTarget = {
    name: `${name}.service`,
    executable: path,
    argv: [path],
    fragment,
    stateDirectories: [state],
    owner: { uid: facts.uid, gid: facts.gid },
    identity: credentialsOf(sandbox.walls),
    ports: [],
  };
  const surveyed = await survey(box, target, name);
  const around = surroundingsOf(surveyed);
  const replaced =
    each.later === true ? [...new Set(fileWalls(sandbox.walls, around).map(({ file }) => file))] : undefined;
  const { attacks } = attacksOn(surveyed, probes);
  const inUnit = (line: string) => sectionOf(line.replace(/=.*/, "")) === "Unit";
  const [ofUnit, ofService] = [linesOf(each).filter(inUnit), linesOf(each).filter((line) => !inUnit(line))];
  const unit = ["[Unit]", ...ofUnit, "[Service]", `StateDirectory=${name}`, ...ofService];
  const trial: AttackTrial = {
    unit: target.name,
    path,
    count: attacks.length,
    prefix: each.prefix ?? "",
    output: outputOf(name),
    ...(replaced === undefined ? {} : { waitsAt: 0, meanwhile: () => replaceAll(box, replaced) }),
    write: (lines) => box.writeFile(fragment, `${[...unit, ...lines].join("\n")}\n`),
  };
  await box.writeFile(
    path,
    compileAttacks(
      attacks.map((attack) => ({ attack })),
      replaced === undefined ? {} : { waitsAt: 0 },
    ),
    0o755,
  );
  await box.writeFile(`/run/systemd/system/${target.name}.d/${HARDWARE_GUARD_FILE}`, "# lifted for probes\n");
  const asked = attacks.map(({ probe, steps }) => ({ probe: probe.id, steps }));
  const surroundings = replaced === undefined ? around : { ...around, replaced: (at: string) => replaced.includes(at) };
  return { question: { case: each, host, surroundings, attacks: asked }, trial };
}

async function replaceAll(box: Box, files: readonly string[]): Promise<void> {
  const left = await replaceFiles(box, files);
  if (left.length > 0) {
    throw new SystemError("replace files", { reason: `these are left: ${left.join(", ")}` });
  }
}

/** The control of all probes. */
async function controlOfAll(box: Box, probes: readonly Probe[]): Promise<Controlled> {
  const target: AttackTarget = {
    name: "control.service",
    executable: `${STAGE}/neighbour`,
    argv: [],
    fragment: "/etc/systemd/system/agree0.service",
    stateDirectories: ["/var/lib"],
    owner: { uid: 0, gid: 0 },
    ports: [],
  };
  return controlled(box, await survey(box, target, "control"), probes);
}
