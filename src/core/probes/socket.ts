/** What the network probes share: sockets and addresses as bytes. Facts: ip(7), unix(7), socket(7). */
import type { Call, Need } from "../action/action.ts";
import { ADDRESS_FAMILIES } from "../kernel/address-family.ts";
import { littleEndian } from "../kernel/bytes.ts";
import { parseInternetAddress } from "../kernel/internet-address.ts";
import { SOCKET_FLAGS, SOCKET_TYPES } from "../kernel/socket-type.ts";
import { ascii, bytes, call, number, padded, resultOf, room, step, text } from "./act.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";

const MOMENT_NANOSECONDS = 100_000_000;
const LOW_PORTS = [79, 87, 95];

/** All addresses of the machine; ip(7). */
export const ANY_ADDRESS = "0.0.0.0";

/** The family of an internet address as text. */
export function inetFamily(address: string): "AF_INET" | "AF_INET6" {
  return address.includes(":") ? "AF_INET6" : "AF_INET";
}

const SIZE_OF_IPV4 = 16;
const SIZE_OF_IPV6 = 28;

/** struct sockaddr_in of a dotted IPv4 address, or struct sockaddr_in6 of an IPv6 address. */
export function inetAddress(address: string, port: number): readonly number[] {
  const family = inetFamily(address);
  const { bits, value } = parseInternetAddress(address) ?? { bits: 32, value: 0n };
  const start = [...littleEndian(ADDRESS_FAMILIES[family], 2), port >> 8, port & 0xff];
  // What has the order of the network is the big-endian form; an IPv6 address comes after the flow of its packets.
  const content = littleEndian(value, bits / 8).toReversed();
  return family === "AF_INET"
    ? padded([...start, ...content], SIZE_OF_IPV4)
    : padded([...start, 0, 0, 0, 0, ...content], SIZE_OF_IPV6);
}

/** struct sockaddr_un of an abstract name, without its `@`. */
export function abstractAddress(name: string): readonly number[] {
  return [...littleEndian(ADDRESS_FAMILIES.AF_UNIX, 2), 0, ...ascii(name)];
}

/** struct sockaddr_un of a path. */
export function pathAddress(path: string): readonly number[] {
  return [...littleEndian(ADDRESS_FAMILIES.AF_UNIX, 2), ...ascii(path), 0];
}

/** A socket of a family, for streams unless another type is said; `flags` beside SOCK_CLOEXEC. */
export function socketStep(
  family: "AF_INET" | "AF_INET6" | "AF_UNIX",
  flags = 0,
  kind: "SOCK_STREAM" | "SOCK_DGRAM" = "SOCK_STREAM",
): Step {
  const type = SOCKET_TYPES[kind] | SOCKET_FLAGS.SOCK_CLOEXEC | flags;
  return step("socket", call("socket", number(ADDRESS_FAMILIES[family]), number(type), number(0)));
}

/** Connects what the step `socket` made. */
export function connectStep(address: readonly number[], needs: readonly Need[], more: Partial<Step> = {}): Step {
  return step("connect", call("connect", resultOf("socket"), bytes(address), number(address.length)), needs, more);
}

/** The need of whoever reaches a UNIX socket by its path. */
export function reachNeed(address: string, operation: "connect" | "send"): Need {
  return { kind: "address", operation, family: "AF_UNIX", address };
}

/** The need of whoever binds or connects a TCP socket. */
export function tcpNeed(operation: "bind" | "connect", address: string, port: number): Need {
  return { kind: "address", operation, family: inetFamily(address), address, port, transport: "tcp" };
}

/** Why an attack on whoever listens at an address is not tried; undefined where somebody does. */
export function withoutListener({ peers }: Machine, address: string): NotApplicable | undefined {
  const there = peers.some((peer) => peer.address === address);
  return there ? undefined : { notApplicable: `nobody listens at ${address}` };
}

/** Connects to whoever listens at a path without waiting, and says nothing. */
export function connectOnly(address: string, needs: readonly Need[] = []): readonly Step[] {
  return [
    socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
    // A full queue (EAGAIN) is noticed only after the permission check.
    connectStep(pathAddress(address), [reachNeed(address, "connect"), ...needs], { past: ["EAGAIN"] }),
  ];
}

/** Connects to whoever listens at a path, to go on with these steps. */
export function talkTo(machine: Machine, address: string, then: readonly Step[]): readonly Step[] | NotApplicable {
  return (
    withoutListener(machine, address) ?? [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK),
      connectStep(pathAddress(address), [reachNeed(address, "connect")]),
      ...then,
    ]
  );
}

/** Reading what comes from the step `socket`, for answers that it is searched for. */
export function hearCall(size: number): Call {
  return call("read", resultOf("socket"), room(size, "said"), number(size));
}

/**
 * Sends whoever listens at a path a datagram without a byte: the kernel has then said that one may send, and daemons pass over it. That
 * its queue is full is found out after the permission (unix_dgram_sendmsg in the kernel's net/unix/af_unix.c).
 */
export function sendNothing(machine: Machine, path: string): readonly Step[] | NotApplicable {
  const to = pathAddress(path);
  const what = call("sendto", resultOf("socket"), text(""), number(0), number(0), bytes(to), number(to.length));
  return (
    withoutListener(machine, path) ?? [
      socketStep("AF_UNIX", SOCKET_FLAGS.SOCK_NONBLOCK, "SOCK_DGRAM"),
      step("send", what, [reachNeed(path, "send")], { past: ["EAGAIN"] }),
    ]
  );
}

/** Waits until a listener nearby has answered. */
export function momentStep(): Step {
  const moment = bytes([...littleEndian(0, 8), ...littleEndian(MOMENT_NANOSECONDS, 8)]);
  return step("moment", call("nanosleep", moment, number(0)), [], { optional: true });
}

/**
 * A TCP connection, asked for without waiting: where a packet filter drops, connect(2) would wait for minutes. After a
 * moment, in which a listener has answered, it is asked for again, and says that it stands. nanosleep is among the calls
 * that systemd adds to every allow list.
 */
export function connectTcp(address: string, port: number): readonly Step[] {
  const bytesOfAddress = inetAddress(address, port);
  return [
    socketStep(inetFamily(address), SOCKET_FLAGS.SOCK_NONBLOCK),
    connectStep(bytesOfAddress, [tcpNeed("connect", address, port)], { past: ["EINPROGRESS"] }),
    momentStep(),
    connectStep(bytesOfAddress, [], { name: "connected", past: ["EISCONN"] }),
  ];
}

/** A port below 1024 that the unit does not use, and what binding it takes on this machine. */
export function lowPort(machine: Machine): { readonly port: number; readonly needs: readonly Need[] } {
  const port = LOW_PORTS.find((candidate) => !machine.unit.ports.includes(candidate)) ?? 103;
  const free = Number(machine.sysctl("net.ipv4.ip_unprivileged_port_start") ?? "1024") <= port;
  return { port, needs: free ? [] : [{ kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" }] };
}

/** A TCP socket bound to a port of all addresses; that the port is taken is found out after the permission. */
export function bindTcp(port: number, needs: readonly Need[]): readonly Step[] {
  const address = inetAddress(ANY_ADDRESS, port);
  const what = call("bind", resultOf("socket"), bytes(address), number(address.length));
  return [
    socketStep("AF_INET"),
    step("bind", what, [tcpNeed("bind", ANY_ADDRESS, port), ...needs], { past: ["EADDRINUSE"] }),
  ];
}
