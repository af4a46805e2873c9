/** Connects to another machine of the local network: where its gateway is. */
import type { Probe } from "../probe.ts";
import { connectTcp } from "../socket.ts";

/** The attack: reach another machine. */
export const reachOtherMachine: Probe = {
  id: "reach-other-machine",
  title: "connect to another machine of the local network",
  gain: "Routers, printers and databases that believe the inside is safe.",
  goals: ["move-on"],
  steps: ({ network }) =>
    network === undefined
      ? { notApplicable: "on the machine's own network no machine of ours stands there" }
      : connectTcp(network.gateway.address, network.gateway.port),
};
