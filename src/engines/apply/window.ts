/** How long an apply may take. A live machine has other work than a box has: what starting took in the rehearsal is given threefold. */

const FACTOR = 3;
const USUAL_SECONDS = 120;
/** For what happens beside starting and watching: reloading systemd, the check. */
const LEAST_REST = 20;
const USUAL_REST = 60;

/** Shorter than this, there would be no time to start, to watch and to check; seconds. */
export function leastWindow(activeSeconds: number, startSeconds = 0): number {
  return activeSeconds + LEAST_REST + Math.ceil(startSeconds * FACTOR);
}

/** What is given when nothing is asked for; seconds. */
export function usualWindow(activeSeconds: number, startSeconds = 0): number {
  return Math.max(USUAL_SECONDS, activeSeconds + USUAL_REST + Math.ceil(startSeconds * FACTOR));
}
