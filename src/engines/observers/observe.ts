/** Observes a service in a box, from outside, with all observers that there are. */
import { readFileSync } from "node:fs";
import type { Observation, Phase } from "../../core/action/action.ts";
import { canonical, merge } from "../../core/action/merge.ts";
import { withoutIdleChecks } from "../../core/trace/capability/set-group-id.ts";
import type { OwnProcess, TraceOptions } from "../../core/trace/tree/follow.ts";
import { SystemError } from "../../linux/system-error.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import type { Box } from "../box/contract.ts";
import { capabilityObserver } from "./capability/tracepoint.ts";
import { hostHash } from "./host-hash.ts";
import { repeatingLostStops } from "./lost-signal.ts";
import type { ObservedTree, Observer, Observing } from "./observer.ts";
import { straceObserver } from "./strace/observer.ts";
import { stopClock } from "./untimed.ts";
import { unwalledPrograms } from "./unwalled.ts";
import { type BoxWorld, isInUnit, processFactsIn, worldOf } from "./world.ts";

/** All observers; those that know the service's own processes come first. */
export const OBSERVERS: readonly Observer[] = [straceObserver(), capabilityObserver];

/** What the caller does with the service meanwhile: says which phase begins, then starts, exercises, reloads, stops. */
export type ObservedScript = (phase: (phase: Phase) => Promise<void>) => Promise<void>;

/** How to observe. */
export interface ObserveOptions {
  /** Salted hash of the host's id, hexadecimal. Default: derived from this machine's id, if it has one. */
  readonly host?: string;
  /** Those to use. Default: all. One that tells of calls must work here; others are left out where they cannot. */
  readonly observers?: readonly Observer[];
  /** Hears, before the script begins, of what will be told. */
  readonly onStart?: (tells: ReadonlySet<Observer["tells"]>) => void;
}

function belongsTo(unit: string): (pid: number, cgroup: string | undefined) => boolean | undefined {
  return (pid, cgroup) => {
    if (cgroup !== undefined) {
      return isInUnit(unit, cgroup);
    }
    try {
      return isInUnit(unit, readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    } catch {
      return undefined;
    }
  };
}

/** From this version on systemd starts services by an executor. Source: systemd's NEWS of 255. */
const EXECUTOR_SINCE = 255;

interface Target {
  readonly tree: ObservedTree;
  readonly world: BoxWorld;
}

async function targetOf(box: Box, unit: string, options: ObserveOptions): Promise<Target> {
  const processFacts = processFactsIn(unit, box.root);
  const world = worldOf({ root: box.root, before: "", began: Date.now(), processFacts });
  const unwalled = await unwalledPrograms(box, unit, (path) => world.resolve?.(path, true) ?? path);
  const hash = options.host ?? (await hostHash());
  const host = hash === undefined ? {} : { host: hash };
  const { version } = await systemdVersion((argv) => box.run(argv));
  const direct = version < EXECUTOR_SINCE;
  const trace: TraceOptions = { unit, ...host, belongs: belongsTo(unit), direct, unwalled, world };
  return { tree: { leader: box.leader, trace }, world };
}

/**
 * Observes a unit of a box while `script` runs; of a template, all its instances. Observation begins before the script and
 * ends after it, so the script must start the service itself. Throws a SystemError if nothing can tell of calls, or what
 * does ends by itself, and whatever the script throws.
 */
export async function observeUnit(
  box: Box,
  unit: string,
  script: ObservedScript,
  options: ObserveOptions = {},
): Promise<Observation> {
  const startClock = await stopClock(box, unit);
  try {
    const { tree, world } = await targetOf(box, unit, options);
    const observation = await repeatingLostStops(box, unit, () => observed(tree, script, options));
    return canonical(withoutIdleChecks(world.settleFacts(observation)));
  } finally {
    await startClock();
  }
}

async function observed(tree: ObservedTree, script: ObservedScript, options: ObserveOptions): Promise<Observation> {
  const running: Observing[] = [];
  const told: Observation[] = [];
  try {
    const tells = await startAll(tree, options.observers ?? OBSERVERS, running);
    options.onStart?.(tells);
    await script(async (phase) => {
      await Promise.all(running.map(({ settle }) => settle()));
      for (const one of running) {
        one.phase(phase);
      }
    });
  } finally {
    told.push(...(await stopAll(running)));
  }
  return told.reduce(merge);
}

/** Starts what can work here; those that run are added to `running` at once, so that they are stopped whatever happens. */
async function startAll(
  tree: ObservedTree,
  observers: readonly Observer[],
  running: Observing[],
): Promise<ReadonlySet<Observer["tells"]>> {
  const tells = new Set<Observer["tells"]>();
  for (const observer of observers) {
    const started = await observer.start(tree);
    if (started.kind === "observing") {
      running.push(started);
      tells.add(observer.tells);
    } else if (observer.tells === "calls") {
      const { reason, help } = started;
      throw new SystemError(`run ${observer.name}`, { reason, ...(help === undefined ? {} : { help }) });
    }
  }
  return tells;
}

/** Stops all, also if one of them fails at it; then throws what the first one threw. */
async function stopAll(running: readonly Observing[]): Promise<readonly Observation[]> {
  const own = new Map<number, OwnProcess>();
  const told: Observation[] = [];
  const failures: unknown[] = [];
  for (const one of running) {
    try {
      const { observation, own: known } = await one.stop((pid) => own.get(pid));
      told.push(observation);
      for (const [pid, process] of known) {
        own.set(pid, process);
      }
    } catch (cause) {
      failures.push(cause);
    }
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return told;
}
