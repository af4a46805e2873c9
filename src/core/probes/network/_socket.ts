/** What the network probes share: sockets and addresses as bytes. Facts: ip(7), unix(7), socket(7). */
import type { Argument, Need } from "../../action/action.ts";
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_FLAGS, SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { ascii, bytes, call, littleEndian, number, padded, resultOf, step } from "../_act.ts";
import type { Step } from "../probe.ts";

const SOL_SOCKET = 1;
const SO_SNDTIMEO = 21;
const WAIT_MICROSECONDS = 400_000;

/** struct sockaddr_in of a dotted IPv4 address. */
export function inetAddress(address: string, port: number): readonly number[] {
  const family = littleEndian(ADDRESS_FAMILIES.AF_INET, 2);
  return padded([...family, port >> 8, port & 0xff, ...address.split(".").map(Number)], 16);
}

/** struct sockaddr_un of an abstract name, without its `@`. */
export function abstractAddress(name: string): readonly number[] {
  return [...littleEndian(ADDRESS_FAMILIES.AF_UNIX, 2), 0, ...ascii(name)];
}

/** A stream socket of a family. */
export function socketStep(family: "AF_INET" | "AF_UNIX"): Step {
  const type = SOCKET_TYPES.SOCK_STREAM | SOCKET_FLAGS.SOCK_CLOEXEC;
  return step("socket", call("socket", number(ADDRESS_FAMILIES[family]), number(type), number(0)));
}

/** Connects; a packet filter that drops makes it wait, so the wait is cut short where that is permitted. */
export function connectSteps(address: readonly number[], needs: readonly Need[]): readonly Step[] {
  const time: Argument = bytes([...littleEndian(0, 8), ...littleEndian(WAIT_MICROSECONDS, 8)]);
  const option = call("setsockopt", resultOf("socket"), number(SOL_SOCKET), number(SO_SNDTIMEO), time, number(16));
  return [
    step("impatience", option, [], { optional: true }),
    step("connect", call("connect", resultOf("socket"), bytes(address), number(address.length)), needs),
  ];
}

/** A TCP connection. */
export function connectTcp(address: string, port: number): readonly Step[] {
  const need = { kind: "address", operation: "connect", family: "AF_INET", address, port, transport: "tcp" } as const;
  return [socketStep("AF_INET"), ...connectSteps(inetAddress(address, port), [need])];
}

/** A TCP socket bound to a port of all addresses; that the port is taken is found out after the permission. */
export function bindTcp(port: number, needs: readonly Need[]): readonly Step[] {
  const address = inetAddress("0.0.0.0", port);
  const need = {
    kind: "address",
    operation: "bind",
    family: "AF_INET",
    address: "0.0.0.0",
    port,
    transport: "tcp",
  } as const;
  return [
    socketStep("AF_INET"),
    step("bind", call("bind", resultOf("socket"), bytes(address), number(address.length)), [need, ...needs], {
      past: ["EADDRINUSE"],
    }),
  ];
}
