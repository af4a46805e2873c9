/** What is said where the threads of a process run different filters: each of them has its own list (seccomp(2)). */
import type { Diagnostic } from "../../core/diagnostic/diagnostic.ts";
import type { OtherThread } from "../../linux/seccomp-filters.ts";

/** The most threads that are listed one by one. */
const MOST = 8;

function threadText({ thread, mode, count }: OtherThread): string {
  if (mode === 1) {
    return `${thread} (strict mode)`;
  }
  return `${thread} (${mode === 0 ? "none" : (count ?? "an unknown number")})`;
}

/** A warning that a thread's filters are not those of its whole process; none where no number differs. */
export function threadWarning(thread: number, others: readonly OtherThread[]): readonly Diagnostic[] {
  if (others.length === 0) {
    return [];
  }
  const named = others.slice(0, MOST).map(threadText).join(", ");
  const rest = others.length > MOST ? ` and ${others.length - MOST} more` : "";
  const what = others.length === 1 ? "another thread has" : `${others.length} other threads have`;
  const message = `these are the filters of thread ${thread}; ${what} more or fewer: ${named}${rest}`;
  const help = "the number of a thread can be given as well";
  return [{ code: "filter-threads", severity: "warning", message, help }];
}
