/** Attaches to the process of a service of the same user, which has no capability that the kernel would guard it for. */
import { againstTwin, seizeSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: trace another service of the same user. */
export const traceTwin: Probe = {
  id: "trace-twin",
  title: "attach to another service of the same user as a debugger",
  gain: "Its memory, its files, its connections, and what its walls leave open and these do not.",
  goals: ["become-another", "read-secrets", "spy-or-stop"],
  steps: (machine) => againstTwin(machine, seizeSteps),
};
