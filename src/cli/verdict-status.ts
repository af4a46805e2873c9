/** The exit status that a verdict gives. */
import type { RunVerdict } from "../core/verdict/overall.ts";
import type { ExitStatus } from "./verb.ts";

const STATUS: Readonly<Record<RunVerdict, ExitStatus>> = { holds: 0, open: 1, violated: 1, unknown: 3 };

/** 0 it holds · 1 it is violated or open · 3 it could not be decided. */
export function statusOf(verdict: RunVerdict): ExitStatus {
  return STATUS[verdict];
}
