/** Talking to the daemons of the stage: they say to whoever connects that they would do what is asked, or not, and wait for no question. */
import { ascii, step } from "./act.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";
import { hearCall, talkTo } from "./socket.ts";

/** It takes the other end for somebody whom it obeys. */
export const DAEMON_OBEYS: readonly number[] = ascii("obeyed\n");
/** It does not. */
export const DAEMON_REFUSES: readonly number[] = ascii("refused\n");

const SAID = 64;

/** Being obeyed by the one that listens at this address. */
export function daemonSteps(machine: Machine, address: string): readonly Step[] | NotApplicable {
  const answers = [
    { means: "it obeys", bytes: DAEMON_OBEYS },
    { means: "it refuses", bytes: DAEMON_REFUSES },
  ];
  return talkTo(machine, address, [
    step("obeyed", hearCall(SAID), [{ kind: "trust", address }], { answers, exactly: 1 }),
  ]);
}
