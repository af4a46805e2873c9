/**
 * Why an attack still gets through: the settings that would stop it, and the observed action that each of them would break.
 * Asked of the model, never listed; an attack that no setting of systemd stops is said to be one.
 */

import type { Identity } from "../action/action.ts";
import { systemCallFilter } from "../directives/calls/system-call-filter.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective } from "../directives/directive.ts";
import { restrictAddressFamilies } from "../directives/network/restrict-address-families.ts";
import { capabilityBoundingSet } from "../directives/privileges/capability-bounding-set.ts";
import { sandboxOfValues } from "../directives/sandbox.ts";
import { addressFamilyName } from "../kernel/address-family.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import type { Step } from "../probes/probe.ts";
import { behind } from "../sandbox/judge.ts";
import { type Requirement, requirementsOf, unmet } from "../synthesis/required.ts";
import type { Synthesis, SynthesisInput } from "../synthesis/synthesize.ts";
import { predict } from "./predict.ts";

/** What keeps a wall from being built. */
export interface Blocked {
  /** As it would be written: `PrivateNetwork=yes`. */
  readonly setting: string;
  /** The observed action that needs the door, in words; undefined when nothing observed does. */
  readonly needs: string | undefined;
  /** How many observed things it would break; undefined where this machine does not enforce it. */
  readonly breaks: number | undefined;
}

/** Directives that change who a service is: advice, never made silently. */
const NEVER_SILENT: ReadonlySet<string> = new Set(["User", "Group", "DynamicUser", "SupplementaryGroups"]);

/**
 * The values worth asking about, least first: of the long lists the one entry that the attack uses, so that the answer
 * is what that entry is needed for; else every value with a meaning of its own.
 */
function valuesOf(directive: AnyDirective, steps: readonly Step[]): readonly string[] {
  if (directive.name === restrictAddressFamilies.name) return familiesOf(steps).map((family) => `~${family}`);
  if (directive.name === systemCallFilter.name) return steps.map(({ action }) => `~${action.call.name}`);
  if (directive.name === capabilityBoundingSet.name) return CAPABILITIES.map((capability) => `~${capability}`);
  return directive.samples;
}

/** The families of the sockets that an attack makes. */
function familiesOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ action: { call } }) => {
    const [family] = call.arguments;
    if (call.name !== "socket" || family?.kind !== "number") return [];
    return addressFamilyName(Number(family.value)) ?? [];
  });
}

/**
 * The settings that would stop an open attack, those with an observed need first; one that would break far more than
 * another comes after it, since nobody thinks of setting it. Empty: no setting stops it. Each is judged beside all
 * settings of the drop-in.
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
    if (NEVER_SILENT.has(directive.name) || directive.since > input.host.systemd) continue;
    const blocked = blockedBy(directive, steps, identity, input, synthesis, possible);
    if (blocked !== undefined) found.push(blocked);
  }
  const least = Math.min(...found.flatMap(({ breaks }) => (breaks === undefined || breaks === 0 ? [] : [breaks])));
  const rank = ({ needs, breaks }: Blocked): number => {
    if (needs === undefined) return 2;
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
  for (const value of valuesOf(directive, steps)) {
    const folded: unknown = directive.fold([{ value, file: "", line: 1 }], facts).value;
    const values = new Map(synthesis.values).set(directive.name, directive.meet(folded, current));
    const { sandbox } = sandboxOfValues(values, input.host);
    if (predict(behind(sandbox, identity), steps).kind !== "denied") continue;
    const setting = `${directive.name}=${value}`;
    const useless = input.ineffective?.get(directive.name);
    if (useless !== undefined)
      return { setting, needs: `this machine does not enforce it: ${useless}`, breaks: undefined };
    const broken = unmet(sandbox, required);
    return { setting, needs: broken[0]?.words, breaks: broken.length };
  }
  return undefined;
}

/** The door in one sentence, for the report of an open attack. */
export function doorText(doors: readonly Blocked[]): string {
  const [first] = doors;
  if (first === undefined) return "no setting of systemd stands against it";
  if (first.needs === undefined) return `${first.setting} would stop it; it is not chosen without being asked for`;
  return `${first.setting} would stop it, but: ${first.needs}`;
}
