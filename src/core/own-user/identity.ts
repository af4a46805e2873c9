/** Whose user a service gets: the one that its workers change to, an account of the asked name, or a new one. */
import type { Observation } from "../action/action.ts";
import { peopleOf } from "../directives/seen.ts";
import type { Owner } from "./own-user.ts";

/** The accounts of a machine, as far as they matter here. */
export interface KnownAccounts {
  readonly users: readonly { readonly name: string; readonly uid: number; readonly gid: number }[];
  readonly groups: readonly { readonly name: string; readonly gid: number }[];
}

/** What decides. */
export interface Choice {
  readonly observation: Observation;
  readonly accounts: KnownAccounts;
  /** The name that was asked for; undefined: none. */
  readonly asked: string | undefined;
  /** The unit's name without its suffix and instance. */
  readonly stem: string;
  /** Whether it keeps files where others could see them after it has ended. */
  readonly keepsFiles: boolean;
}

/** A name that systemd-sysusers(8) takes without a warning. */
export const GOOD_NAME: RegExp = /^[a-z_][a-z0-9_-]{0,30}$/;

/** The owner. A person's account is never taken: its sessions could act on the service. */
export function ownerFor({ observation, accounts, asked, stem, keepsFiles }: Choice): Owner {
  if (asked !== undefined) {
    return accountNamed(accounts, asked) ?? { kind: "new", user: asked, group: asked };
  }
  const worker = workerOf(observation, accounts);
  if (worker !== undefined) {
    return worker;
  }
  const name = stem.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-");
  const own = accountNamed(accounts, name);
  if (own !== undefined && own.uid !== 0) {
    return own;
  }
  if (!keepsFiles) {
    return { kind: "dynamic" };
  }
  const user = GOOD_NAME.test(name) ? name : `svc-${name}`.slice(0, 31);
  return { kind: "new", user, group: user };
}

type Existing = Extract<Owner, { readonly kind: "existing" }>;

function accountNamed({ users, groups }: KnownAccounts, name: string): Existing | undefined {
  const user = users.find((each) => each.name === name);
  return user === undefined ? undefined : existing(user.name, user.uid, user.gid, groups);
}

function existing(user: string, uid: number, gid: number, groups: KnownAccounts["groups"]): Existing {
  const group = groups.find((each) => each.gid === gid)?.name ?? String(gid);
  return { kind: "existing", user, group, uid, gid };
}

/** The identity other than root as which it did most, if it has a name and is no person's. */
function workerOf(observation: Observation, { users, groups }: KnownAccounts): Existing | undefined {
  const people = new Set(peopleOf(observation, undefined));
  const counts = new Map<string, { readonly uid: number; readonly gid: number; readonly count: number }>();
  for (const { uid, gid } of observation.seen.flatMap(({ identities }) => identities)) {
    if (uid !== 0 && !people.has(uid)) {
      const key = `${uid}:${gid}`;
      counts.set(key, { uid, gid, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  const user = users.find(({ uid }) => uid === most?.uid);
  return user === undefined || most === undefined ? undefined : existing(user.name, user.uid, most.gid, groups);
}
