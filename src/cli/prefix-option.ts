/** IP prefixes that a person gives as the value of an option. */
import { inputError } from "../core/diagnostic/input-error.ts";
import { parseInternetAddress } from "../core/kernel/internet-address.ts";

/** Throws InputError for what is no address with an optional prefix length that its family has. */
export function checkPrefix(option: string, text: string): void {
  const [base = "", length, ...rest] = text.split("/");
  const address = parseInternetAddress(base);
  if (address === undefined || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) {
    const message = `--${option}: '${text}' is no address and no CIDR prefix`;
    throw inputError("usage", message, "for example 192.168.0.0/16");
  }
  if (Number(length ?? 0) > address.bits) {
    const family = address.bits === 32 ? "IPv4" : "IPv6";
    throw inputError("usage", `--${option}: '${text}' has too long a prefix`, `${family} has ${address.bits} bits`);
  }
}
