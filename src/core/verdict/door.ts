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
import type { SynthesisInput } from "../synthesis/input.ts";
import { type Requirement, requirementsOf, unmet } from "../synthesis/required.ts";
import type { Synthesis } from "../synthesis/synthesize.ts";
import { predict } from "./predict.ts";

/** A setting that would stop an attack, and why it was not chosen. */
export interface Blocked {
  /** As it would be written: `PrivateNetwork=yes`. */
  readonly setting: string;
  /** The reason in words, usually an observed action that it would break; undefined if nothing observed needs the door. */
  readonly needs: string | undefined;
  /** How many observed actions it would break; undefined where this machine does not enforce it. */
  readonly breaks: number | undefined;
}

/**
 * The settings that would stop an open attack, each judged together with the whole drop-in; empty if none would. Those that
 * an observed action forbids come first, but one that would break ten times more than the mildest comes after these: nobody
 * would consider it.
 */
export function doorsOf(
  steps: readonly Step[],
  identity: Identity,
  input: SynthesisInput,
  synthesis: Synthesis,
): readonly Blocked[] {
  const { uid, gid } = sandboxOfValues(input.values, input.host).facts;
  const required = requirementsOf(input.observation, [], { uid, gid });
  const neverMet = new Set(unmet(synthesis.before, required));
  const possible = required.filter((each) => !neverMet.has(each));
  const found: Blocked[] = [];
  for (const directive of catalogue) {
    // A service's identity is changed only on advice, never silently.
    if (directive.group === "identity" || directive.since > input.host.systemd) {
      continue;
    }
    const blocked = blockedBy(directive, steps, identity, input, synthesis, possible);
    if (blocked !== undefined) {
      found.push(blocked);
    }
  }
  const least = Math.min(...found.flatMap(({ breaks }) => (breaks === undefined || breaks === 0 ? [] : [breaks])));
  const rank = ({ needs, breaks }: Blocked): number => {
    if (needs === undefined) {
      return 2;
    }
    return breaks !== undefined && breaks > 10 * least ? 1 : 0;
  };
  return found.toSorted((a, b) => rank(a) - rank(b));
}

function blockedBy(
  directive: AnyDirective,
  steps: readonly Step[],
  identity: Identity,
  input: SynthesisInput,
  synthesis: Synthesis,
  required: readonly Requirement[],
): Blocked | undefined {
  const current = synthesis.values.get(directive.name) ?? directive.initial;
  const { facts } = sandboxOfValues(synthesis.values, input.host);
  const actions = steps.map(({ action }) => action);
  for (const value of directive.narrowedTo?.(actions) ?? directive.samples) {
    const folded: unknown = directive.fold([{ value, file: "", line: 1 }], facts).value;
    const values = new Map(synthesis.values).set(directive.name, directive.meet(folded, current, facts.machine));
    const { sandbox } = sandboxOfValues(values, input.host);
    if (predict(behind(sandbox, identity), steps).kind !== "denied") {
      continue;
    }
    const setting = `${directive.name}=${value}`;
    const useless = input.ineffective?.get(directive.name);
    if (useless !== undefined) {
      return { setting, needs: `this machine does not enforce it: ${useless}`, breaks: undefined };
    }
    const broken = unmet(sandbox, required);
    return { setting, needs: broken[0]?.words, breaks: broken.length };
  }
  return undefined;
}

/** Why the door is open, in one sentence, for the report. */
export function doorText(doors: readonly Blocked[]): string {
  const [first] = doors;
  if (first === undefined) {
    return "no setting of systemd stands against it";
  }
  if (first.needs === undefined) {
    return `${first.setting} would stop it, but is only set on request`;
  }
  return `${first.setting} would stop it, but: ${first.needs}`;
}
