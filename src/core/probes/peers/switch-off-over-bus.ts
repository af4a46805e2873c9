/** Asks the daemon that keeps sessions whether it would switch the machine off. Facts: org.freedesktop.login1(5), CanPowerOff. */
import { busSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

const LOGIN = {
  destination: "org.freedesktop.login1",
  path: "/org/freedesktop/login1",
  interface: "org.freedesktop.login1.Manager",
};

/** The attack: have the machine switched off by the daemon that keeps sessions. */
export const switchOffOverBus: Probe = {
  id: "switch-off-over-bus",
  title: "ask over the message bus to switch the machine off",
  gain: "The machine switched off, restarted or put to sleep, without any call that a filter could name.",
  goals: ["switch-off"],
  steps: (machine) => busSteps(machine, LOGIN, { member: "CanPowerOff", signature: "", body: [], saying: "yes" }),
};
