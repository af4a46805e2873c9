/** Reads a file below /root that only root may read. */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read a secret in root's home. */
export const readRootHome: Probe = {
  id: "read-root-home",
  title: "read a secret in root's home",
  gain: "The keys with which root logs in elsewhere.",
  goals: ["read-secrets"],
  steps: (machine) => readFile(machine, machine.rootSecret),
};
