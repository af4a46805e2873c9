/** Observes a service in a box, from outside: strace on the box's PID 1, and what the kernel says of capabilities. */
import { readFileSync } from "node:fs";
import type { Observation, Phase } from "../../core/action/action.ts";
import { canonical } from "../../core/action/merge.ts";
import { straceReader } from "../../core/action/strace/reader.ts";
import type { Box } from "../box/contract.ts";
import { traceTree } from "./strace.ts";
import { stopClock } from "./untimed.ts";
import { isInUnit, processFactsIn, worldOf } from "./world.ts";

/** What the caller does with the service meanwhile: says which phase begins, then starts, exercises, reloads, stops. */
export type ObservedScript = (phase: (phase: Phase) => Promise<void>) => Promise<void>;

/** How to observe. */
export interface ObserveOptions {
  /** Salted hash of the host's id, hexadecimal, if it is to be recorded. */
  readonly host?: string;
}

function belongsTo(unit: string): (pid: number, cgroup: string | undefined) => boolean | undefined {
  return (pid, cgroup) => {
    if (cgroup !== undefined) return isInUnit(unit, cgroup);
    try {
      return isInUnit(unit, readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    } catch {
      return undefined;
    }
  };
}

/**
 * Observes a unit of a box while `script` runs. Tracing begins before the script and ends after it, so the script must
 * start the service itself. Throws a SystemError if strace is missing or ends, and whatever the script throws.
 */
export async function observeUnit(
  box: Box,
  unit: string,
  script: ObservedScript,
  options: ObserveOptions = {},
): Promise<Observation> {
  const startClock = await stopClock(box, unit);
  const world = worldOf({
    root: box.root,
    before: "",
    began: Date.now(),
    processFacts: processFactsIn(unit, box.root),
  });
  const reader = straceReader({
    unit,
    ...(options.host === undefined ? {} : { host: options.host }),
    belongs: belongsTo(unit),
    world,
  });
  const tracer = await traceTree(box.leader, reader.line);
  try {
    await script(async (phase) => {
      await tracer.settle();
      reader.phase(phase);
    });
  } finally {
    await tracer.detach();
    await startClock();
  }
  return canonical(world.settleFacts(reader.finish()));
}
