/** Observes a service in a box, from outside: strace on the box's PID 1, and what the kernel says of capabilities. */
import { readFileSync } from "node:fs";
import type { Observation, Phase } from "../../core/action/action.ts";
import { canonical } from "../../core/action/merge.ts";
import { withoutIdleChecks } from "../../core/trace/capability/set-group-id.ts";
import { type StraceReader, straceReader } from "../../core/trace/strace/reader.ts";
import type { Box } from "../box/contract.ts";
import { type CapabilityTracer, traceCapabilities } from "./capabilities.ts";
import { hostHash } from "./host-hash.ts";
import { repeatingLostStops } from "./lost-signal.ts";
import { traceTree } from "./strace.ts";
import { stopClock } from "./untimed.ts";
import { unwalledPrograms } from "./unwalled.ts";
import { type BoxWorld, isInUnit, processFactsIn, worldOf } from "./world.ts";

/** What the caller does with the service meanwhile: says which phase begins, then starts, exercises, reloads, stops. */
export type ObservedScript = (phase: (phase: Phase) => Promise<void>) => Promise<void>;

/** How to observe. */
export interface ObserveOptions {
  /** Salted hash of the host's id, hexadecimal. Default: derived from this machine's id, if it has one. */
  readonly host?: string;
  /** Whether to ask the kernel which capabilities are checked, where it can tell. Default: yes. */
  readonly capabilities?: boolean;
  /** Hears, before the script begins, whether the kernel tells them. */
  readonly onCapabilities?: (traced: boolean) => void;
  /** The program to run in place of the strace in PATH. */
  readonly strace?: string;
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

interface Reading {
  readonly reader: StraceReader;
  readonly world: BoxWorld;
}

async function readingOf(box: Box, unit: string, options: ObserveOptions): Promise<Reading> {
  const processFacts = processFactsIn(unit, box.root);
  const world = worldOf({ root: box.root, before: "", began: Date.now(), processFacts });
  const unwalled = await unwalledPrograms(box, unit, (path) => world.resolve?.(path, true) ?? path);
  const hash = options.host ?? (await hostHash());
  const host = hash === undefined ? {} : { host: hash };
  return { reader: straceReader({ unit, ...host, belongs: belongsTo(unit), unwalled, world }), world };
}

/**
 * Observes a unit of a box while `script` runs; of a template, all its instances. Tracing begins before the script and
 * ends after it, so the script must start the service itself. Throws a SystemError if strace is missing or ends, and
 * whatever the script throws.
 */
export async function observeUnit(
  box: Box,
  unit: string,
  script: ObservedScript,
  options: ObserveOptions = {},
): Promise<Observation> {
  const startClock = await stopClock(box, unit);
  try {
    const { reader, world } = await readingOf(box, unit, options);
    const capabilities = await startCapabilities(box, options);
    options.onCapabilities?.(capabilities.kind === "tracing");
    try {
      await repeatingLostStops(box, unit, () => traced(box, { reader, script, capabilities, strace: options.strace }));
    } finally {
      if (capabilities.kind === "tracing") {
        await capabilities.finish({ own: (pid) => reader.own.get(pid) }, reader.collector);
      }
    }
    return canonical(withoutIdleChecks(world.settleFacts(reader.finish())));
  } finally {
    await startClock();
  }
}

interface Tracing {
  readonly reader: StraceReader;
  readonly script: ObservedScript;
  readonly capabilities: CapabilityTracer;
  readonly strace: string | undefined;
}

/** Runs the script with strace attached, and detaches whatever happens. */
async function traced(box: Box, { reader, script, capabilities, strace }: Tracing): Promise<void> {
  const tracer = await traceTree(box.leader, reader.line, strace);
  try {
    await script(async (phase) => {
      await tracer.settle();
      reader.phase(phase);
      if (capabilities.kind === "tracing") capabilities.phase(phase);
    });
  } finally {
    await tracer.detach();
  }
}

async function startCapabilities(box: Box, options: ObserveOptions): Promise<CapabilityTracer> {
  if (options.capabilities === false) return { kind: "unavailable", reason: "not asked for" };
  return traceCapabilities(box.leader);
}
