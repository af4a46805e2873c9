/** Sockets. Facts: socket(2), bind(2), sendmsg(2), ip(7), unix(7), packet(7), capabilities(7). */

import type { Need } from "../../action/action.ts";
import { addressFamilyName } from "../../kernel/address-family.ts";
import { FIRST_UNPRIVILEGED_PORT } from "../../kernel/internet-address.ts";
import { SOCK_TYPE_MASK, SOCKET_TYPES, SOL_SOCKET } from "../../kernel/socket-type.ts";
import { type FinishedCall, numberAt, returned, type SocketKind, succeeded } from "../call/call.ts";
import { pathNeed, settle } from "../call/paths.ts";
import { fieldOf, type SocketAddress, type Value } from "../call/value.ts";
import type { Meaning, Meanings } from "./meaning.ts";

type Operation = "bind" | "connect" | "send" | "receive";

const MOST_SOCKETS = 65536;

function kindOf(family: number | undefined, type: number | undefined): SocketKind {
  const base = (type ?? 0) & SOCK_TYPE_MASK;
  const name = family === undefined ? undefined : addressFamilyName(family);
  const internet = name === "AF_INET" || name === "AF_INET6";
  let transport: SocketKind["transport"];
  if (internet && base === SOCKET_TYPES.SOCK_STREAM) {
    transport = "tcp";
  } else if (internet && base === SOCKET_TYPES.SOCK_DGRAM) {
    transport = "udp";
  }
  return { family: name ?? "", transport };
}

function remember(call: FinishedCall, kind: SocketKind): void {
  const value = returned(call);
  if (value?.kind !== "descriptor") {
    return;
  }
  if (call.sockets.size >= MOST_SOCKETS) {
    call.sockets.clear();
  }
  call.sockets.set(value.path, kind);
}

function transportOf(call: FinishedCall): SocketKind["transport"] {
  const value = call.argument(0);
  if (value?.kind !== "descriptor") {
    return undefined;
  }
  const known = call.sockets.get(value.path)?.transport;
  if (known !== undefined) {
    return known;
  }
  const named = /^(TCP|UDP)(v6)?:/.exec(value.path);
  return named === null ? undefined : named[1] === "TCP" ? "tcp" : "udp";
}

/** A UNIX address with a path is a file as well: where that path leads, its links followed; undefined where it is none. */
function fileAt(call: FinishedCall, operation: Operation, { family, address }: SocketAddress): string | undefined {
  if (family !== "AF_UNIX" || address === "" || address.startsWith("@") || operation === "receive") {
    return undefined;
  }
  const { root, directory } = call.process.place;
  const base = address.startsWith("/") ? root : directory;
  if (base === undefined) {
    call.gap({ code: "path", call: call.name });
    return undefined;
  }
  const written = base === "/" ? `/${address}` : `${base}/${address}`;
  return settle(call, written, operation !== "bind");
}

function addressNeeds(call: FinishedCall, operation: Operation, value: Value | undefined): readonly Need[] {
  if (value?.kind !== "address") {
    return [];
  }
  const { family, address, port } = value;
  // A client's port is different each time, and no wall looks at it.
  const kept = operation === "receive" || port === undefined ? {} : { port };
  const transport = transportOf(call);
  const known = transport === undefined ? {} : { transport };
  const file = fileAt(call, operation, value);
  const need: Need = { kind: "address", operation, family, address: file ?? address, ...kept, ...known };
  const privileged = operation === "bind" && port !== undefined && port > 0 && port < FIRST_UNPRIVILEGED_PORT;
  const capability: Need = { kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" };
  const files = file === undefined ? [] : [pathNeed(call, file, operation === "bind" ? "create" : "look")];
  return [need, ...(privileged ? [capability] : []), ...files];
}

function withAddress(operation: Operation, index: number): Meaning {
  return { needs: (call) => addressNeeds(call, operation, call.argument(index)) };
}

function manyMessages(call: FinishedCall, operation: Operation): readonly Need[] {
  const list = call.argument(1);
  if (list?.kind !== "list") {
    return [];
  }
  return list.items.flatMap((item) => addressNeeds(call, operation, fieldOf(fieldOf(item, "msg_hdr"), "msg_name")));
}

const acceptance: Meaning = {
  needs: (call) => (succeeded(call) ? addressNeeds(call, "receive", call.argument(1)) : []),
  effect: (call) => {
    const value = call.argument(0);
    const kind = value?.kind === "descriptor" ? call.sockets.get(value.path) : undefined;
    if (kind !== undefined) {
      remember(call, kind);
    }
  },
};

function rawNeeds(call: FinishedCall): readonly Need[] {
  const kind = kindOf(numberAt(call, 0), numberAt(call, 1));
  const type = (numberAt(call, 1) ?? 0) & SOCK_TYPE_MASK;
  const internet = kind.family === "AF_INET" || kind.family === "AF_INET6";
  const raw = (internet && type === SOCKET_TYPES.SOCK_RAW) || kind.family === "AF_PACKET";
  return raw ? [{ kind: "capability", capability: "CAP_NET_RAW", over: "net" }] : [];
}

/** Buffers beyond net.core.*mem_max: SO_SNDBUFFORCE, SO_RCVBUFFORCE. */
const FORCED: readonly number[] = [32, 33];

function optionNeeds(call: FinishedCall): readonly Need[] {
  const level = numberAt(call, 1);
  const option = numberAt(call, 2);
  const forced = level === SOL_SOCKET && option !== undefined && FORCED.includes(option);
  // The capability must be held over the initial user namespace (sockopt_capable() in net/core/sock.c).
  return forced ? [{ kind: "capability", capability: "CAP_NET_ADMIN", over: "init" }] : [];
}

const SOCKET_NUMBERS: readonly number[] = [0, 1, 2];

/** Meanings of the socket calls. */
export const socketMeanings: Meanings = {
  socket: {
    numbers: SOCKET_NUMBERS,
    needs: rawNeeds,
    effect: (call) => remember(call, kindOf(numberAt(call, 0), numberAt(call, 1))),
  },
  socketpair: { numbers: SOCKET_NUMBERS },
  bind: withAddress("bind", 1),
  connect: withAddress("connect", 1),
  accept: acceptance,
  accept4: acceptance,
  sendto: withAddress("send", 4),
  sendmsg: { needs: (call) => addressNeeds(call, "send", fieldOf(call.argument(1), "msg_name")) },
  sendmmsg: { needs: (call) => manyMessages(call, "send") },
  recvfrom: withAddress("receive", 4),
  recvmsg: { needs: (call) => addressNeeds(call, "receive", fieldOf(call.argument(1), "msg_name")) },
  recvmmsg: { needs: (call) => manyMessages(call, "receive") },
  recvmmsg_time64: { needs: (call) => manyMessages(call, "receive") },
  setsockopt: { needs: optionNeeds },
};
