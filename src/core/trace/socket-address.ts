/** Socket addresses as strace prints them, by name or raw (`sin_port="\x00\x35"`). Facts: ip(7), ipv6(7), unix(7), netlink(7). */
import { ADDRESS_FAMILIES, addressFamilyName } from "../kernel/address-family.ts";
import { showInternetAddress } from "../kernel/internet-address.ts";
import { fieldOf, numberOfValue } from "./meaning.ts";
import type { Value } from "./strace/value.ts";

/** An address in text: IPv4 dotted, IPv6 in its shortest form, a path, `@name` for abstract ones, empty for all others. */
export interface SocketAddress {
  readonly family: string;
  readonly address: string;
  readonly port?: number;
}

/** Reads `{sa_family=…, …}`; undefined if it is no address. */
export function readSocketAddress(value: Value | undefined): SocketAddress | undefined {
  const number = numberOfValue(fieldOf(value, "sa_family"), ADDRESS_FAMILIES);
  const family = number === undefined ? undefined : addressFamilyName(Number(number));
  if (family === undefined || family === "AF_UNSPEC") return undefined;
  if (family === "AF_INET") return { family, address: ipv4(value), port: portOf(fieldOf(value, "sin_port")) };
  if (family === "AF_INET6") return { family, address: ipv6(value), port: portOf(fieldOf(value, "sin6_port")) };
  if (family === "AF_UNIX") return { family, address: unixName(fieldOf(value, "sun_path")) };
  return { family, address: "" };
}

function portOf(value: Value | undefined): number {
  if (value?.kind === "text") return (value.bytes.charCodeAt(0) << 8) | value.bytes.charCodeAt(1);
  const number = value?.kind === "call" ? numberOfValue(value.items[0]) : numberOfValue(value);
  return Number(number ?? 0n);
}

function unixName(value: Value | undefined): string {
  if (value?.kind !== "text") return "";
  return value.abstract ? `@${value.text}` : value.text;
}

function textIn(value: Value | undefined, index: number): string {
  const item = value?.kind === "call" ? value.items[index] : undefined;
  return item?.kind === "text" ? item.text : "";
}

function ipv4(value: Value | undefined): string {
  const address = fieldOf(value, "sin_addr");
  if (address?.kind !== "text") return textIn(address, 0);
  return [...address.bytes].map((byte) => byte.charCodeAt(0)).join(".");
}

function ipv6(value: Value | undefined): string {
  const raw = fieldOf(value, "sin6_addr");
  if (raw?.kind !== "text") return textIn(fieldOf(value, "inet_pton"), 1);
  return textOfIpv6([...raw.bytes].map((byte) => byte.charCodeAt(0)));
}

/** Sixteen bytes as text. */
export function textOfIpv6(bytes: readonly number[]): string {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return showInternetAddress({ bits: 128, value });
}
