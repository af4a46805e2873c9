/** The most that a service uses at one time while it lives: looked at now and then, so that what is over in a moment may be missed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Peak } from "../../core/action/action.ts";
import { greatestPeak } from "../../core/action/merge.ts";
import { usageOf } from "../../linux/cgroup-usage.ts";
import type { Box } from "../box/box.ts";

const PAUSE_MS = 300;

/** What is being watched. */
export interface Watching {
  /** Ends it. Undefined if nothing ran whenever it was looked. */
  readonly end: () => Promise<Peak | undefined>;
}

/** Watches the control group of a unit in a box from now on. */
export function watchPeak(box: Box, unit: string): Watching {
  const over = new AbortController();
  const watched = watch(box, unit, over.signal);
  return {
    end: () => {
      over.abort();
      return watched;
    },
  };
}

async function watch(box: Box, unit: string, over: AbortSignal): Promise<Peak | undefined> {
  let peak: Peak | undefined;
  let group = "";
  while (!over.aborted) {
    // It has none before it starts, and the same one ever after.
    group ||= (await box.showProperties(unit, ["ControlGroup"]).catch(() => undefined))?.get("ControlGroup") ?? "";
    const usage = group === "" ? undefined : await usageOf(`${box.cgroup}${group}`);
    peak = greatestPeak(peak, usage);
    await sleep(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
  }
  return peak;
}
