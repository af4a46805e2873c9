/** The last words of a service and of its workload, for the person at the terminal. They may hold secrets, so no report has them. */
import type { Box } from "../box/box.ts";

const MOST_LINES = 6;

/** The last lines that a program printed, as they stood when it had drawn over them for the last time. */
export function lastWords(output: string): readonly string[] {
  const lines = output.split("\n").map((line) => line.trimEnd().split("\r").at(-1)?.trim() ?? "");
  return lines.filter((line, index) => line !== "" && line !== lines[index - 1]).slice(-MOST_LINES);
}

/** What systemd says at every restart and every failure: the state of the unit, which is told already. */
const NOISE =
  /: (Scheduled restart job|Failed with result|Start request repeated|Deactivated successfully|Consumed |Control process exited)|^(Started|Starting|Stopped|Stopping|Reloading|Reloaded|Failed to start) /;

/** What systemd says where it could not execute the program: SD_MESSAGE_SPAWN_FAILED in sd-messages.h. */
const NOT_EXECUTED = "MESSAGE_ID=641257651c1b4ec9a8624d7a40a9e1e7";

/**
 * The service's own last lines in its journal, and after them what systemd has to say about it. Why a program could not be executed
 * is said by a process of the unit, but one that has often ended before the journal can find out that it was.
 */
export async function journalWords(box: Box, unit: string): Promise<readonly string[]> {
  await box.syncJournal();
  const read = async (...match: readonly string[]): Promise<string> => {
    const argv = ["journalctl", "--boot", "--no-pager", "--quiet", "--output=cat", ...match];
    return (await box.run(argv)).stdout;
  };
  const [own, manager] = await Promise.all([
    read(`_SYSTEMD_UNIT=${unit}`, "+", `UNIT=${unit}`, NOT_EXECUTED),
    read(`UNIT=${unit}`),
  ]);
  const told = lastWords(manager).filter((line) => !NOISE.test(line));
  return [...lastWords(own), ...told.slice(-1)].filter((line, index, all) => all.indexOf(line) === index);
}

/** How the C library, Node, Python and curl say that the outer world cannot be reached. */
const UNREACHABLE =
  /ENETUNREACH|Network is unreachable|EAI_AGAIN|Temporary failure in name resolution|Name or service not known|ENOTFOUND|Could not resolve host|Failed to connect to (?!127\.|localhost|::1)/;
/** How shells and programs say that a file is not there. */
const MISSING = /\bnot found\b|ENOENT|No such file|Cannot find module/;

/** What a person can do about a workload that misses something: the box's network, /tmp and /run are its own. */
export function advice(said: string): string | undefined {
  if (UNREACHABLE.test(said)) {
    return "the box has a network of its own: start what is missing with --with UNIT, or use --network host";
  }
  return MISSING.test(said)
    ? "the box has a /tmp, a /run and a /dev of its own: show what is missing with --bind-ro PATH"
    : undefined;
}
