/**
 * Waiting for one of several answers on a stream that does not block: what comes is read and searched until one of them stands in
 * it. Whoever answers sends a message in one piece, as D-Bus daemons do: an answer in two pieces is not found.
 */
import type { Call } from "../action/action.ts";
import { errnoNumber } from "../kernel/errno.ts";
import { type Draft, emitPause } from "./emit.ts";

/** Ten seconds: a service manager that starts many units answers late. */
const MOST_PAUSES = 1000;

/**
 * Makes a call that reads into a named room, again until something is there. The result is the number of the first of these
 * answers that stands in it, from 1; 0 if the other end has closed; or the error, EAGAIN if nothing fitting came in time.
 * `name`: of the step. Throws a RangeError for a call that reads into no named room, and for an empty answer.
 */
export function emitReply(
  place: Draft,
  name: string,
  call: Call,
  answers: readonly (readonly number[])[],
  mark: string,
): void {
  const { code, memory: store } = place;
  const room = call.arguments.find((each) => each.kind === "room");
  if (room?.name === undefined || answers.some(({ length }) => length === 0)) {
    throw new RangeError(`${name}: answers are sought in a named room, and are not empty`);
  }
  const within = store.room(room.size, room.name);
  const come = store.result(`${name} come`);
  code.label(`${mark} again`);
  code.call(call, store);
  code.jumpIf("equal", -(errnoNumber("EAGAIN") ?? 0), `${mark} pause`);
  code.jumpIf("less", 1, `${mark} answered`);
  code.storeResult(come);
  for (const [index, bytes] of answers.entries()) {
    code.loadResult(come);
    code.find(within, { address: store.bytes(bytes), length: bytes.length }, `${mark} answer ${index}`);
    code.jumpIf("equal", 0, `${mark} not ${index}`);
    code.setResult(BigInt(index + 1));
    code.jump(`${mark} answered`);
    code.label(`${mark} not ${index}`);
  }
  code.jump(`${mark} again`);
  code.label(`${mark} pause`);
  emitPause(place, `${name} pauses`, MOST_PAUSES, `${mark} again`, mark);
  code.setResult(-BigInt(errnoNumber("EAGAIN") ?? 0));
  code.label(`${mark} answered`);
}
