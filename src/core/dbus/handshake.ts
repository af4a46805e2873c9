/**
 * How a client begins: it says who it is, and the other end looks whether the kernel says so, too. Facts: D-Bus
 * Specification 0.43, "Authentication Protocol"; SO_PEERCRED in unix(7).
 */
import { utf8 } from "../kernel/bytes.ts";

/**
 * The first words on a connection. Without a user id the other end takes whom the kernel names (which systemd's own
 * sockets understand only since version 251, and message buses always).
 */
export function greeting(uid?: number): readonly number[] {
  const name = uid === undefined ? "" : [...`${uid}`].map((digit) => `3${digit}`).join("");
  const line = name === "" ? "AUTH EXTERNAL\r\nDATA\r\n" : `AUTH EXTERNAL ${name}\r\n`;
  // The byte that carries the credentials on systems where a message has to.
  return [0, ...utf8(line)];
}

/** What is answered: the first is a welcome, the others are not. */
export const GREETING_ANSWERS: readonly (readonly number[])[] = ["OK ", "REJECTED", "ERROR"].map(utf8);

/** The client's last words; messages follow. */
export const BEGIN: readonly number[] = utf8("BEGIN\r\n");
