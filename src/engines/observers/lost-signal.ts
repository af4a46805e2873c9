/**
 * A signal to a process is given to one of its threads, and never to one that a tracer holds at that moment: a service
 * whose main thread waits for SIGTERM may miss it, and would hang until it is killed, because it is observed and for no
 * other reason. Facts: complete_signal() and wants_signal() in kernel/signal.c; seen with systemd-journal-gatewayd.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Box } from "../box/contract.ts";

/** A service that still has not stopped when it is looked at twice, so far apart, is told again. */
const APART_MS = 5000;

/** Tells a unit again to stop as long as it does not, while `work` runs. */
export async function repeatingLostStops<T>(box: Box, unit: string, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const watching = watch(box, unit, ended.signal);
  try {
    return await work();
  } finally {
    ended.abort();
    await watching;
  }
}

async function watch(box: Box, unit: string, ended: AbortSignal): Promise<void> {
  let before = "";
  while (await passed(ended)) {
    const shown = await box.showProperties(unit, ["SubState", "MainPID", "KillSignal"]).catch(() => undefined);
    const state = `${shown?.get("SubState")} ${shown?.get("MainPID")}`;
    const signal = shown?.get("KillSignal");
    if (state === before && state.startsWith("stop-sigterm ") && signal !== undefined) {
      await box.systemctl("kill", "--kill-whom=main", `--signal=${signal}`, unit).catch(() => undefined);
    }
    before = state;
  }
}

/** Whether the time between two looks passed before the end came. */
function passed(ended: AbortSignal): Promise<boolean> {
  return sleep(APART_MS, true, { signal: ended }).catch(() => false);
}
