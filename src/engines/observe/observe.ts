/** Observes a service in a box, from outside: strace on the box's PID 1, and what the kernel says of capabilities. */
import { readFileSync } from "node:fs";
import type { Observation, Phase } from "../../core/action/action.ts";
import { canonical } from "../../core/action/merge.ts";
import { type StraceReader, straceReader } from "../../core/action/strace/reader.ts";
import type { Box } from "../box/contract.ts";
import { type CapabilityTracer, traceCapabilities } from "./capabilities.ts";
import { traceTree } from "./strace.ts";
import { stopClock } from "./untimed.ts";
import { type BoxWorld, isInUnit, processFactsIn, worldOf } from "./world.ts";

/** What the caller does with the service meanwhile: says which phase begins, then starts, exercises, reloads, stops. */
export type ObservedScript = (phase: (phase: Phase) => Promise<void>) => Promise<void>;

/** How to observe. */
export interface ObserveOptions {
  /** Salted hash of the host's id, hexadecimal, if it is to be recorded. */
  readonly host?: string;
  /** Whether to ask the kernel which capabilities are checked, where it can tell. Default: yes. */
  readonly capabilities?: boolean;
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

function readerFor(box: Box, unit: string, options: ObserveOptions): { reader: StraceReader; world: BoxWorld } {
  const processFacts = processFactsIn(unit, box.root);
  const world = worldOf({ root: box.root, before: "", began: Date.now(), processFacts });
  const host = options.host === undefined ? {} : { host: options.host };
  return { reader: straceReader({ unit, ...host, belongs: belongsTo(unit), world }), world };
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
  const { reader, world } = readerFor(box, unit, options);
  const capabilities = await startCapabilities(box, options);
  const tracer = await traceTree(box.leader, reader.line);
  try {
    await script(async (phase) => {
      await tracer.settle();
      reader.phase(phase);
      if (capabilities.kind === "tracing") capabilities.phase(phase);
    });
  } finally {
    await tracer.detach();
    if (capabilities.kind === "tracing") {
      await capabilities.finish({ own: (pid) => reader.own.get(pid) }, reader.collector);
    }
    await startClock();
  }
  return canonical(world.settleFacts(reader.finish()));
}

async function startCapabilities(box: Box, options: ObserveOptions): Promise<CapabilityTracer> {
  if (options.capabilities === false) return { kind: "unavailable", reason: "not asked for" };
  return traceCapabilities(box.leader);
}
