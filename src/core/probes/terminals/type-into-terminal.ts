/**
 * Types into the terminal of another user, from an address where there is no character: tiocsti in the kernel's drivers/tty/tty_io.c
 * finds that out last. Facts: TIOCSTI in ioctl_tty(2); on one's own terminal alone it is free, where dev.tty.legacy_tiocsti is not 0.
 */
import { IOCTLS } from "../../kernel/ioctl-request.ts";
import { call, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";
import { openTerminal } from "./_terminal.ts";

/** The attack: type commands into another user's terminal. */
export const typeIntoTerminal: Probe = {
  id: "type-into-terminal",
  title: "type commands into another user's terminal",
  gain: "Commands that the shell of whoever sits there runs, with all that they may do.",
  goals: ["become-another", "take-over"],
  steps: (machine) =>
    openTerminal(machine, [
      step(
        "type",
        call("ioctl", resultOf("open"), number(IOCTLS.TIOCSTI), number(0)),
        [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }],
        { past: ["EFAULT"] },
      ),
    ]),
};
