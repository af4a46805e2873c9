/**
 * What a system call was given and what it returned, as values: the form that every reader of traces brings them into, and
 * all that a meaning may look at. Facts: syscall(2), socket(7), seccomp(2).
 */
import type { Program } from "../../bpf/instruction.ts";
import type { ErrnoName } from "../../kernel/errno.ts";

/** One argument, one field of a structure, or what a call returned. */
export type Value =
  /** A number, its flags resolved; the null pointer is 0. Negative ones may be negative, or as unsigned as the register. */
  | { readonly kind: "number"; readonly value: bigint }
  /** The number of a process as its caller knows it, and the same process as the tracer numbers it. */
  | { readonly kind: "process"; readonly number: number; readonly outside: number }
  /** A string; `cut` if the reader has its beginning only. */
  | { readonly kind: "text"; readonly text: string; readonly cut: boolean }
  /** A descriptor with what it stands for: a path, or a name such as `socket:[1234]`. AT_FDCWD is -100. */
  | { readonly kind: "descriptor"; readonly number: number; readonly path: string; readonly deleted: boolean }
  | ({ readonly kind: "address" } & SocketAddress)
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, Value> }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** A filter; without a program where the reader has not got all of it. */
  | { readonly kind: "filter"; readonly program: Program | undefined }
  /** What was not recorded, or has no form that the reader knows: the address of a buffer, an unknown flag. */
  | { readonly kind: "unread" };

/** The address of a socket: IPv4 dotted, IPv6 in its shortest form, a path, `@name` for abstract ones, empty for all others. */
export interface SocketAddress {
  readonly family: string;
  readonly address: string;
  readonly port?: number;
}

/** What became of a call. */
export type Result =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "error"; readonly errno: ErrnoName }
  /** Interrupted, or the process ended inside it: it was let through. */
  | { readonly kind: "no-return" };

/** A value as a number, if it is one. */
export function numberOfValue(value: Value | undefined): bigint | undefined {
  switch (value?.kind) {
    case "number":
      return value.value;
    case "descriptor":
    case "process":
      return BigInt(value.number);
    default:
      return undefined;
  }
}

/** A field of a structure. */
export function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === "fields" ? value.fields.get(name) : undefined;
}
