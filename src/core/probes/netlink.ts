/**
 * Asking the kernel by netlink: a message that wants an answer, and the error in it, which is 0 where it was done. Facts: netlink(7);
 * netlink_rcv_skb in the kernel's net/netlink/af_netlink.c.
 */
import type { Need } from "../action/action.ts";
import { ADDRESS_FAMILIES } from "../kernel/address-family.ts";
import { littleEndian } from "../kernel/bytes.ts";
import { type ErrnoName, errnoNumber } from "../kernel/errno.ts";
import { SOCKET_FLAGS, SOCKET_TYPES } from "../kernel/socket-type.ts";
import { bytes, call, number, resultOf, step } from "./act.ts";
import type { KnownAnswer, Machine, NotApplicable, Step } from "./probe.ts";
import { hearCall } from "./socket.ts";

/** The protocols of AF_NETLINK that are attacked, as linux/netlink.h numbers them. */
const NETLINK_PROTOCOLS = { route: 0, audit: 9, netfilter: 12, uevent: 15 } as const;

/** One of them. */
export type NetlinkProtocol = keyof typeof NETLINK_PROTOCOLS;

/** What the kernel is asked. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags?: number;
  readonly body: readonly number[];
  /** What the request needs of the process. */
  readonly needs: readonly Need[];
  /** The errors that come after the permission, beside that there is none. */
  readonly past?: readonly ErrnoName[];
}

const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const SEQUENCE = 0x436c6f69;
const MESSAGE_ROOM = 4096;

/** Opens a socket of a protocol, which does not block. */
export function netlinkStep(protocol: NetlinkProtocol): Step {
  const type = SOCKET_TYPES.SOCK_RAW | SOCKET_FLAGS.SOCK_CLOEXEC | SOCKET_FLAGS.SOCK_NONBLOCK;
  const family = ADDRESS_FAMILIES.AF_NETLINK;
  return step("socket", call("socket", number(family), number(type), number(NETLINK_PROTOCOLS[protocol])));
}

/** struct sockaddr_nl of the kernel, or for listening to groups of what it says to many. */
export function netlinkAddress(groups = 0): readonly number[] {
  return [...littleEndian(ADDRESS_FAMILIES.AF_NETLINK, 2), 0, 0, ...littleEndian(0, 4), ...littleEndian(groups, 4)];
}

/** What is not there would be loaded by the kernel if it was asked for, on the machine itself. */
export function withoutProtocol(machine: Machine, protocol: NetlinkProtocol): NotApplicable | undefined {
  const there = machine.netlink.includes(NETLINK_PROTOCOLS[protocol]);
  return there ? undefined : { notApplicable: `nobody in this kernel listens to netlink's ${protocol}` };
}

/** How who lacks a permission is answered: the second by the audit log, behind a user namespace. */
const REFUSALS = ["EPERM", "ECONNREFUSED"] as const;

/** An answer repeats the header that it answers, behind the error. */
function answerOf(name: ErrnoName | undefined, header: readonly number[]): KnownAnswer {
  const error = name === undefined ? 0 : (errnoNumber(name) ?? 0);
  return { means: name ?? "it has done so", bytes: [...littleEndian(-error, 4), ...header.slice(0, 12)] };
}

/** Asks, and waits for the answer. */
export function netlinkSteps(
  machine: Machine,
  protocol: NetlinkProtocol,
  { type, flags = 0, body, needs, past = [] }: NetlinkRequest,
): readonly Step[] | NotApplicable {
  const length = 16 + body.length;
  const header = [
    ...[...littleEndian(length, 4), ...littleEndian(type, 2), ...littleEndian(flags | NLM_F_REQUEST | NLM_F_ACK, 2)],
    ...[...littleEndian(SEQUENCE, 4), ...littleEndian(0, 4)],
  ];
  const to = netlinkAddress();
  const message = [...header, ...body];
  const send = call(
    "sendto",
    ...[resultOf("socket"), bytes(message), number(length), number(0), bytes(to), number(to.length)],
  );
  const read = hearCall(MESSAGE_ROOM);
  const answers = [...REFUSALS, ...past, undefined].map((name) => answerOf(name, header));
  return (
    withoutProtocol(machine, protocol) ?? [
      netlinkStep(protocol),
      step("ask", send, [], { atLeast: length }),
      step("obeyed", read, needs, { answers, atLeast: REFUSALS.length + 1 }),
    ]
  );
}
