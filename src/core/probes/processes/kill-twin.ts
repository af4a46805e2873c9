/**
 * Signals a service of the same user. kill(-1, 0) would tell nothing: it answers 0 as soon as any other process is there, whether or
 * not one of them could be signalled (kill_something_info in the kernel's kernel/signal.c).
 */
import { againstTwin, signalSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: kill another service of the same user. */
export const killTwin: Probe = {
  id: "kill-twin",
  title: "kill another service of the same user",
  gain: "All that runs as this user stopped with one call, kill(-1).",
  goals: ["spy-or-stop"],
  steps: (machine) => againstTwin(machine, signalSteps),
};
