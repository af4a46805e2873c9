/** What in a filter deserves a second look. */
import type { Finding, Subject } from "./check.ts";
import { RISKS } from "./risks.ts";
import { WAYS_AROUND } from "./ways-around.ts";

export type { Finding } from "./check.ts";

const order = { high: 0, medium: 1, low: 2 } as const;

/** All findings, the worst first. */
export function findingsOf(subject: Subject): readonly Finding[] {
  const found = [...WAYS_AROUND, ...RISKS].flatMap((check) => check(subject));
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}
