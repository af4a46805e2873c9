/** Opens the terminal of another user for writing, and writes nothing. Facts: pts(4); tty(4); O_NOCTTY in open(2). */
import type { Probe } from "../probe.ts";
import { openTerminal } from "./_terminal.ts";

/** The attack: write to another user's terminal. */
export const writeToTerminal: Probe = {
  id: "write-to-terminal",
  title: "write to another user's terminal",
  gain: "Words on an administrator's screen, and commands of the terminal that make it answer.",
  goals: ["spy-or-stop", "become-another"],
  steps: (machine) => openTerminal(machine),
};
