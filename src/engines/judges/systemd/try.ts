/**
 * Tries attacks from inside a unit: its own program's file is replaced by the attacks, a drop-in makes it a oneshot that
 * runs them, and everything else about the unit stays. One command runs all attacks in children; those of which that
 * tells no end (walls may refuse children) then get a command each.
 * Facts: systemd.service(5), systemd.exec(5); a file written by append: is opened before any wall stands.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { decodeRecords } from "../../../core/elf/record.ts";
import { EXEC_KEYS } from "../../../core/unit/check.ts";
import { quoteValue } from "../../../core/unit/print.ts";
import type { Run } from "../../../core/verdict/observed.ts";
import { readIn } from "../../../linux/beneath.ts";
import { type CommandResult, describeFailure } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";
import { COLLECTED, STAGE_SHELL } from "./services.ts";
import { runsOf } from "./transcript.ts";

const TIME_LIMIT_SECONDS = 300;
/** Records are small; whatever else a hostile unit adds to them is not read. */
const MOST_SAID = 64 << 20;
const ALONE = ["--job-mode=ignore-dependencies"];

/** A unit that tries attacks. */
export interface AttackTrial {
  /** Name with suffix. */
  readonly unit: string;
  /** The path at which the attacks stand, free of symbolic links. */
  readonly path: string;
  /** How many attacks the file there holds. */
  readonly count: number;
  /** Prefixes that the unit's own command has: `+`, `!`, `!!` or none. */
  readonly prefix: string;
  /** Where the records go; nothing else may write there. */
  readonly output: string;
  /** Writes what makes the unit run, given the lines of [Service] for it. */
  readonly write: (lines: readonly string[]) => Promise<void>;
  /** What happens while attacks wait: once the walls of the unit stand, and before the attack of that number, the first that waits for leave. */
  readonly meanwhile?: () => Promise<void>;
  readonly waitsAt?: number;
  /** Keeps the attacks at their path during the work only: what they stand in for may be a shell that the box needs. */
  readonly inPlace?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A path as a word of an Exec line. */
function word(path: string): string {
  const quoted = quoteValue(path);
  if (quoted.ok) {
    return quoted.value;
  }
  throw new SystemError("attack", { path, reason: quoted.diagnostics[0]?.message ?? "its name cannot be written" });
}

/** The lines of [Service] with which a unit runs all attacks in one command, or some of them in a command each. */
export function trialLines(trial: AttackTrial, which: "all" | readonly number[]): readonly string[] {
  const command = `ExecStart=-${trial.prefix}${word(trial.path)}`;
  return [
    "Type=oneshot",
    "RemainAfterExit=yes",
    "ExitType=main",
    "Restart=no",
    ...EXEC_KEYS.map((key) => `${key}=`),
    ...(which === "all" ? [command] : which.map((number) => `${command} ${number}`)),
    `StandardOutput=append:${trial.output}`,
    "StandardError=inherit",
    // The default is /dev/null, which a device policy may refuse to systemd itself (status 208).
    `StandardInput=file:${trial.meanwhile === undefined ? trial.path : leaveOf(trial)}`,
    `TimeoutStartSec=${TIME_LIMIT_SECONDS}`,
    "WatchdogSec=0",
    // Else a peer that hangs up would kill the attack that is still talking.
    "IgnoreSIGPIPE=yes",
    "PIDFile=",
  ];
}

/** The file in which attacks that wait find their leave to begin. */
function leaveOf({ output }: AttackTrial): string {
  return `${output}-leave`;
}

/** A fresh place for records. */
export function outputOf(name: string): string {
  return `${COLLECTED}/${name}`;
}

function allOf({ count }: AttackTrial): readonly number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** Starts the unit as it is written, waits for its commands to end, and collects what they said. */
async function start(box: Box, trial: AttackTrial, which: readonly number[]): Promise<ReadonlyMap<number, Run>> {
  // Nothing but the attacks is to run in such a box, so neither is what the unit depends on.
  const restart = (...more: readonly string[]) =>
    box.systemctl("restart", ...more, ...(box.forAttacks ? ALONE : []), "--", trial.unit);
  const run = () => (trial.meanwhile === undefined ? restart() : restartAround(box, trial, restart, trial.meanwhile));
  const started = await (trial.inPlace === undefined ? run() : trial.inPlace(run));
  const output = saidIn(box, trial);
  const unseen =
    trial.meanwhile === undefined ? "nothing tells how this attack ended" : "the walls do not let attacks wait";
  const why = started.status === 0 ? unseen : describeFailure(started);
  const told = runsOf(which, output, "", why);
  if ([...told.values()].every(({ ending }) => ending.kind !== "lost")) {
    return told;
  }
  const shown = await box.showProperties(trial.unit, ["ExecStart"]);
  return runsOf(which, output, shown.get("ExecStart") ?? "", why);
}

function saidIn(box: Box, { output }: AttackTrial): Uint8Array {
  return readIn(box.root, output, MOST_SAID) ?? new Uint8Array();
}

const LOOK_EACH_MS = 20;

/**
 * Restarts a unit, and does `meanwhile` when its attacks say that they wait. Its job is looked at and not waited for: PID 1 may be
 * executed anew meanwhile, and that would end the connection of whoever waits for it.
 */
async function restartAround(
  box: Box,
  trial: AttackTrial,
  restart: (...more: readonly string[]) => Promise<CommandResult>,
  meanwhile: () => Promise<void>,
): Promise<CommandResult> {
  const waiting = () => decodeRecords(saidIn(box, trial)).filter(({ kind }) => kind === "waiting").length;
  const earlier = waiting();
  // By the stage's own shell: the unit's program, which the attacks stand in for, may be the machine's.
  await box.run([STAGE_SHELL, "-c", `: >"$1"`, "sh", leaveOf(trial)]);
  const queued = await restart("--no-block");
  if (queued.status !== 0) {
    return queued;
  }
  const until = Date.now() + TIME_LIMIT_SECONDS * 1000;
  let left = false;
  while (Date.now() < until && (await hasJob(box, trial.unit))) {
    if (!left && waiting() > earlier) {
      await meanwhile();
      // Written to, not replaced: the attacks have it open.
      await box.run([STAGE_SHELL, "-c", `echo >"$1"`, "sh", leaveOf(trial)]);
      left = true;
    }
    await sleep(LOOK_EACH_MS);
  }
  return box.systemctl("is-active", "--", trial.unit);
}

/** Whether PID 1 has still something to do for a unit; also while it answers nobody, since it is being executed anew. */
async function hasJob(box: Box, unit: string): Promise<boolean> {
  const shown = await box.systemctl("show", "--property=Job", "--", unit);
  return shown.status !== 0 || /^Job=[1-9]/m.test(shown.stdout);
}

/** `work` on each element, `width` at a time. */
async function spread<T>(elements: readonly T[], width: number, work: (element: T) => Promise<void>): Promise<void> {
  const waiting = [...elements];
  const next = async (): Promise<void> => {
    for (let element = waiting.shift(); element !== undefined; element = waiting.shift()) {
      await work(element);
    }
  };
  await Promise.all(Array.from({ length: width }, next));
}

/**
 * Tries all attacks of all units, `width` units at a time. Result: one run per attack of each unit, in order. The units
 * are left active, with nothing running in them.
 */
export async function tryAttacks(
  box: Box,
  trials: readonly AttackTrial[],
  width = 1,
): Promise<readonly (readonly Run[])[]> {
  const runs = new Map<AttackTrial, Map<number, Run>>();
  await spread(trials, 8, (trial) => trial.write(trialLines(trial, "all")));
  await box.systemctl("daemon-reload");
  const run = async (trial: AttackTrial): Promise<void> => {
    runs.set(trial, new Map(await start(box, trial, allOf(trial))));
  };
  // What happens meanwhile to one unit's files is not to happen to those of another, least of all while that one starts.
  await spread(
    trials.filter(({ meanwhile }) => meanwhile === undefined),
    width,
    run,
  );
  await spread(
    trials.filter(({ meanwhile }) => meanwhile !== undefined),
    1,
    run,
  );
  // Those that wait are left out: a command each would have walls of its own, built on what was put there meanwhile.
  const missing = (trial: AttackTrial) =>
    allOf(trial).filter(
      (number) => runs.get(trial)?.get(number)?.ending.kind === "lost" && number < (trial.waitsAt ?? trial.count),
    );
  const again = trials.filter((trial) => missing(trial).length > 0);
  if (again.length > 0) {
    await spread(again, 8, (trial) => trial.write(trialLines(trial, missing(trial))));
    await box.systemctl("daemon-reload");
    await spread(again, width, async (trial) => {
      for (const [number, run] of await start(box, trial, missing(trial))) {
        runs.get(trial)?.set(number, run);
      }
    });
  }
  const lost: Run = { records: [], began: false, ending: { kind: "lost", reason: "it never ran" } };
  return trials.map((trial) => allOf(trial).map((number) => runs.get(trial)?.get(number) ?? lost));
}
