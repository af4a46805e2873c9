/**
 * CAP_FSETID: the kernel asks for it in every chmod of a file whose group the caller is not in, but the answer matters
 * only if the new mode has the set-group-ID bit. Facts: setattr_prepare() in fs/attr.c, chmod(2).
 */

import { type Call, callOf, type Observation, type Seen, type SeenAction } from "../../action/action.ts";
import { MODE_BITS } from "../../kernel/file-mode.ts";

/** The calls that change a mode, each with the position of the new mode among its arguments. */
const MODE_AT: ReadonlyMap<string, number> = new Map([
  ["chmod", 1],
  ["fchmod", 1],
  ["fchmodat", 2],
  ["fchmodat2", 2],
]);

/** Whether a call changes the mode of a file. */
export function changesMode(action: SeenAction): boolean {
  return MODE_AT.has(callOf(action)?.name ?? "");
}

/** Whether a call gives a file the set-group-ID bit; false where its mode was not recorded. */
export function setsGroupId(action: SeenAction): boolean {
  const call: Call | undefined = callOf(action);
  const mode = call?.arguments[MODE_AT.get(call.name) ?? call.arguments.length];
  return mode?.kind === "number" && (mode.value & BigInt(MODE_BITS.S_ISGID)) !== 0n;
}

function onlyAsksForFsetid({ action }: Seen): boolean {
  const { needs } = action;
  const all = needs.length > 0 && needs.every((need) => need.kind === "capability" && need.capability === "CAP_FSETID");
  return all && changesMode(action);
}

/** The observation without the CAP_FSETID checks that decided nothing; unchanged if some chmod did set the bit. */
export function withoutIdleChecks(observation: Observation): Observation {
  const { seen } = observation;
  if (seen.some(({ action }) => setsGroupId(action))) {
    return observation;
  }
  return { ...observation, seen: seen.filter((one) => !onlyAsksForFsetid(one)) };
}
