/** A plan: a readable list of kernel operations, printed, diffed, and compiled to machine code (core/elf). */
import type { Call } from "../action/action.ts";

/** One kernel operation. */
export type Operation =
  /** A system call; its return value is known to later operations by `name`. */
  | { readonly kind: "call"; readonly name: string; readonly call: Call; readonly onError: "stop" | "record" }
  /** A child (vfork-like) executes a file; the result is 0, or the error of execve; then the child is waited for. */
  | {
      readonly kind: "spawn";
      readonly name: string;
      readonly path: string;
      readonly argv: readonly string[];
      readonly onError: "stop" | "record";
    }
  /** Runs the operations in a forked child and waits; the result is its exit status or minus the signal. */
  | {
      readonly kind: "child";
      readonly name: string;
      readonly operations: readonly Operation[];
      readonly onError: "stop" | "record";
    };

/** A plan to be compiled. */
export interface Plan {
  readonly operations: readonly Operation[];
}
