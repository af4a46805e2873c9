/**
 * What is left of a unit that tried attacks: the records of its programs, and how each program ended, as its parent or
 * systemd tells. Form of ExecStart=: `systemctl show`, systemd 257; wait status: wait(2).
 */
import { decodeRecords, type StepRecord } from "../../../core/elf/record.ts";
import { signalName } from "../../../core/kernel/signal.ts";
import type { Run, RunEnding } from "../../../core/verdict/observed.ts";

const STATUS = /code=(exited|killed|dumped) ; status=(\d+)(?:\/(\w+))? \}$/;
const ARGUMENT = / ; argv\[\]=.* (\d+) ; (?:ignore_errors|flags)=/;

/** How each command ended, by the number that is its last argument. */
export function endings(execStart: string): ReadonlyMap<number, RunEnding> {
  const ended = new Map<number, RunEnding>();
  for (const line of execStart.split("\n")) {
    const number = ARGUMENT.exec(line)?.[1];
    const [, code, status, signal] = STATUS.exec(line) ?? [];
    if (number === undefined || code === undefined) {
      continue;
    }
    ended.set(
      Number(number),
      code === "exited"
        ? { kind: "exited", status: Number(status) }
        : { kind: "killed", signal: `SIG${signal ?? status}` },
    );
  }
  return ended;
}

/** What a wait status says. */
export function endingOf(waitStatus: number): RunEnding {
  const signal = waitStatus & 0x7f;
  return signal === 0
    ? { kind: "exited", status: (waitStatus >> 8) & 0xff }
    : { kind: "killed", signal: signalName(signal) ?? `signal ${signal}` };
}

/** The runs that the records tell, by the number of the program; one that its parent saw end has its end too. */
export function runsIn(output: Uint8Array): ReadonlyMap<number, Omit<Run, "ending"> & { readonly ending?: RunEnding }> {
  const runs = new Map<number, { records: StepRecord[]; began: boolean; ending?: RunEnding }>();
  let current: StepRecord[] | undefined;
  for (const record of decodeRecords(output)) {
    const { kind, index, value } = record;
    if (kind === "program") {
      current = [];
      runs.set(index, { records: current, began: true });
    } else if (kind === "ended") {
      runs.set(index, { records: [], began: false, ...runs.get(index), ending: endingOf(Number(value)) });
      current = undefined;
    } else if (kind === "waiting") {
      // Whoever follows is another program.
      current = undefined;
    } else {
      current?.push(record);
    }
  }
  return runs;
}

/** The runs of these programs, joined from what was written and what systemd saw; `lost` says why an end is missing. */
export function runsOf(
  programs: readonly number[],
  output: Uint8Array,
  execStart: string,
  lost: string,
): ReadonlyMap<number, Run> {
  const ended = endings(execStart);
  const told = runsIn(output);
  return new Map(
    programs.map((number) => {
      const run = told.get(number);
      const ending = run?.ending ?? ended.get(number) ?? { kind: "lost", reason: lost };
      return [number, { records: run?.records ?? [], began: run?.began ?? false, ending }];
    }),
  );
}
