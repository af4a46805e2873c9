/** How long something takes in this process. */

/** The middle one of some figures. */
export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Milliseconds of one run. */
export function once(work) {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** Milliseconds that something takes: the middle of some runs, the first ones not counted. */
export function milliseconds(work, runs = 9) {
  const warmUp = 2;
  const times = Array.from({ length: runs + warmUp }, () => once(work));
  return median(times.slice(warmUp));
}
