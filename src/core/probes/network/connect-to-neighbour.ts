/** Connects to another service of the network. */
import type { Probe } from "../probe.ts";
import { connectTcp } from "../socket.ts";

/** The attack: reach another service over the network. */
export const connectToNeighbour: Probe = {
  id: "connect-to-neighbour",
  title: "connect to another service's port",
  gain: "Services that trust whoever is inside.",
  goals: ["move-on"],
  steps: (machine) => connectTcp(machine.neighbour.address, machine.neighbour.port),
};
