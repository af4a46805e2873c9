/**
 * Asking a daemon by Varlink: one JSON object and a NUL, and the same back. Facts: Varlink's "Protocol"; systemd's sd-varlink.c, as
 * which a daemon closes the connection of whom it does not obey.
 */
import { SOCKET_FLAGS } from "../kernel/socket-type.ts";
import { ascii, bytes, call, number, resultOf, room, step } from "./act.ts";
import type { KnownAnswer, Machine, NotApplicable, Step } from "./probe.ts";
import { connectStep, pathAddress, reachNeed, socketStep } from "./socket.ts";

const MESSAGE_ROOM = 4096;

/** Of an error both stand in the answer, of a reply the second alone. */
const ANSWERS: readonly KnownAnswer[] = [
  { means: "it refuses", bytes: ascii('"error"') },
  { means: "it has done so", bytes: ascii('"parameters"') },
];

/** Calls a method that takes no parameters of the daemon at a path. */
export function askVarlink(machine: Machine, address: string, method: string): readonly Step[] | NotApplicable {
  if (machine.peers.every((peer) => peer.address !== address)) {
    return { notApplicable: `nobody listens at ${address}` };
  }
  const asked = [...ascii(`{"method":"${method}","parameters":{}}`), 0];
  const read = call("read", resultOf("socket"), room(MESSAGE_ROOM, "said"), number(MESSAGE_ROOM));
  return [
    socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
    connectStep(pathAddress(address), [reachNeed(address, "connect")]),
    step("ask", call("write", resultOf("socket"), bytes(asked), number(asked.length)), [], { atLeast: asked.length }),
    step("obeyed", read, [{ kind: "trust", address }], { answers: ANSWERS, exactly: 2 }),
  ];
}
