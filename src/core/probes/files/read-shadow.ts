/** Reads /etc/shadow, judged by the bytes that come: an inaccessible file can still be opened by root. Facts: shadow(5). */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read the password hashes. */
export const readShadow: Probe = {
  id: "read-shadow",
  title: "read the password hashes",
  gain: "Cracked passwords of every account of the machine.",
  goals: ["read-secrets"],
  steps: (machine) => readFile(machine, "/etc/shadow"),
};
