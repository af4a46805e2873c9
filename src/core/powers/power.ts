/**
 * What a power is: who has it acts from then on behind other walls than those of the service. That it is had is shown by attacks,
 * which are tried and judged like any other, so that a wrong belief about it is a wall that does not hold. One file each.
 */
import type { Machine, Probe } from "../probes/probe.ts";
import type { Sandbox } from "../sandbox/wall.ts";

/** One power. */
export interface Power {
  /** Stable, kebab-case. */
  readonly id: string;
  /** What the intruder does with it, in a few words: "acts as another service". */
  readonly title: string;
  /** What follows, one sentence. */
  readonly follows: string;
  /** The attacks that show it: getting through with one of them is to have it. */
  readonly ways: readonly [Probe, ...Probe[]];
  /** The walls behind which the intruder acts from then on; an empty sandbox is root without any. */
  readonly gives: (sandbox: Sandbox, machine: Machine) => Sandbox;
}

/** Root without a wall. */
export const NO_WALLS: Sandbox = { walls: [] };

/** These walls without what is mounted for the service. */
export function withoutMounts({ walls }: Sandbox): Sandbox {
  return { walls: walls.filter(({ kind }) => kind !== "mount") };
}
