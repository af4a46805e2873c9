/**
 * Talking to a peer that speaks D-Bus: the greeting, the messages, and the answer that shows whether it obeys. What is asked for has
 * a null form: the peer refuses it for a reason that it looks at only after it has looked at who asks, or does it and nothing changes.
 */
import { encodeMessage, markOfError, markOfReply } from "../dbus/encode.ts";
import { BEGIN, GREETING_ANSWERS, greeting } from "../dbus/handshake.ts";
import { marshal } from "../dbus/marshal.ts";
import type { DbusValue } from "../dbus/value.ts";
import { BUS_SOCKET } from "../sandbox/trust.ts";
import { step, writeStep } from "./act.ts";
import type { KnownAnswer, Machine, NotApplicable, Step } from "./probe.ts";
import { hearCall, talkTo } from "./socket.ts";

/** What a peer is asked: a method, and by which answer it shows that it obeys. */
export interface BusRequest {
  readonly member: string;
  readonly signature: string;
  readonly body: readonly DbusValue[];
  /** The error that shows that it obeys; absent: it answers without one. */
  readonly obeyedBy?: string;
  /** What the answer says if it obeys; absent: it does not matter what. */
  readonly saying?: string;
}

/** Whose method that is. */
export interface BusObject {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
}

/** PID 1; its methods: org.freedesktop.systemd1(5). */
const MANAGER: BusObject = {
  destination: "org.freedesktop.systemd1",
  path: "/org/freedesktop/systemd1",
  interface: "org.freedesktop.systemd1.Manager",
};

const ASKED = 2;
const MESSAGE_ROOM = 8192;

/** First an error of the name, if one is hoped for, then any error, then the reply. */
function answersTo({ obeyedBy, saying }: BusRequest): {
  readonly answers: readonly KnownAnswer[];
  readonly exactly: number;
} {
  const refusal: KnownAnswer = { means: "it refuses", bytes: markOfError() };
  const reply: KnownAnswer = { means: "it has done so", bytes: markOfReply(ASKED) };
  if (saying !== undefined) {
    const said: KnownAnswer = { means: `it says ${saying}`, bytes: [...marshal("s", [saying])] };
    return { answers: [said, refusal, { ...reply, means: "it says something else" }], exactly: 1 };
  }
  if (obeyedBy === undefined) {
    return { answers: [refusal, reply], exactly: 2 };
  }
  return { answers: [{ means: `it would: ${obeyedBy}`, bytes: markOfError(obeyedBy) }, refusal, reply], exactly: 1 };
}

function said(object: BusObject, request: BusRequest, overBus: boolean): readonly number[] {
  const bus = "org.freedesktop.DBus";
  const hello = encodeMessage({
    ...{ kind: "call", serial: 1, flags: [], destination: bus, path: "/org/freedesktop/DBus", interface: bus },
    ...{ member: "Hello", signature: "", body: [] },
  });
  const { member, signature, body } = request;
  const asked = encodeMessage({ kind: "call", serial: ASKED, flags: [], ...object, member, signature, body });
  return [...BEGIN, ...(overBus ? hello : []), ...asked];
}

const WELCOME: readonly KnownAnswer[] = GREETING_ANSWERS.map((content) => ({
  means: String.fromCharCode(...content).trim(),
  bytes: content,
}));

/** Asks PID 1 at one of its two addresses. */
export function managerSteps(machine: Machine, address: string, request: BusRequest): readonly Step[] | NotApplicable {
  return conversation(machine, address, MANAGER, request);
}

/** Asks somebody behind the message bus, whom the bus has started where nobody has the name yet. */
export function busSteps(machine: Machine, object: BusObject, request: BusRequest): readonly Step[] | NotApplicable {
  return conversation(machine, BUS_SOCKET, object, request);
}

/** On PID 1's own socket one has to say who one is; a bus takes anybody and passes on whom the kernel names. */
function conversation(
  machine: Machine,
  address: string,
  object: BusObject,
  request: BusRequest,
): readonly Step[] | NotApplicable {
  const read = hearCall(MESSAGE_ROOM);
  const overBus = address === BUS_SOCKET;
  return talkTo(machine, address, [
    writeStep("greet", "socket", overBus ? greeting() : greeting(0)),
    step("welcome", read, [], { answers: WELCOME, exactly: 1 }),
    writeStep("ask", "socket", said(object, request, overBus)),
    step("obeyed", read, [{ kind: "trust", address }], answersTo(request)),
  ]);
}

/**
 * Running a command, under the name of a unit that has a file: PID 1 says that it is there to whom it would obey, and starts
 * nothing (method_start_transient_unit in systemd's src/core/dbus-manager.c).
 */
export function commandRequest({ neighbour }: Machine): BusRequest {
  return {
    member: "StartTransientUnit",
    signature: "ssa(sv)a(sa(sv))",
    body: [neighbour.unit, "fail", [], []],
    obeyedBy: "org.freedesktop.systemd1.UnitExists",
  };
}
