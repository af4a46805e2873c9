/** What a call returned, as strace prints it behind `) = `. Facts: strace(1), strace 6.13. */
import { type ErrnoName, isErrnoName } from "../../kernel/errno.ts";
import { readValue, type Value } from "./value.ts";

/** The result of a call. A call that was interrupted or never came back was let through: it is `ok` without a value. */
export type Result =
  | {
      readonly kind: "ok";
      readonly value: Value | undefined;
      /** Of a process number: the same process as the tracer numbers it. */
      readonly outside: number | undefined;
    }
  | { readonly kind: "error"; readonly errno: ErrnoName };

/** The result of a call that did not come back. */
export const NO_RETURN: Result = { kind: "ok", value: undefined, outside: undefined };

const ERROR = /^-1 ([A-Z][A-Z0-9]*)\b/;
/** What the kernel uses inside to have a call restarted; the process never sees it. */
const RESTART = /^(-1 |\? )ERESTART/;

/** The number of a process as the tracer counts, where strace prints it beside the one that the process knows. */
export function numberOutside(printed: string): number | undefined {
  const outside = /\/\* (\d+) in strace's PID NS \*\//.exec(printed)?.[1];
  return outside === undefined ? undefined : Number(outside);
}

/** Reads what follows the closing bracket of a call; undefined if it has no known form. */
export function readResult(text: string): Result | undefined {
  const match = /^\s*= (.*)$/s.exec(text);
  const printed = match?.[1]?.trim();
  if (printed === undefined) return undefined;
  if (printed.startsWith("?") || RESTART.test(printed)) return NO_RETURN;
  const error = ERROR.exec(printed);
  if (error?.[1] !== undefined) return isErrnoName(error[1]) ? { kind: "error", errno: error[1] } : undefined;
  const plain = printed.replace(/ \(.*\)$/s, "");
  return { kind: "ok", value: readValue(plain), outside: numberOutside(printed) };
}
