/** Takes up a little of the disk, and gives it back. Facts: file-hierarchy(7), /var/tmp. */
import type { Probe } from "../probe.ts";
import { takeRoom } from "./_room.ts";

/** The attack: fill the disk. */
export const fillDisk: Probe = {
  id: "fill-disk",
  title: "fill the disk",
  gain: "Databases and logs that stop: nobody else can write any more.",
  goals: ["use-up"],
  steps: (machine) => takeRoom(machine, "/var/tmp"),
};
