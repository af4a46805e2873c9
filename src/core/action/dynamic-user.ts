/**
 * A dynamic user has another number on every host and may have another one after every start. What it did is written
 * under one number, so that observations compare and merge. Facts: systemd.exec(5), "DynamicUser=".
 */
import type { Need, Observation } from "./action.ts";

const FIRST = 61184;
const LAST = 65519;

/** What stands for whichever number a dynamic user or its group gets: the first of the range that systemd takes it from. */
export const SOME_DYNAMIC_ID: number = FIRST;

/** Whether a number may be that of a dynamic user or its group. */
export function isDynamicId(id: number): boolean {
  return id >= FIRST && id <= LAST;
}

/** A property that holds a user's or a group's number. */
function isId(key: string): boolean {
  return key === "uid" || key === "gid";
}

function withIds<T>(value: T, id: (number: number) => number): T {
  if (Array.isArray(value)) {
    return value.map((each) => withIds(each, id)) as T;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([key, part]) =>
    isId(key) && typeof part === "number" ? [key, id(part)] : [key, withIds(part, id)],
  );
  return Object.fromEntries(entries) as T;
}

/**
 * The same observation with every dynamic user as whom the service acted written as the first of the range, as are the
 * owners of what is theirs. Other services' dynamic users stay as they are.
 *
 * @example
 * import { oneDynamicUser } from "cloison";
 * import assert from "node:assert";
 * const action = { call: { abi: "x86_64", name: "getpid", arguments: [] }, needs: [] };
 * const identities = [{ uid: 63112, gid: 63112 }];
 * const seen = [{ action, result: "ok", phases: ["start"], identities, executables: ["/x"], count: 1, hosts: [] }];
 * const observation = { schema: "cloison.observation/2", unit: "x.service", seen, gaps: [], phases: ["start"] };
 * assert.deepEqual(oneDynamicUser(observation).seen[0]?.identities, [{ uid: 61184, gid: 61184 }]);
 */
export function oneDynamicUser(observation: Observation): Observation {
  const ids = new Set(observation.seen.flatMap(({ identities }) => identities.flatMap(({ uid, gid }) => [uid, gid])));
  const own = new Set([...ids].filter(isDynamicId));
  if (own.size === 0) {
    return observation;
  }
  const id = (number: number): number => (own.has(number) ? SOME_DYNAMIC_ID : number);
  const seen = observation.seen.map((each) => ({
    ...each,
    identities: withIds(each.identities, id),
    action: { ...each.action, needs: withIds<readonly Need[]>(each.action.needs, id) },
  }));
  return { ...observation, seen };
}
