/** All verbs, in the order in which a newcomer meets them. */
import { apply } from "./apply.ts";
import { attack } from "./attack.ts";
import { completionFor } from "./completion.ts";
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { harden } from "./harden.ts";
import { merge } from "./merge.ts";
import { observe } from "./observe.ts";
import { seccomp } from "./seccomp.ts";
import { synthesize } from "./synthesize.ts";
import type { Verb, VerbGroup } from "./verb.ts";

const OTHERS: readonly (Verb | VerbGroup)[] = [
  ...[demo, harden, apply, observe, merge, synthesize, attack, explain],
  seccomp,
];

export const verbs: readonly (Verb | VerbGroup)[] = [...OTHERS, completionFor(OTHERS)];
