/** What a report says of a user of its own for a service that starts as root: proposed, or rehearsed. */
import type { Phase } from "../action/action.ts";
import type { DiskChange, Unplaced } from "../own-user/own-user.ts";
import type { GoalName } from "../probes/goals.ts";
import type { GoalResult } from "../verdict/goals.ts";
import type { RunVerdict } from "../verdict/overall.ts";

/** A line of the daemon's own configuration that stands in the way, and what would do instead. */
export interface ConfigurationLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly instead: string;
  /** Whether the service worked with it in a box. */
  readonly works: boolean;
}

/** What is said. */
export type OwnUserReport =
  /** By the model: the goals that would be out of reach. */
  | { readonly kind: "proposed"; readonly user: string; readonly shuts: readonly GoalName[] }
  | {
      readonly kind: "works";
      readonly user: string;
      readonly verdict: RunVerdict;
      readonly exposure: number;
      readonly goals: readonly GoalResult[];
      /** The lines that give it its user; walls not included. */
      readonly lines: readonly { readonly name: string; readonly value: string; readonly reason: string }[];
      /** What `apply` changes on disk, and takes back. */
      readonly changes: readonly DiskChange[];
      /** What it did as root and is refused now, though it works, in words. */
      readonly lost: readonly string[];
      /** SHA-256 of own-user.conf, hexadecimal. */
      readonly dropIn: string;
    }
  | {
      readonly kind: "refused";
      readonly user: string;
      readonly phase: Phase;
      readonly detail: string;
      readonly unplaced: readonly Unplaced[];
      readonly configuration?: ConfigurationLine;
    }
  | { readonly kind: "none"; readonly reason: string };
