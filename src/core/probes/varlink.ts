/**
 * Asking a daemon by Varlink: one JSON object and a NUL, and the same back. Facts: Varlink's "Protocol"; systemd's sd-varlink.c, in
 * which a server is closed to all but root (VARLINK_SERVER_ROOT_ONLY), or looks at who is there method by method.
 */
import { SOCKET_FLAGS } from "../kernel/socket-type.ts";
import { ascii, bytes, call, number, resultOf, room, step } from "./act.ts";
import type { KnownAnswer, Machine, NotApplicable, Step } from "./probe.ts";
import { connectStep, pathAddress, reachNeed, socketStep, withoutListener } from "./socket.ts";

const MESSAGE_ROOM = 4096;

/**
 * A server that is closed to others answers root also of what it cannot do. Where there is an error, it comes first; parameters that are
 * none are left out by the newest.
 */
const ANSWERS: readonly KnownAnswer[] = [
  { means: "it refuses", bytes: ascii("PermissionDenied") },
  { means: "it would, if it could", bytes: ascii("MethodNotFound") },
  { means: "it has done so", bytes: ascii('{"parameters"') },
  { means: "it has done so", bytes: [...ascii("{}"), 0] },
];
const REFUSED = 1;

/** A method of a daemon, with its parameters as JSON. */
export interface VarlinkRequest {
  readonly method: string;
  readonly parameters: string;
}

/** Calls a method of the daemon at a path, which looks at who is there before it does anything. */
export function askVarlink(
  machine: Machine,
  address: string,
  { method, parameters }: VarlinkRequest,
): readonly Step[] | NotApplicable {
  const asked = [...ascii(`{"method":"${method}","parameters":${parameters}}`), 0];
  const read = call("read", resultOf("socket"), room(MESSAGE_ROOM, "said"), number(MESSAGE_ROOM));
  return (
    withoutListener(machine, address) ?? [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
      connectStep(pathAddress(address), [reachNeed(address, "connect")]),
      step("ask", call("write", resultOf("socket"), bytes(asked), number(asked.length)), [], { atLeast: asked.length }),
      step("obeyed", read, [{ kind: "trust", address }], { answers: ANSWERS, atLeast: REFUSED + 1 }),
    ]
  );
}
