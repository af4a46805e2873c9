/**
 * What a search makes as small as possible: figures of a sandbox, the weightiest first. Which goals can be reached behind it only those
 * above can tell, who hand that in; without it, calls, capabilities and writable places are counted.
 */
import { CAPABILITIES } from "../kernel/capability.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { boundingOf } from "../sandbox/credentials.ts";
import { policiesOfWalls } from "../sandbox/filters.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { writablePlaces } from "../sandbox/writable.ts";
import { allowedCalls } from "../seccomp/policy/evaluate.ts";

/** Figures of a sandbox, the weightiest first; of two sandboxes always as many. */
export type Objective = (sandbox: Sandbox) => readonly number[];

/** More places than any drop-in names: the whole tree. */
const EVERYWHERE = 1_000_000;

/** Calls of the machine's own ABI, capabilities, and places that may be written to. */
export function leftOpen(machine: Abi): Objective {
  return ({ walls }) => {
    const places = writablePlaces(walls);
    const bounded = boundingOf(walls).filter((capability) => CAPABILITIES.includes(capability));
    const calls = allowedCalls(policiesOfWalls(walls), machine).length;
    return [calls, bounded.length, places.includes("/") ? EVERYWHERE : places.length];
  };
}

/** Whether the first figure in which two differ is less in `a`; none is less than one without figures. */
export function isLess(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((figure, at) => figure !== b[at]);
  const [x, y] = [a[index], b[index]];
  return x !== undefined && y !== undefined && x < y;
}

/** Of how many sandboxes a search may want the figures: what an intruder reaches takes a second or more for each. */
const MOST_WEIGHED = 24;

/** An objective that is asked once for each sandbox, and for so many at most: of further ones there are no figures, so none is less. */
export function remembered(objective: Objective, most: number = MOST_WEIGHED): Objective {
  const known = new WeakMap<Sandbox, readonly number[]>();
  let asked = 0;
  return (sandbox) => {
    const before = known.get(sandbox);
    if (before !== undefined || asked >= most) {
      return before ?? [];
    }
    asked += 1;
    const figures = objective(sandbox);
    known.set(sandbox, figures);
    return figures;
  };
}
