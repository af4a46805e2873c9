/** How a drop-in compares with the one of Cloison's that is installed, in words. */
import type { Report } from "./report.ts";

/** What the new one has and the installed one has not, and the other way round; nothing where none is installed. */
export function comparedWithInstalled({ installed }: Pick<Report, "installed">): readonly string[] {
  if (installed === undefined) {
    return [];
  }
  const { added, dropped } = installed;
  if (added.length + dropped.length === 0) {
    return ["the same settings"];
  }
  return [...added.map((line) => `new: ${line}`), ...dropped.map((line) => `no longer: ${line}`)];
}
