/** What is broken in a life, beside one without walls. */
import type { Life, PhaseResult } from "./exercise.ts";

/** A stop that takes this many seconds longer, and this many times as long, waited for something that does not come. */
const LONGER = { seconds: 5, times: 3 };

/**
 * The first phase that passed in `baseline` and does not pass here, or does worse: a stop that waits for its time to run out, a
 * main process that leaves ended children behind.
 */
export function firstBroken(baseline: Life, life: Life): PhaseResult | undefined {
  const failed = life.find(
    ({ phase, outcome }) => outcome === "failed" && baseline.some((before) => before.phase === phase && passed(before)),
  );
  return failed ?? slowStop(baseline, life) ?? abandoned(baseline, life);
}

function passed({ outcome }: PhaseResult): boolean {
  return outcome === "passed";
}

function slowStop(baseline: Life, life: Life): PhaseResult | undefined {
  const stopOf = (all: Life): PhaseResult | undefined => all.find((each) => each.phase === "stop" && passed(each));
  const [before, after] = [stopOf(baseline), stopOf(life)];
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const limit = Math.max(before.seconds + LONGER.seconds, before.seconds * LONGER.times);
  const took = `it took ${Math.round(after.seconds)} s, and ${Math.round(before.seconds)} s before`;
  return after.seconds > limit ? { ...after, outcome: "failed", detail: took } : undefined;
}

function abandoned(baseline: Life, life: Life): PhaseResult | undefined {
  const most = (all: Life): number => Math.max(0, ...all.map(({ unreaped = 0 }) => unreaped));
  const before = most(baseline);
  const worst = life.find(({ unreaped = 0 }) => unreaped > before);
  return worst === undefined
    ? undefined
    : {
        ...worst,
        outcome: "failed",
        detail: `its main process does not wait for children that ended (${worst.unreaped})`,
      };
}
