/**
 * Asks PID 1 over the message bus to stop a service that nobody may stop by hand: that is looked at after who asks
 * (bus_unit_queue_job in systemd's src/core/dbus-unit.c).
 */
import { BUS_SOCKET } from "../../sandbox/trust.ts";
import { managerSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

/** The attack: stop another service through PID 1. */
export const stopNeighbour: Probe = {
  id: "stop-neighbour",
  title: "ask PID 1 to stop another service",
  gain: "Any service of the machine stopped, at will: the one that would notice first.",
  goals: ["spy-or-stop"],
  steps: (machine) =>
    managerSteps(machine, BUS_SOCKET, {
      member: "StopUnit",
      signature: "ss",
      body: [machine.neighbour.unit, "fail"],
      obeyedBy: "org.freedesktop.systemd1.OnlyByDependency",
    }),
};
