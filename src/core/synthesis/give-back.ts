/** Undoes steps that, once all walls stand, open more than they close. */
import { wallsOf } from "../directives/directive.ts";
import { loosened } from "../sandbox/compare.ts";
import type { Wall } from "../sandbox/wall.ts";
import type { Prepared } from "./input.ts";
import { isLess } from "./objective.ts";
import { unmet } from "./required.ts";
import { type Settled, type Standing, settledBy, type Taken } from "./standing.ts";

/**
 * Gives back steps without which less can be reached once the other walls stand (NoExecPaths= makes a path of a read-only tree
 * writable), and any step that makes the whole weaker than the unit was. A warning says so of each, and of those that are kept although
 * they open something: the two drafts cannot be compared.
 */
export function withoutHarm(
  prepared: Prepared,
  all: Settled,
): { readonly settled: Settled; readonly warnings: readonly string[] } {
  let settled: Settled = all;
  const warnings: string[] = [];
  for (const step of all.steps.filter((each) => mayOpen(prepared, each))) {
    if (!settled.steps.includes(step)) {
      continue;
    }
    const { state: others } = settledBy(
      prepared,
      settled,
      settled.steps.filter((each) => each !== step),
    );
    const [opened] = loosened(others.sandbox, settled.state.sandbox, { readOnlyRuns: true });
    if (opened === undefined) {
      continue;
    }
    if (!doesHarm(prepared, others, settled.state)) {
      warnings.push(
        `${step.wall}= is taken although with the other settings it means that ${opened}: without it more is open`,
      );
      continue;
    }
    const { steps: before } = settled;
    settled = givenBack(prepared, settled, step);
    const { steps: kept } = settled;
    const lost = before.filter((each) => each !== step && !kept.includes(each));
    warnings.push(
      `${step.wall}= is left alone: together with the other settings it would mean that ${opened}`,
      ...lost.map(({ wall }) => `${wall}= is left alone: without ${step.wall}= it would refuse what was observed`),
    );
  }
  return { settled, warnings };
}

/** Whether a draft is weaker than the unit, or more can be reached behind it than without a step of it. */
function doesHarm(prepared: Prepared, others: Standing, all: Standing): boolean {
  const { before, objective } = prepared;
  return loosened(before, all.sandbox).length > 0 || isLess(objective(others.sandbox), objective(all.sandbox));
}

/**
 * What is left without a step. Other walls may need what it opened: then its doors stay, or else a wall that would refuse
 * what was observed goes with it.
 */
function givenBack(prepared: Prepared, all: Settled, step: Taken): Settled {
  const rest = all.steps.filter((other) => other !== step);
  const doors = new Map([...step.chosen].filter(([name]) => name !== step.wall));
  const opening = rest.filter((other) => mayOpen(prepared, other));
  const ways: readonly (readonly Taken[])[] = [
    rest,
    ...(doors.size > 0 ? [[...rest, { wall: step.wall, chosen: doors }]] : []),
    ...opening.map((other) => rest.filter((each) => each !== other)),
  ];
  for (const steps of ways) {
    const settled = settledBy(prepared, all, steps);
    const { sandbox } = settled.state;
    if (unmet(sandbox, prepared.required).length === 0 && loosened(prepared.before, sandbox).length === 0) {
      return settled;
    }
  }
  return settledBy(
    prepared,
    all,
    rest.filter((other) => !opening.includes(other)),
  );
}

/** Walls that only ever restrict, in any combination. */
const CLOSING: ReadonlySet<Wall["kind"]> = new Set<Wall["kind"]>([
  "filter",
  "bounding",
  "no-new-privileges",
  "write-xor-execute",
  "namespace",
  "real-time",
  "keyring",
  "umask",
]);

/** Whether a step might weaken other walls. A setting that builds no wall itself can only modify those of others. */
export function mayOpen({ situation }: Prepared, { chosen }: Taken): boolean {
  const walls = [...chosen.values()].flatMap(({ directive, candidate }) =>
    wallsOf(directive, candidate.value, situation.unit),
  );
  return chosen.size > 1 || walls.length === 0 || walls.some((wall) => !CLOSING.has(wall.kind));
}
