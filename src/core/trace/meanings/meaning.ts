/** What a call means: which of its numbers a wall may look at, what it needs, and what it changes in the process itself. */

import type { Need } from "../../action/action.ts";
import type { SyscallName } from "../../kernel/syscalls/syscall.ts";
import type { FinishedCall } from "../call/call.ts";

/** The meaning of one call. A call without one is recorded by its name alone. */
export interface Meaning {
  /** Argument positions that a filter or wall may look at, ascending. */
  readonly numbers?: readonly number[];
  readonly needs?: (call: FinishedCall) => readonly Need[];
  /** Updates what is remembered of the process; called for every process of the trace, after `needs`. */
  readonly effect?: (call: FinishedCall) => void;
}

/** Meanings by name. */
export type Meanings = Readonly<Partial<Record<SyscallName, Meaning>>>;

/** One meaning for several calls. */
export function each(names: readonly SyscallName[], meaning: Meaning): Meanings {
  return Object.fromEntries(names.map((name) => [name, meaning]));
}
