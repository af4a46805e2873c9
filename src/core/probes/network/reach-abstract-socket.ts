/** Connects to another service's socket that has no file: only a network namespace guards it. Facts: unix(7). */
import type { Probe } from "../probe.ts";
import { abstractAddress, connectStep, socketStep } from "../socket.ts";

/** The attack: reach another service through an abstract socket. */
export const reachAbstractSocket: Probe = {
  id: "reach-abstract-socket",
  title: "connect to another service's abstract socket",
  gain: "Services that believe nobody else can reach them.",
  goals: ["move-on"],
  steps: (machine) => {
    const name = machine.neighbour.abstractSocket;
    const need = { kind: "address", operation: "connect", family: "AF_UNIX", address: name } as const;
    return [socketStep("AF_UNIX"), connectStep(abstractAddress(name.replace(/^@/, "")), [need])];
  },
};
