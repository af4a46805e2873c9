/**
 * Sockets of families that hardly any service needs. One whose family the kernel lacks would have it load a module, on the machine
 * itself, so that is not tried. Facts: address_families(7); __sock_create in the kernel's net/socket.c.
 */
import type { Need } from "../../action/action.ts";
import { ADDRESS_FAMILIES, type AddressFamilyName } from "../../kernel/address-family.ts";
import { SOCKET_FLAGS, SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { call, number, step } from "../act.ts";
import type { Machine, NotApplicable, Step } from "../probe.ts";

/** A family, its protocol as /proc/net/protocols names it, and what opening such a socket needs. */
export interface RareFamily {
  readonly family: AddressFamilyName;
  readonly registered: string;
  readonly type: keyof typeof SOCKET_TYPES;
  readonly protocol?: number;
  readonly needs?: readonly Need[];
}

/** Opens a socket of the first of these that the kernel has. */
export function openRareFamily(
  { protocols }: Machine,
  families: readonly [RareFamily, ...RareFamily[]],
): readonly Step[] | NotApplicable {
  const found = families.find(({ registered }) => protocols.includes(registered));
  if (found === undefined) {
    const names = families.map(({ family }) => family).join(", ");
    return { notApplicable: `this kernel has no sockets of ${names} loaded` };
  }
  const { family, type, protocol = 0, needs = [] } = found;
  const flags = SOCKET_TYPES[type] | SOCKET_FLAGS.SOCK_CLOEXEC;
  return [step("socket", call("socket", number(ADDRESS_FAMILIES[family]), number(flags), number(protocol)), needs)];
}
