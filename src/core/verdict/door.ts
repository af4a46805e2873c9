/**
 * Why an attack still gets through: the settings that would stop it, and the observed action that each of them would break.
 * The model is asked, so no list can go stale; if no setting of systemd stops an attack, that is said.
 */

import type { Identity } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective } from "../directives/directive.ts";
import { sandboxOfValues } from "../directives/sandbox.ts";
import type { Step } from "../probes/probe.ts";
import { behind } from "../sandbox/judge.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { prepare, type SynthesisInput } from "../synthesis/input.ts";
import { type Requirement, unmet } from "../synthesis/required.ts";
import { valueIn } from "../synthesis/standing.ts";
import type { Synthesis } from "../synthesis/synthesize.ts";
import { witnessText } from "../synthesis/witness.ts";
import { foresee } from "./predict.ts";

/** A setting that would stop an attack, and why it was not chosen. */
export interface Blocked {
  /** As it would be written: `PrivateNetwork=yes`. */
  readonly setting: string;
  /** The reason in words: what it would refuse that there is evidence of; undefined if that is nothing. */
  readonly needs: string | undefined;
  /** Where nothing needs the door: why it is not written all the same, a sentence. */
  readonly witness?: string;
  /** How many observed actions it would break; undefined where this machine does not enforce it. */
  readonly breaks: number | undefined;
}

/** What one more setting would come to, beside the whole drop-in. */
interface Tried {
  readonly sandbox: Sandbox;
  /** The observed actions that it would break. */
  readonly broken: () => readonly Requirement[];
}

/** The settings that would stop an open attack; empty if none would. */
export type DoorFinder = (steps: readonly Step[], identity: Identity) => readonly Blocked[];

/**
 * Looks for the settings that would stop an open attack, each judged together with the whole drop-in. Those that something forbids
 * come first, the one that breaks the least before the others, since it is what somebody would have to give up; then those that are
 * not written for another reason. What a setting comes to is reckoned once for all attacks.
 */
export function doorFinder(input: SynthesisInput, synthesis: Synthesis): DoorFinder {
  const { required: possible } = prepare(input);
  const { facts } = sandboxOfValues(synthesis.values, input.host);
  const known = new Map<string, Tried>();
  const tried = (directive: AnyDirective, value: string): Tried => {
    const setting = `${directive.name}=${value}`;
    const before = known.get(setting);
    if (before !== undefined) {
      return before;
    }
    const current = valueIn(synthesis.values, directive);
    const folded: unknown = directive.fold([{ value, file: "", line: 1 }], facts).value;
    const values = new Map(synthesis.values).set(directive.name, directive.meet(folded, current, facts.machine));
    const { sandbox } = sandboxOfValues(values, input.host);
    let broken: readonly Requirement[] | undefined;
    const found: Tried = {
      sandbox,
      broken: () => {
        broken ??= unmet(sandbox, possible);
        return broken;
      },
    };
    known.set(setting, found);
    return found;
  };
  // A service's identity is changed only on advice, never silently.
  const offered = catalogue.filter(({ group, since }) => group !== "identity" && since <= input.host.systemd);
  return (steps, identity) => {
    const found = offered.flatMap((directive) => blockedBy(directive, steps, identity, input, tried) ?? []);
    return inOrder(found.map((door) => withWitness(door, synthesis)));
  };
}

/** The least first; what is not enforced here after what somebody needs, what nobody needs last. */
function inOrder(found: readonly Blocked[]): readonly Blocked[] {
  const rank = ({ needs, breaks }: Blocked): number =>
    needs === undefined ? Number.MAX_VALUE : (breaks ?? Number.MAX_SAFE_INTEGER);
  return found.toSorted((a, b) => rank(a) - rank(b));
}

/** Why a setting that nothing forbids is not written: as the result says of it, or of its directive. */
function withWitness(door: Blocked, { notBuilt }: Synthesis): Blocked {
  if (door.needs !== undefined) {
    return door;
  }
  const [name = ""] = door.setting.split("=");
  const own =
    notBuilt.find(({ directive, value }) => `${directive}=${value}` === door.setting) ??
    notBuilt.find(({ directive }) => directive === name);
  return own === undefined ? door : { ...door, witness: witnessText(own.witness) };
}

function blockedBy(
  directive: AnyDirective,
  steps: readonly Step[],
  identity: Identity,
  input: SynthesisInput,
  tried: (directive: AnyDirective, value: string) => Tried,
): Blocked | undefined {
  const actions = steps.map(({ action }) => action);
  for (const value of directive.narrowedTo?.(actions) ?? directive.samples) {
    const { sandbox, broken } = tried(directive, value);
    if (foresee(behind(sandbox, identity), steps) !== "denied") {
      continue;
    }
    const setting = `${directive.name}=${value}`;
    const useless = input.ineffective?.get(directive.name);
    if (useless !== undefined) {
      return { setting, needs: `this machine does not enforce it: ${useless}`, breaks: undefined };
    }
    return { setting, needs: broken()[0]?.words, breaks: broken().length };
  }
  return undefined;
}

/** Why the door is open, in one sentence, for the report. */
export function doorText(doors: readonly Blocked[]): string {
  const [first] = doors;
  if (first === undefined) {
    return "no setting of systemd stands against it that would leave the service what every program needs";
  }
  if (first.needs !== undefined) {
    return `${first.setting} would stop it, but: ${first.needs}`;
  }
  return first.witness === undefined
    ? `${first.setting} would stop it, but is only set on request`
    : `${first.setting} would stop it, but is not written: ${first.witness}`;
}
