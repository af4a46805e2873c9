/** All verbs, in the order in which a newcomer meets them. */
import { apply } from "./apply.ts";
import { attack } from "./attack.ts";
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { harden } from "./harden.ts";
import { merge } from "./merge.ts";
import { observe } from "./observe.ts";
import { seccomp } from "./seccomp.ts";
import { synthesize } from "./synthesize.ts";
import type { Verb, VerbGroup } from "./verb.ts";

export const verbs: readonly (Verb | VerbGroup)[] = [
  ...[demo, harden, apply, observe, merge, synthesize, attack, explain],
  seccomp,
];

/** What `cloison --help` prints. */
export function overview(): string {
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    "Shows how a Linux service is walled off, builds the missing walls through systemd, and proves that they hold.",
    "",
    "usage: cloison VERB [options] TARGET",
    "",
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "cloison VERB --help tells more. Results go to stdout, progress to stderr; --json prints the result as JSON.",
    "Exit status: 0 it holds, 1 findings, 2 bad input, 3 could not be decided or done, 130 interrupted.",
  ].join("\n");
}
