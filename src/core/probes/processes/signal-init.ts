/**
 * Sends signal 0 to PID 1, which only asks for the permission. In a PID namespace of its own the service is PID 1 itself: that it
 * is not is the first step. Facts: kill(2), "Signals" in systemd(1), pid_namespaces(7).
 */
import { INIT } from "../act.ts";
import { notPidOneStep, signalSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: signal PID 1. */
export const signalInit: Probe = {
  id: "signal-init",
  title: "send PID 1 a signal",
  gain: "The machine switched off or restarted at once, whatever it was doing.",
  goals: ["switch-off"],
  steps: () => [notPidOneStep(), ...signalSteps({ pid: 1, process: INIT })],
};
