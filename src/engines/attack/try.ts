/**
 * Tries attacks from inside a unit: its own program's file is replaced by the attacks, a drop-in makes it a oneshot with
 * one command per attack, and everything else about the unit stays. Facts: systemd.service(5), systemd.exec(5); a file
 * written by append: is opened before any wall stands.
 */
import { readFile } from "node:fs/promises";
import type { Run } from "../../core/probes/observed.ts";
import { quoteValue } from "../../core/unit/print.ts";
import { describeFailure } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { Box } from "../box/box.ts";
import { COLLECTED } from "./stage.ts";
import { runsOf } from "./transcript.ts";

/** Sorts after every drop-in but the hardware guard's. */
const DROP_IN = "zzzz-cloison-attack.conf";
const TIME_LIMIT_SECONDS = 300;

/** What a unit that tries attacks is made of. */
export interface Trial {
  /** Name with suffix. */
  readonly unit: string;
  /** The path at which the attacks stand, free of symbolic links. */
  readonly path: string;
  /** How many attacks the file there holds. */
  readonly count: number;
  /** Prefixes that the unit's own command has: `+`, `!`, `!!` or none. */
  readonly prefix: string;
  /** Where the records go; differs between trials of one unit. */
  readonly output: string;
}

/** A path as a word of an Exec line. */
function word(path: string): string {
  const quoted = quoteValue(path);
  if (quoted.ok) return quoted.value;
  throw new SystemError("attack", { path, reason: quoted.diagnostics[0]?.message ?? "its name cannot be written" });
}

/** The lines of [Service] that make a unit try attacks; for a unit of one's own they are enough. */
export function trialLines(trial: Trial): readonly string[] {
  const program = word(trial.path);
  return [
    "Type=oneshot",
    "RemainAfterExit=yes",
    "Restart=no",
    ...["Condition", "StartPre", "Start", "StartPost", "Reload", "Stop", "StopPost"].map((key) => `Exec${key}=`),
    ...Array.from({ length: trial.count }, (_, number) => `ExecStart=-${trial.prefix}${program} ${number}`),
    `StandardOutput=append:${trial.output}`,
    "StandardError=null",
    "StandardInput=null",
    `TimeoutStartSec=${TIME_LIMIT_SECONDS}`,
    "WatchdogSec=0",
    "PIDFile=",
    "RootDirectoryStartOnly=no",
  ];
}

/** Writes the drop-in that makes an existing unit try attacks. A daemon-reload must follow. */
export async function armUnit(box: Box, trial: Trial): Promise<void> {
  const text = ["[Unit]", "StartLimitIntervalSec=0", "OnFailure=", "OnSuccess=", "[Service]", ...trialLines(trial)];
  await box.writeFile(dropInOf(trial.unit), `${text.join("\n")}\n`);
}

/** Where `armUnit` writes. */
export function dropInOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/${DROP_IN}`;
}

/** A fresh place for records. */
export function outputOf(name: string): string {
  return `${COLLECTED}/${name}`;
}

/** Starts the unit, waits for its commands to end, and collects what they said. */
export async function tryAttacks(box: Box, trial: Trial): Promise<readonly Run[]> {
  const started = await box.systemctl("restart", "--", trial.unit);
  const shown = await box.showProperties(trial.unit, ["ExecStart", "Result"]);
  const output = await readFile(`${box.root}${trial.output}`).catch(() => new Uint8Array());
  const why = started.status === 0 ? "systemd tells no end of this attack" : describeFailure(started);
  return runsOf(trial.count, output, shown.get("ExecStart") ?? "", why);
}
