/**
 * Where an intruder gets from a sandbox by the powers that are had in it. The powers are finitely many and having one twice
 * gives nothing new, so the sandboxes are the least fixpoint of a finite search, the shortest chains first.
 */
import { powers as catalogue } from "../powers/catalogue.ts";
import type { Power } from "../powers/power.ts";
import type { Attack } from "../probes/attack.ts";
import type { Machine } from "../probes/probe.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { foresee, type Prediction } from "./predict.ts";

/** Whether an attack gets through. */
export type Through = "through" | "stopped" | "unknown";

/** One step to another sandbox: by which attack which power was had. */
export interface Link {
  /** Id of the power. */
  readonly power: string;
  /** Id of the attack that gets through. */
  readonly way: string;
}

/** A sandbox in which an intruder can act. */
export interface Reached {
  /** From the service's own sandbox to this one; empty: its own. */
  readonly chain: readonly Link[];
  readonly sandbox: Sandbox;
  /** What comes of each attack there. */
  readonly of: (attack: Attack) => Through;
}

/** The ground on which attacks are judged. */
export interface Ground {
  readonly attacks: readonly Attack[];
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  /** What came of each attack in the service's own sandbox, where it was tried. */
  readonly tried: (id: string) => Through;
}

/** The sandbox itself and all that can be reached from it. What is undecided leads nowhere: it is undecided already. */
export function reachable(own: Sandbox, ground: Ground, powers: readonly Power[] = catalogue): readonly Reached[] {
  const found: Reached[] = [{ chain: [], sandbox: own, of: ({ probe }) => ground.tried(probe.id) }];
  const known = new Set([""]);
  for (let at = found[0]; at !== undefined; at = found[found.indexOf(at) + 1]) {
    for (const power of powers) {
      const next = by(power, at, ground);
      const key = next?.chain
        .map((link) => link.power)
        .sort()
        .join(" ");
      const had = next !== undefined && found.some(({ sandbox }) => isSame(sandbox, next.sandbox));
      if (next !== undefined && key !== undefined && !known.has(key) && !had) {
        known.add(key);
        found.push(next);
      }
    }
  }
  return found;
}

/** Whether two sandboxes are of the same walls: then nothing was gained. */
function isSame({ walls: some }: Sandbox, { walls: others }: Sandbox): boolean {
  return some.length === others.length && some.every((wall, index) => wall === others[index]);
}

/** What a prediction says of an attack. */
export function throughBy(kind: Prediction["kind"]): Through {
  return kind === "allowed" ? "through" : kind === "denied" ? "stopped" : "unknown";
}

/** The sandbox that a power leads to, if one of its attacks gets through here and it is not had already. */
function by(power: Power, from: Reached, { attacks, machine, surroundings }: Ground): Reached | undefined {
  if (from.sandbox.walls.length === 0 || from.chain.some((link) => link.power === power.id)) {
    return undefined;
  }
  const ways = power.ways.flatMap(({ id }) => attacks.filter(({ probe }) => probe.id === id));
  const way = ways.find((attack) => from.of(attack) === "through");
  if (way === undefined) {
    return undefined;
  }
  const sandbox = power.gives(from.sandbox, machine);
  const known = new Map<string, Through>();
  const of = ({ probe, steps }: Attack): Through => {
    const through = known.get(probe.id) ?? throughBy(foresee(sandbox, steps, surroundings));
    known.set(probe.id, through);
    return through;
  };
  return { chain: [...from.chain, { power: power.id, way: way.probe.id }], sandbox, of };
}
