/**
 * When a service can be asked for something: started does not mean that it listens. It is watched from outside, by its
 * descriptors; nothing connects to it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { processesBelow, processorTime } from "../../linux/cgroup.ts";
import { type Endpoint, endpointsOf } from "../../linux/listening.ts";
import type { Box } from "../box/box.ts";

/** What is known of a service that may not be ready yet. */
export interface Waiting {
  readonly name: string;
  readonly type: string;
  /** What it listened on when it was ready before; undefined: it never was. */
  readonly expected: readonly Endpoint[] | undefined;
  /** How many times slower than by itself it is: it may be traced. */
  readonly slower: number;
  readonly limitMs: number;
}

/** Where it can be reached now, and what of the expected is missing. */
export interface Readiness {
  readonly listens: readonly Endpoint[];
  readonly missing: readonly Endpoint[];
}

/** How often to look. */
const LOOK_MS = 25;
/** A service that listens is ready when nothing was added for so long, busy or at rest. */
const SETTLED_MS = { resting: 300, busy: 3000 };
/** One that listens on nothing will not when it has rested for so long: it said that it was ready, or could not say. */
const SILENT_MS = { told: 1000, untold: 5000 };
/** Something expected that is missing will not come when nothing has changed for so long at rest. */
const MISSING_MS = 2000;
/** The part of one processor up to which a service is at rest. */
const RESTING = 0.02;
const LONGEST_MS = 60_000;

interface Look {
  readonly processes: number;
  readonly listens: readonly Endpoint[];
  readonly processor: number;
}

/** Waits until a service listens on what is expected, or on what it is going to. Gives up when it has come to rest. */
export async function whenReady(box: Box, waiting: Waiting): Promise<Readiness> {
  const directory = await unitCgroup(box, waiting.name);
  if (directory === undefined) {
    return { listens: [], missing: [] };
  }
  const began = Date.now();
  const limit = Math.min(waiting.limitMs, LONGEST_MS) * waiting.slower;
  let since = { ...(await look(directory)), at: began };
  for (;;) {
    const now = await look(directory);
    const at = Date.now();
    if (names(now.listens) !== names(since.listens)) {
      since = { ...now, at };
    }
    const missing = missingOf(waiting.expected, now.listens);
    const quietMs = (at - since.at) / waiting.slower;
    const resting = (now.processor - since.processor) / 1000 <= RESTING * (at - since.at);
    const over = now.processes === 0 || at - began > limit;
    if (over || settled(waiting, { listens: now.listens.length > 0, missing: missing.length > 0, quietMs, resting })) {
      return { listens: now.listens, missing };
    }
    // What was used long ago does not make it busy now.
    if (!resting && at - since.at > SETTLED_MS.busy * waiting.slower) {
      since = { ...now, at };
    }
    await sleep(LOOK_MS);
  }
}

interface State {
  readonly listens: boolean;
  readonly missing: boolean;
  readonly quietMs: number;
  readonly resting: boolean;
}

function settled({ expected, type, slower }: Waiting, { listens, missing, quietMs, resting }: State): boolean {
  if (expected !== undefined) {
    return !missing || (resting && quietMs >= MISSING_MS);
  }
  if (listens) {
    return quietMs >= (resting ? SETTLED_MS.resting : SETTLED_MS.busy - LOOK_MS);
  }
  const told = type.startsWith("notify") || type === "dbus" || type === "forking";
  return resting && quietMs * slower >= (told ? SILENT_MS.told : SILENT_MS.untold);
}

/** Where a unit's processes are, as a path of the host; undefined if it has none. */
async function unitCgroup(box: Box, unit: string): Promise<string | undefined> {
  const group = (await box.showProperties(unit, ["ControlGroup"])).get("ControlGroup") ?? "";
  return group === "" ? undefined : `${box.cgroup}${group}`;
}

async function look(directory: string): Promise<Look> {
  const pids = await processesBelow(directory);
  const [listens, processor] = await Promise.all([endpointsOf(pids), processorTime(directory)]);
  return { processes: pids.length, listens, processor };
}

function missingOf(expected: readonly Endpoint[] | undefined, found: readonly Endpoint[]): readonly Endpoint[] {
  const there = new Set(found.map(({ name }) => name));
  return (expected ?? []).filter(({ name }) => !there.has(name));
}

function names(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ name }) => name).join("\n");
}
