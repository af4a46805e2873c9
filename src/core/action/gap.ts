/** What an observation lacks: by code, with what is known of it. One printer says it to a person. */
import type { SyscallName } from "../kernel/syscalls/syscall.ts";

/** What was lost or not understood. */
export type Loss =
  /** A record of the trace of which not even the form was understood. */
  | { readonly code: "record" }
  | { readonly code: "call"; readonly call: SyscallName }
  /** A system call that we have no name for; `name` is the reader's, empty where it has none either. */
  | { readonly code: "unknown-call"; readonly name: string }
  | { readonly code: "not-begun" }
  | { readonly code: "path"; readonly call: SyscallName }
  | { readonly code: "flags"; readonly call: SyscallName }
  | { readonly code: "io-uring" }
  /** A process ended before its control group could be read. */
  | { readonly code: "unit" }
  | { readonly code: "orphans" }
  | { readonly code: "capabilities-lost" }
  | { readonly code: "capabilities-ended" }
  | { readonly code: "capabilities-untried" }
  /** In the words of an observation of version 1, which had no codes. */
  | { readonly code: "told"; readonly reason: string };

/** A loss, and how often; a non-empty list of them makes an observation incomplete. */
export type Gap = Loss & { readonly count: number };

/** What was lost, in words. */
export function lossText(loss: Loss): string {
  switch (loss.code) {
    case "record":
      return "a line of the trace was not understood";
    case "call":
      return `a line of ${loss.call} was not understood`;
    case "unknown-call":
      return loss.name === "" ? "a system call that strace does not know" : `an unknown system call, ${loss.name}`;
    case "not-begun":
      return "a call resumed that had not begun";
    case "path":
      return `a path of ${loss.call} could not be read`;
    case "flags":
      return `the flags of ${loss.call} could not be read`;
    case "io-uring":
      return "io_uring: what is done through a ring is not seen";
    case "unit":
      return "a process ended before its unit was known";
    case "orphans":
      return "lines of processes whose parent is unknown";
    case "capabilities-lost":
      return "capability events lost by the kernel";
    case "capabilities-ended":
      return "the tracing of capabilities ended before the observation";
    case "capabilities-untried":
      return "the search for the smallest set of capabilities ended before it was found";
    case "told":
      return loss.reason;
  }
}

/** A gap in words, with its count. */
export function gapText(gap: Gap): string {
  return `${lossText(gap)} (${gap.count} times)`;
}

/** Whether an observation may lack capabilities that the kernel was asked for. */
export function lacksCapabilities(gaps: readonly Gap[]): boolean {
  return gaps.some(({ code }) => code === "capabilities-lost" || code === "capabilities-ended");
}
