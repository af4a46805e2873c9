/** Takes watchdogs and time-outs away while a service is observed: tracing slows it down. Facts: systemd.service(5), systemd.unit(5). */
import type { Box } from "../box/contract.ts";

/** Read after every other drop-in of the unit, and gone with the box. */
export function untimedPath(unit: string): string {
  return `/run/systemd/system/${unit}.d/zzz-cloison-observation.conf`;
}

/**
 * The drop-in that stops the clock of a service. `stopSeconds` is how long it may take to stop: a service that ignores
 * the request has to be killed some time, observed or not.
 */
export function untimedDropIn(stopSeconds: number): string {
  return [
    "[Unit]",
    "StartLimitIntervalSec=0",
    "JobTimeoutSec=infinity",
    "",
    "[Service]",
    "WatchdogSec=0",
    "TimeoutStartSec=infinity",
    `TimeoutStopSec=${stopSeconds}`,
    "RuntimeMaxSec=infinity",
    "",
  ].join("\n");
}

/** How much slower a service that makes many calls may become under strace, at worst. */
const SLOWER = 3;
const LONGEST_STOP = 600;

/** Writes the drop-in into a box and has it read; gives what takes it away again. */
export async function stopClock(box: Box, unit: string): Promise<() => Promise<void>> {
  const seconds = secondsOf(await stopTimeout(box, unit)) * SLOWER;
  await box.writeFile(untimedPath(unit), untimedDropIn(Math.min(Math.max(seconds, 30), LONGEST_STOP)));
  await box.systemctl("daemon-reload");
  return async () => {
    await box.run(["rm", "-f", untimedPath(unit)]);
    await box.systemctl("daemon-reload");
  };
}

/** A template has no properties of its own: its instances get the manager's default. */
async function stopTimeout(box: Box, unit: string): Promise<string> {
  if (unit.includes("@.")) {
    return DEFAULT_STOP;
  }
  return (await box.showProperties(unit, ["TimeoutStopUSec"])).get("TimeoutStopUSec") ?? DEFAULT_STOP;
}

const DEFAULT_STOP = "1min 30s";
const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };

/** A time span as systemctl shows it, `1min 30s`, in whole seconds; `infinity` is long. */
export function secondsOf(text: string): number {
  if (text === "infinity") {
    return LONGEST_STOP;
  }
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(us|ms|s|min|h|d)\b/g)) {
    sum += Number(number) * (UNITS[unit ?? "s"] ?? 1);
  }
  return Math.ceil(sum);
}
