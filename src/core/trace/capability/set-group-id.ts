/**
 * CAP_FSETID: the kernel asks for it in every chmod of a file whose group the caller is not in, but the answer matters
 * only if the new mode has the set-group-ID bit. Facts: setattr_prepare() in fs/attr.c, chmod(2).
 */

import type { Call, Observation, Seen } from "../../action/action.ts";
import { MODE_BITS } from "../../kernel/file-mode.ts";

/** The calls that change a mode, each with the position of the new one among its arguments. */
const MODE_AT: ReadonlyMap<string, number> = new Map([
  ["chmod", 1],
  ["fchmod", 1],
  ["fchmodat", 2],
  ["fchmodat2", 2],
]);

/** Whether a call changes the mode of a file. */
export function changesMode({ name }: Call): boolean {
  return MODE_AT.has(name);
}

/** Whether a call gives a file the set-group-ID bit; false where its mode was not recorded. */
export function setsGroupId({ name, arguments: given }: Call): boolean {
  const mode = given[MODE_AT.get(name) ?? given.length];
  return mode?.kind === "number" && (mode.value & BigInt(MODE_BITS.S_ISGID)) !== 0n;
}

function onlyAsksForFsetid({ action: { call, needs } }: Seen): boolean {
  const all = needs.length > 0 && needs.every((need) => need.kind === "capability" && need.capability === "CAP_FSETID");
  return all && changesMode(call);
}

/** The observation without the checks that decided nothing; as it is if some chmod did set the bit. */
export function withoutIdleChecks(observation: Observation): Observation {
  const { seen } = observation;
  if (seen.some(({ action }) => setsGroupId(action.call))) return observation;
  return { ...observation, seen: seen.filter((one) => !onlyAsksForFsetid(one)) };
}
