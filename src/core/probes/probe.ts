/**
 * What a probe is: one attack, one file. Its steps are actions; the same value is compiled to machine code and given to
 * `judge`, so there is no "expected" anywhere.
 */
import type { Action, FileFacts, ProcessFacts } from "../action/action.ts";
import type { ErrnoName } from "../kernel/errno.ts";

/** What a probe may ask about the machine on which it will run: gathered by the engine, plain data. */
export interface Machine {
  /** Facts of paths that exist, symlinks resolved; a path that is not there is absent. */
  readonly file: (path: string) => FileFacts | undefined;
  readonly unit: {
    readonly name: string;
    /** The unit's own program, symlinks resolved: where the probe stands. */
    readonly executable: string;
    /** What the unit may be rewritten by: its code, its unit file. */
    readonly fragment: string | undefined;
    readonly stateDirectories: readonly string[];
    readonly ports: readonly number[];
  };
  /** A process of another service, started by the engine beside the unit. */
  readonly neighbour: {
    readonly pid: number;
    readonly process: ProcessFacts;
    readonly home: string;
    readonly address: string;
    readonly port: number;
    readonly abstractSocket: string;
    readonly shmKey: number;
  };
  /** ABIs that this kernel runs. */
  readonly abis: readonly ("x86_64" | "i386" | "x32")[];
}

/** One step. It gets through when the call succeeds with at least `atLeast`, or fails with an error of `past`. */
export interface Step {
  readonly name: string;
  readonly action: Action;
  /** Errors that come after the permission check: the wall was passed. */
  readonly past?: readonly ErrnoName[];
  /** Least return value that counts as success; 0 unless bytes must really come. */
  readonly atLeast?: number;
}

/** One attack. */
export interface Probe {
  /** Stable, kebab-case. */
  readonly id: string;
  /** What the intruder tries, in a few words. */
  readonly title: string;
  /** What they would gain, one sentence. */
  readonly gain: string;
  /** The steps on this machine, or why it has no such target. Never changes anything outside the box. */
  readonly steps: (machine: Machine) => readonly Step[] | { readonly notApplicable: string };
}
