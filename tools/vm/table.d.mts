/** The types of table.mjs, for tests and whoever imports it from TypeScript. */
import type { Case } from "../../src/core/verdict/cases.ts";
import type { AskOnce, Table } from "../../src/engines/judges/table.ts";
import type { VirtualMachine } from "./machine.d.mts";

export function askMachine(root: string): AskOnce;
export function askRunning(machine: VirtualMachine, cases: readonly Case[], width?: number): Promise<Table>;
export function effectsOf(machine: VirtualMachine): Promise<{
  readonly systemd: number;
  readonly ineffective: ReadonlyMap<string, string>;
}>;
