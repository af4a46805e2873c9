/**
 * The table of agreement on one system: it shows it, the model is told what is there, and both are asked of every attack behind
 * every unit. Where they disagree, or a unit did not start that nobody expected to fail, both are asked once more, of these units
 * alone on a fresh system: units that run at the same time can get in each other's way, for a process has one tracer at a time
 * (ptrace(2)), and a directory that several are given one owner.
 */
import type { Probe } from "../../core/probes/probe.ts";
import type { Cell } from "../../core/verdict/agreement.ts";
import { type Case, describeCase } from "../../core/verdict/cases.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import { type Box, bootBox } from "../box/box.ts";
import { askAll } from "./judge.ts";
import { modelJudge } from "./model/model.ts";
import { stageScene } from "./systemd/scene.ts";
import { systemdJudge } from "./systemd/systemd.ts";

/** What came of some units on one system. */
export interface Table {
  readonly systemd: number;
  readonly cells: readonly Cell[];
}

/** Asks both judges on a fresh system, of `width` units at a time. Each cell holds the very case that was asked. */
export type AskOnce = (cases: readonly Case[], width?: number) => Promise<Table>;

/** Asks both judges in a box on the system whose root this is; undefined: this machine's own. */
export function tableOn(root: string | undefined, cases: readonly Case[], probes?: readonly Probe[]): Promise<Table> {
  return settled(async (asked, width) => {
    const box = await bootBox({ forAttacks: true, ...(root === undefined ? {} : { root }) });
    return askIn(box, asked, { width, probes }).finally(() => box.down());
  }, cases);
}

/** Asks wherever `ask` does, and once more of the units that a cell in dispute is of. */
export async function settled(ask: AskOnce, cases: readonly Case[]): Promise<Table> {
  const first = await ask(cases);
  const { cells } = first;
  const disputed = cases.filter((each) => cells.some((cell) => cell.case === each && isDisputed(cell)));
  if (disputed.length === 0) {
    return first;
  }
  const again = await ask(disputed, 1);
  return { ...first, cells: [...cells.filter((cell) => !disputed.includes(cell.case)), ...again.cells] };
}

function isDisputed({ status, judgements }: Cell): boolean {
  const failed = [...judgements.values()].some(({ kind }) => kind === "unstarted");
  return status === "disagree" || (status !== "agree" && failed);
}

/** How many units at a time, and which attacks; absent: as many as is well, and all. */
export interface Extent {
  readonly width?: number | undefined;
  readonly probes?: readonly Probe[] | undefined;
}

/** Asks both judges in this box, which was booted for attacks and has not been asked before. */
export async function askIn(box: Box, cases: readonly Case[], { width, probes }: Extent = {}): Promise<Table> {
  const { version } = await systemdVersion((argv) => box.run(argv));
  const staged = await stageScene(box, cases, probes);
  const judges = [modelJudge({ ineffective: staged.ineffective }), systemdJudge(box, staged, width)];
  return { systemd: version, cells: await askAll(staged, judges) };
}

/** A cell on one line: its unit, the attack, and what each judge says. */
export function describeCell({ case: each, probe, judgements }: Cell): string {
  return `${describeCase(each)} | ${probe} | ${JSON.stringify([...judgements])}`;
}
