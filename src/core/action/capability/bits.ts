/**
 * Takes checks of CAP_FSETID away that decided nothing. The kernel asks for it in every chmod of a file whose group the
 * caller is not in, but the answer matters only if the new mode has the set-group-ID bit. Facts: setattr_prepare() in
 * fs/attr.c, chmod(2).
 */
import type { Observation, Seen } from "../action.ts";

const S_ISGID = 0o2000n;
/** Position of the mode in each call. */
const MODES: Readonly<Record<string, number>> = { chmod: 1, fchmod: 1, fchmodat: 2, fchmodat2: 2 };

function setsGroupId({ action: { call } }: Seen): boolean {
  const mode = MODES[call.name] === undefined ? undefined : call.arguments[MODES[call.name] as number];
  return mode?.kind === "number" && (mode.value & S_ISGID) !== 0n;
}

function asksForBits({ action: { call, needs } }: Seen): boolean {
  const all = needs.length > 0 && needs.every((need) => need.kind === "capability" && need.capability === "CAP_FSETID");
  return all && MODES[call.name] !== undefined;
}

/** The observation without those checks; as it is if some chmod did set the bit. */
export function withoutIdleBits(observation: Observation): Observation {
  const { seen } = observation;
  return seen.some(setsGroupId) ? observation : { ...observation, seen: seen.filter((one) => !asksForBits(one)) };
}
