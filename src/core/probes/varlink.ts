/**
 * Asking a daemon by Varlink: one JSON object and a NUL, and the same back. Facts: Varlink's "Protocol"; systemd's sd-varlink.c, in
 * which a server is closed to all but root (VARLINK_SERVER_ROOT_ONLY), or looks at who is there method by method.
 */
import { ascii, step, writeStep } from "./act.ts";
import type { KnownAnswer, Machine, NotApplicable, Step } from "./probe.ts";
import { hearCall, talkTo } from "./socket.ts";

const MESSAGE_ROOM = 4096;

/**
 * Such a server tells even root when it lacks a method. In an answer the error comes first; the newest systemd leaves out empty
 * parameters.
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
  const read = hearCall(MESSAGE_ROOM);
  return talkTo(machine, address, [
    writeStep("ask", "socket", asked),
    step("obeyed", read, [{ kind: "trust", address }], { answers: ANSWERS, atLeast: REFUSED + 1 }),
  ]);
}
