/** Tries all probes behind all values of all directives in a box: one unit per value, the real systemd, the real kernel. */
import { type Host, sandboxOf } from "../../core/directives/sandbox.ts";
import { type Attack, attacksOn, compileAttacks } from "../../core/probes/attack.ts";
import { probes } from "../../core/probes/catalogue.ts";
import { assignmentsIn, type Case, type Experiment, linesOf, type TriedCase } from "../../core/verdict/agreement.ts";
import { observed } from "../../core/verdict/observed.ts";
import { accountOf, readAccounts } from "../../linux/accounts.ts";
import { deviceLookup } from "../../linux/devices.ts";
import { nativeAbi } from "../../linux/native-abi.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import type { Box } from "../box/box.ts";
import { effects } from "../box/effects.ts";
import { HARDWARE_GUARD_FILE } from "../box/hardware.ts";
import { type Controlled, controlled } from "./control.ts";
import { STAGE, stageOf } from "./stage.ts";
import { type AttackTarget, survey } from "./survey.ts";
import { type AttackTrial, outputOf, tryAttacks } from "./try.ts";

/** Units that run at the same time: connections that a packet filter drops are waited for, so more than processors. */
const AT_ONCE = 8;

type Machine = Omit<Host, "directories" | "executables">;

interface Prepared {
  readonly case: Case;
  readonly host: Host;
  readonly attacks: readonly Attack[];
  readonly trial: AttackTrial;
}

/** Runs the experiment for these cases. */
export async function experiment(box: Box, cases: readonly Case[]): Promise<Experiment> {
  await stageOf(box);
  const machine = await machineOf(box);
  const prepared: Prepared[] = [];
  for (const [index, each] of cases.entries()) prepared.push(await prepare(box, each, index, machine));
  const { controls, notApplicable } = await controlOfAll(box);
  const runs = await tryAttacks(
    box,
    prepared.map(({ trial }) => trial),
    AT_ONCE,
  );
  const tried = prepared.map(({ case: each, host, attacks }, index): TriedCase => {
    const answers = attacks.flatMap(({ probe, steps }, at) => {
      const through = controls.get(probe.id);
      if (through === undefined) return [];
      return [{ probe: probe.id, steps, seen: observed(steps, runs[index]?.[at]), control: through }];
    });
    return { case: each, host, answers };
  });
  const ineffective = new Map((await effects(box)).ineffective.map(({ directive, reason }) => [directive, reason]));
  return { tried, ineffective, notApplicable };
}

async function machineOf(box: Box): Promise<Machine> {
  const run = (argv: readonly string[]) => box.run(argv);
  const [accounts, systemd] = await Promise.all([readAccounts(run), systemdVersion(run)]);
  const user = (name: string) => accountOf(accounts, name);
  return { systemd: systemd.version, machine: nativeAbi(), user, device: deviceLookup(box.root) };
}

async function prepare(box: Box, each: Case, index: number, machine: Machine): Promise<Prepared> {
  const name = `agree${index}`;
  const path = `${STAGE}/${name}`;
  const state = `/var/lib/${name}`;
  const host: Host = { ...machine, directories: [state], executables: [path] };
  const { facts } = sandboxOf(assignmentsIn(each), host);
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
    ports: [],
  };
  const { attacks } = attacksOn(await survey(box, target, name), probes);
  const unit = ["[Service]", `StateDirectory=${name}`, ...linesOf(each)];
  const trial: AttackTrial = {
    unit: target.name,
    path,
    count: attacks.length,
    prefix: "",
    output: outputOf(name),
    write: (lines) => box.writeFile(fragment, `${[...unit, ...lines].join("\n")}\n`),
  };
  await box.writeFile(path, compileAttacks(attacks.map((attack) => ({ attack }))), 0o755);
  await box.writeFile(`/run/systemd/system/${target.name}.d/${HARDWARE_GUARD_FILE}`, "# lifted for probes\n");
  return { case: each, host, attacks, trial };
}

/** The control of all probes. */
async function controlOfAll(box: Box): Promise<Controlled> {
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
