/** Talking to the daemons of the stage: they say to whoever connects that they would do what is asked, or not, and wait for no question. */
import { SOCKET_FLAGS } from "../kernel/socket-type.ts";
import { ascii, call, number, resultOf, room, step } from "./act.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";
import { connectStep, pathAddress, reachNeed, socketStep, withoutListener } from "./socket.ts";

/** It takes the other end for somebody whom it obeys. */
export const DAEMON_OBEYS: readonly number[] = ascii("obeyed\n");
/** It does not. */
export const DAEMON_REFUSES: readonly number[] = ascii("refused\n");

const SAID = 64;

/** Being obeyed by the one that listens at this address. */
export function daemonSteps(machine: Machine, address: string): readonly Step[] | NotApplicable {
  const read = call("read", resultOf("socket"), room(SAID, "said"), number(SAID));
  const answers = [
    { means: "it obeys", bytes: DAEMON_OBEYS },
    { means: "it refuses", bytes: DAEMON_REFUSES },
  ];
  return (
    withoutListener(machine, address) ?? [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
      connectStep(pathAddress(address), [reachNeed(address, "connect")]),
      step("obeyed", read, [{ kind: "trust", address }], { answers, exactly: 1 }),
    ]
  );
}
