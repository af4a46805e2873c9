/** Who the service is, from User=, Group=, SupplementaryGroups= and DynamicUser=. Facts: systemd.exec(5). */
import { isDynamicId, SOME_DYNAMIC_ID } from "../action/dynamic-user.ts";
import type { UnitFacts } from "./directive.ts";

/** The words of the unit, as folded. */
export interface IdentityWords {
  readonly user: string;
  readonly group: string;
  readonly supplementary: readonly string[];
  readonly dynamic: boolean;
}

/** What systemd resolves them to. `unknown` are names that the machine lacks: systemd would not start the unit. */
export interface ResolvedIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly transient: boolean;
  readonly unknown: readonly string[];
}

/** Whether a uid that was seen is the service's own: a dynamic user has another number at each start. */
export function isOwnUid(own: number, uid: number): boolean {
  return uid === own || (isDynamicId(own) && isDynamicId(uid));
}

/** What stands for a name that cannot be resolved: nobody. */
const NOBODY = 65534;

type Lookup = UnitFacts["user"];

function asNumber(word: string): number | undefined {
  return /^\d+$/.test(word) ? Number(word) : undefined;
}

function userOf(words: IdentityWords, lookup: Lookup): ResolvedIdentity {
  const found = words.user === "" ? undefined : lookup(words.user);
  if (found !== undefined) {
    return { ...found, transient: false, unknown: [] };
  }
  if (words.dynamic) {
    return { uid: SOME_DYNAMIC_ID, gid: SOME_DYNAMIC_ID, groups: [], transient: true, unknown: [] };
  }
  if (words.user === "" || words.user === "root") {
    return { uid: 0, gid: 0, groups: [], transient: false, unknown: [] };
  }
  const uid = asNumber(words.user);
  if (uid !== undefined) {
    return { uid, gid: 0, groups: [], transient: false, unknown: [] };
  }
  return { uid: NOBODY, gid: NOBODY, groups: [], transient: false, unknown: [words.user] };
}

/** Resolves the words against the machine's users and groups. */
export function resolveIdentity(words: IdentityWords, lookup: Lookup): ResolvedIdentity {
  const user = userOf(words, lookup);
  const unknown = [...user.unknown];
  const gidOf = (name: string): number => {
    const gid = asNumber(name) ?? (name === "root" ? 0 : lookup(name)?.gid);
    if (gid === undefined) {
      unknown.push(name);
    }
    return gid ?? NOBODY;
  };
  const gid = words.group === "" ? user.gid : gidOf(words.group);
  const groups = new Set([...user.groups, ...words.supplementary.map(gidOf)]);
  return { ...user, gid, groups: [...groups].sort((a, b) => a - b), unknown };
}
