/**
 * Whether a service works every time before anything is said of walls: a workload that fails in one life and passes in
 * another is flaky, and nothing follows from what it does behind walls.
 */
import { SystemError } from "../../linux/system-error.ts";
import type { Life, PhaseResult } from "./exercise.ts";

/** One more life under the same conditions, where `life` failed: whether it failed by chance. */
export async function assertSteady(unit: string, life: Life, again: () => Promise<Life>): Promise<void> {
  const failed = firstFailed(life);
  if (failed === undefined) {
    return;
  }
  const other = firstFailed(await again());
  if (other === undefined || worked(other) !== worked(failed)) {
    throw flakyError(unit, failed);
  }
}

function firstFailed(life: Life): PhaseResult | undefined {
  return life.find(({ outcome }) => outcome === "failed");
}

/** Whether the workload passed before this failed. */
function worked({ phase }: PhaseResult): boolean {
  return phase !== "start" && phase !== "workload";
}

/** The error for a workload, or a service, that works only sometimes. */
export function flakyError(unit: string, failed: PhaseResult | undefined): SystemError {
  const what = failed === undefined ? "" : `: ${failed.phase} failed once (${failed.detail}) and passed once`;
  return new SystemError("exercise", {
    path: unit,
    reason: `flaky: it does not work every time, though nothing changed${what}`,
    lines: failed?.words ?? [],
    help: "make the service and its workload pass every time, or give them more time with --timeout",
  });
}
