/**
 * Asks the daemon that keeps the machine's name for the name that it has: method_set_hostname in systemd's
 * src/hostname/hostnamed.c asks who that is before it compares. Facts: org.freedesktop.hostname1(5).
 */
import { busSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

const HOSTNAME = {
  destination: "org.freedesktop.hostname1",
  path: "/org/freedesktop/hostname1",
  interface: "org.freedesktop.hostname1",
};

/** The attack: have the machine renamed by the daemon that keeps its name. */
export const changeHostnameOverBus: Probe = {
  id: "change-hostname-over-bus",
  title: "ask over the message bus to rename the machine",
  gain: "Posing as another machine in logs and on the network.",
  goals: ["pose"],
  steps: (machine) => {
    const name = machine.sysctl("kernel.hostname");
    if (name === undefined) {
      return { notApplicable: "the machine's name is not known" };
    }
    return busSteps(machine, HOSTNAME, { member: "SetHostname", signature: "sb", body: [name, false] });
  },
};
