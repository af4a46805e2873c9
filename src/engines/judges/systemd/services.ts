/**
 * The services of the stage: how they are written, started and waited for. Each says that it is ready with a record on its standard
 * output. Facts: systemd.service(5), setpriv(1).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "../../../core/action/action.ts";
import { decodeRecords } from "../../../core/elf/record.ts";
import { readIn } from "../../../linux/beneath.ts";
import { describeFailure } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";

/** Where everything of the stage lies in the box. */
export const STAGE = "/usr/lib/cloison";
/** A shell of the stage's own: attacks may stand in for the machine's. */
export const STAGE_SHELL: string = `${STAGE}/sh`;
/** Where what attacks say is collected in the box. */
export const COLLECTED = "/run/cloison-attack";

/** Mostly a moment; a machine that is very busy takes its time. */
const READY_WITHIN_MS = 60_000;

/** What a command in the box says; a SystemError where it fails. */
export async function checked(box: Box, what: string, argv: readonly string[]): Promise<string> {
  const result = await box.run(argv);
  if (result.status === 0) {
    return result.stdout;
  }
  throw new SystemError(`set up for attacks: ${what}`, { reason: describeFailure(result) });
}

/** How a command line begins that becomes another user before it runs its program. */
export function asUser({ uid, gid }: Identity, ...more: readonly string[]): string {
  return ["/usr/bin/setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", ...more].join(" ");
}

/** A command that runs so many of a program side by side. */
export function manyOf(count: number, command: string): string {
  return `/bin/sh -c "${`${command} & `.repeat(count)}wait"`;
}

/** The processes of a service but for its main one. */
export async function processesOf(box: Box, name: string): Promise<readonly number[]> {
  const shown = await box.showProperties(`${name}.service`, ["MainPID", "ControlGroup"]);
  const said = await checked(box, name, ["cat", `/sys/fs/cgroup${shown.get("ControlGroup")}/cgroup.procs`]);
  const pids = said.trim().split("\n").map(Number);
  return pids.filter((pid) => pid !== Number(shown.get("MainPID")));
}

/** The nth of some processes, counted round. Throws a SystemError if there is none: PID 0 would be the group of whoever aims at it. */
export function chosen(pids: readonly number[], n: number): number {
  const pid = pids[n % pids.length];
  if (pid === undefined) {
    throw new SystemError("set up for attacks", { reason: "no process runs that they could aim at" });
  }
  return pid;
}

/** How often processes of a service of the stage have said that they are ready. */
function recordsOf(box: Box, name: string): number {
  return decodeRecords(readIn(box.root, `${COLLECTED}/${name}`, 1 << 20) ?? new Uint8Array()).length;
}

async function untilReady(box: Box, name: string, speakers: number): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (recordsOf(box, name) < speakers) {
    if (Date.now() > until) {
      throw new SystemError(`set up for attacks: ${name}`, {
        reason: `not ready: ${await box.journal(`${name}.service`)}`,
      });
    }
    await sleep(20);
  }
}

/** How a service of the stage runs. */
interface Manner {
  /** How many of its processes say that they are ready. */
  readonly speakers?: number;
  /** Its walls, as lines of [Service]. */
  readonly lines?: readonly string[];
  /** Whether PID 1 stops it when it is asked to. */
  readonly stoppable?: true;
}

/** Starts a service and waits until it says that it is ready. */
export async function startService(box: Box, name: string, command: string, manner: Manner = {}): Promise<void> {
  const { speakers = 1, lines = [], stoppable } = manner;
  const said = `${COLLECTED}/${name}`;
  const unit = [
    "[Unit]",
    ...(stoppable === true ? [] : ["RefuseManualStop=yes"]),
    "[Service]",
    ...lines,
    `ExecStart=${command}`,
    "Environment=CLOISON_SECRET=secret",
    "Restart=no",
    `StandardOutput=append:${said}`,
  ];
  await box.writeFile(`/run/systemd/system/${name}.service`, `${unit.join("\n")}\n`);
  await checked(box, "systemd", ["systemctl", "daemon-reload"]);
  await checked(box, `start ${name}`, ["systemctl", "start", `${name}.service`]);
  await untilReady(box, name, speakers);
}

/** Starts it anew, and waits until it says once more that it is ready. */
export async function restartService(box: Box, name: string): Promise<void> {
  const spoken = recordsOf(box, name);
  await checked(box, `restart ${name}`, ["systemctl", "restart", `${name}.service`]);
  await untilReady(box, name, spoken + 1);
}
