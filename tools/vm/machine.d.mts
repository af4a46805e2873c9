/** The types of machine.mjs, for tests and whoever imports it from TypeScript. */
import type { CommandResult } from "../../src/linux/spawn.ts";
import type { Machine } from "../../test/live/fixtures/apply-host.ts";

/** A machine that can go down and come up again. */
export interface VirtualMachine extends Machine {
  readonly boot: () => Promise<void>;
  /** Pulls the plug. */
  readonly crash: () => Promise<void>;
  /** Has the machine go down by a command of its own, and waits until it has. */
  readonly goDown: (command: string) => Promise<void>;
  /** Runs a program of this machine in it, whatever its root has. */
  readonly runTool: (argv: readonly string[]) => Promise<CommandResult>;
  /** Writes a file of this machine that its tools find at the path that is returned. */
  readonly leaveFile: (name: string, content: string) => string;
  /** Pulls the plug, and the disk with it. */
  readonly discard: () => Promise<void>;
}
export function makeMachine(options?: { readonly memoryMiB?: number; readonly root?: string }): VirtualMachine;
