/** Gives PID 1 no variable at all for its services, which changes nothing. Facts: org.freedesktop.systemd1(5). */
import { BUS_SOCKET } from "../../sandbox/trust.ts";
import { managerSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

/** The attack: change the environment that PID 1 gives to services. */
export const setManagerEnvironment: Probe = {
  id: "set-manager-environment",
  title: "change the environment of all services",
  gain: "Code of one's own in every service that starts from now on, by LD_PRELOAD.",
  goals: ["take-over"],
  steps: (machine) => managerSteps(machine, BUS_SOCKET, { member: "SetEnvironment", signature: "as", body: [[]] }),
};
