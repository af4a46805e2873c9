/** Asks PID 1 over the message bus to start a unit whose name is taken. Facts: org.freedesktop.systemd1(5). */
import { BUS_SOCKET } from "../../sandbox/trust.ts";
import { commandRequest, managerSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

/** The attack: have PID 1 run a command, asked over the message bus. */
export const askManagerOverBus: Probe = {
  id: "ask-manager-over-bus",
  title: "ask PID 1 over the message bus to run a command",
  gain: "Any command as root, with every capability and without any wall.",
  goals: ["take-over", "switch-off"],
  steps: (machine) => managerSteps(machine, BUS_SOCKET, commandRequest(machine)),
};
