/** What in a filter deserves a second look. */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import type { Canonical } from "../canonical/canonical.ts";
import { type Finding, subjectOf } from "./check.ts";
import { RISKS } from "./risks.ts";
import { WAYS_AROUND } from "./ways-around.ts";

export type { Finding } from "./check.ts";

const order = { high: 0, medium: 1, low: 2 } as const;

/** All findings about a filter for these ABIs, worst first. */
export function findingsOf(filter: Canonical, abis: readonly Abi[]): readonly Finding[] {
  const subject = subjectOf(filter, abis);
  const found = [...WAYS_AROUND, ...RISKS].flatMap((check) => check(subject));
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}
