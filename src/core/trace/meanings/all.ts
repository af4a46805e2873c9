/** The meanings of all calls that have one beyond their name. */
import type { SyscallName } from "../../kernel/syscalls/syscall.ts";
import { credentialMeanings } from "./credentials.ts";
import { executionMeanings } from "./execution.ts";
import { fileMeanings } from "./files.ts";
import { kernelMeanings } from "./kernel.ts";
import type { Meaning } from "./meaning.ts";
import { processMeanings } from "./processes.ts";
import { socketMeanings } from "./sockets.ts";

const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    ...fileMeanings,
    ...executionMeanings,
    ...socketMeanings,
    ...processMeanings,
    ...credentialMeanings,
    ...kernelMeanings,
  }),
);

const BARE: Meaning = {};

/** The meaning of a call; a call without arguments of interest is recorded by its name. */
export function meaningOf(name: SyscallName): Meaning {
  return MEANINGS.get(name) ?? BARE;
}
