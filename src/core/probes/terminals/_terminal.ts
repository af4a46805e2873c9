/** Opening the terminal of another user. Facts: pts(4), O_NOCTTY in open(2). */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { openStep } from "../act.ts";
import type { Machine, NotApplicable, Step } from "../probe.ts";

/** Opens it for writing, where the machine has one, without making it one's own, to go on with these steps. */
export function openTerminal(machine: Machine, then: readonly Step[] = []): readonly Step[] | NotApplicable {
  const flags = OPEN_FLAGS.O_NOCTTY | OPEN_FLAGS.O_NONBLOCK;
  return machine.terminal === undefined
    ? { notApplicable: "there are no terminals" }
    : [openStep(machine, machine.terminal, "write", { flags }), ...then];
}
