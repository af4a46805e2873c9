/** Asks PID 1 over its own socket to start a unit whose name is taken. Facts: bus_check_peercred in systemd's src/core/dbus.c. */
import { MANAGER_SOCKET } from "../../sandbox/trust.ts";
import { commandRequest, managerSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

/** The attack: have PID 1 run a command, asked over its own socket. */
export const askManager: Probe = {
  id: "ask-manager",
  title: "ask PID 1 to run a command",
  gain: "Any command as root, with every capability and without any wall.",
  goals: ["take-over", "switch-off"],
  steps: (machine) => managerSteps(machine, MANAGER_SOCKET, commandRequest(machine)),
};
