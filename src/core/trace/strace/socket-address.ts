/** Socket addresses as strace prints them, by name or raw (`sin_port="\x00\x35"`). Facts: ip(7), ipv6(7), unix(7), netlink(7). */
import { ADDRESS_FAMILIES, addressFamilyName } from "../../kernel/address-family.ts";
import { flagsOfText } from "../../kernel/flags.ts";
import { showInternetAddress } from "../../kernel/internet-address.ts";
import type { SocketAddress } from "../call/value.ts";
import type { Printed } from "./printed.ts";

type Fields = ReadonlyMap<string, Printed>;

function familyOf(printed: Printed | undefined): string | undefined {
  if (printed?.kind === "number") {
    return addressFamilyName(Number(printed.value));
  }
  const number = printed?.kind === "word" ? flagsOfText(ADDRESS_FAMILIES, printed.text) : undefined;
  return number === undefined ? undefined : addressFamilyName(number);
}

/** Reads `{sa_family=…, …}`; undefined if it is no address. */
export function socketAddress(fields: Fields): SocketAddress | undefined {
  const family = familyOf(fields.get("sa_family"));
  if (family === undefined || family === "AF_UNSPEC") {
    return undefined;
  }
  if (family === "AF_INET") {
    return { family, address: ipv4(fields), port: portOf(fields.get("sin_port")) };
  }
  if (family === "AF_INET6") {
    return { family, address: ipv6(fields), port: portOf(fields.get("sin6_port")) };
  }
  if (family === "AF_UNIX") {
    return { family, address: unixName(fields.get("sun_path")) };
  }
  return { family, address: "" };
}

/** `htons(80)`, or the two bytes. */
function portOf(printed: Printed | undefined): number {
  if (printed?.kind === "text") {
    return (printed.bytes.charCodeAt(0) << 8) | printed.bytes.charCodeAt(1);
  }
  const number = printed?.kind === "call" ? printed.items[0] : printed;
  return number?.kind === "number" ? Number(number.value) : 0;
}

function unixName(printed: Printed | undefined): string {
  if (printed?.kind !== "text") {
    return "";
  }
  return printed.abstract ? `@${printed.text}` : printed.text;
}

function textIn(printed: Printed | undefined, index: number): string {
  const item = printed?.kind === "call" ? printed.items[index] : undefined;
  return item?.kind === "text" ? item.text : "";
}

function ipv4(fields: Fields): string {
  const address = fields.get("sin_addr");
  if (address?.kind !== "text") {
    return textIn(address, 0);
  }
  return [...address.bytes].map((byte) => byte.charCodeAt(0)).join(".");
}

function ipv6(fields: Fields): string {
  const raw = fields.get("sin6_addr");
  if (raw?.kind !== "text") {
    return textIn(fields.get("inet_pton"), 1);
  }
  return textOfIpv6([...raw.bytes].map((byte) => byte.charCodeAt(0)));
}

/** Sixteen bytes as text. */
export function textOfIpv6(bytes: readonly number[]): string {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return showInternetAddress({ bits: 128, value });
}
