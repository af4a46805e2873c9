/** Opens the terminal of another user for writing, and writes nothing. Facts: pts(4); tty(4); O_NOCTTY in open(2). */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: write to another user's terminal. */
export const writeToTerminal: Probe = {
  id: "write-to-terminal",
  title: "write to another user's terminal",
  gain: "Words on an administrator's screen, and commands of the terminal that make it answer.",
  goals: ["spy-or-stop", "become-another"],
  steps: (machine) =>
    machine.terminal === undefined
      ? { notApplicable: "there are no terminals" }
      : [openStep(machine, machine.terminal, "write", { flags: OPEN_FLAGS.O_NOCTTY | OPEN_FLAGS.O_NONBLOCK })],
};
