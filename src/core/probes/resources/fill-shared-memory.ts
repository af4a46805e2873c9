/** Takes up a little memory that outlives the process, and gives it back. Facts: shm_overview(7), tmpfs(5). */
import type { Probe } from "../probe.ts";
import { takeRoom } from "./_room.ts";

/** The attack: fill the memory with files that stay when the service is stopped. */
export const fillSharedMemory: Probe = {
  id: "fill-shared-memory",
  title: "fill the memory with files that stay",
  gain: "Half of the machine's memory gone, until somebody finds out where.",
  goals: ["use-up"],
  steps: (machine) => takeRoom(machine, "/dev/shm"),
};
