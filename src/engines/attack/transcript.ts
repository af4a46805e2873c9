/**
 * What is left of a unit that tried attacks: the records of its programs, and how systemd says that each command ended.
 * Form of ExecStartEx=: `systemctl show`, systemd 257.
 */
import { decodeRecords, type StepRecord } from "../../core/elf/record.ts";
import type { Ending, Run } from "../../core/probes/observed.ts";

/** The status of the kill by a filter, as systemd prints it. */
const STATUS = /code=(exited|killed|dumped) ; status=(\d+)(?:\/(\w+))? \}$/;
const ARGUMENT = / ; argv\[\]=.* (\d+) ; (?:ignore_errors|flags)=/;

/** How each command ended, by the number in its last argument. */
export function endings(execStart: string): ReadonlyMap<number, Ending> {
  const ended = new Map<number, Ending>();
  for (const line of execStart.split("\n")) {
    const number = ARGUMENT.exec(line)?.[1];
    const [, code, status, signal] = STATUS.exec(line) ?? [];
    if (number === undefined || code === undefined) continue;
    ended.set(
      Number(number),
      code === "exited"
        ? { kind: "exited", status: Number(status) }
        : { kind: "killed", signal: `SIG${signal ?? status}` },
    );
  }
  return ended;
}

/** The records of each program, by its number, without the ones that begin it. */
export function recordsByProgram(bytes: Uint8Array): ReadonlyMap<number, readonly StepRecord[]> {
  const programs = new Map<number, StepRecord[]>();
  let current: StepRecord[] | undefined;
  for (const record of decodeRecords(bytes)) {
    if (record.kind === "program") {
      current = [];
      programs.set(record.index, current);
    } else {
      current?.push(record);
    }
  }
  return programs;
}

/** The runs of `count` programs. A program that wrote nothing is known by its ending alone. */
export function runsOf(count: number, output: Uint8Array, execStart: string, lost: string): readonly Run[] {
  const ended = endings(execStart);
  const programs = recordsByProgram(output);
  return Array.from({ length: count }, (_, number) => {
    const records = programs.get(number);
    const ending = ended.get(number) ?? { kind: "lost", reason: lost };
    return { records: records ?? [], began: records !== undefined, ending };
  });
}
