/**
 * The arguments and the result of a system call as values: what every reader of traces produces, and all that a meaning may
 * look at. Facts: syscall(2), socket(7), seccomp(2).
 */
import type { Program } from "../../bpf/instruction.ts";
import type { ErrnoName } from "../../kernel/errno.ts";

/** One argument, one field of a structure, or what a call returned. */
export type Value =
  /** A number, its flags resolved; the null pointer is 0. A negative one may be recorded unsigned, as the register holds it. */
  | { readonly kind: "number"; readonly value: bigint }
  /** A process: its pid as the caller sees it, and as the tracer does. */
  | { readonly kind: "process"; readonly number: number; readonly outside: number }
  /** A string; `cut` if the reader has only its beginning. */
  | { readonly kind: "text"; readonly text: string; readonly cut: boolean }
  /** A descriptor with what it refers to: a path, or a name such as `socket:[1234]`. AT_FDCWD is -100. */
  | { readonly kind: "descriptor"; readonly number: number; readonly path: string; readonly deleted: boolean }
  | ({ readonly kind: "address" } & SocketAddress)
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, Value> }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** A filter; without its program where the reader has only a part. */
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
