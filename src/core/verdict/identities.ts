/** As whom a service is attacked: the identities it was seen to use, and which of them an intruder can assume. */
import type { Identity, Observation } from "../action/action.ts";
import { credentialsOf } from "../sandbox/credentials.ts";
import type { Sandbox } from "../sandbox/wall.ts";

/**
 * The identities that the service was seen to use, its own first, one for each user. The old user with the new group, as
 * between setgid(2) and setuid(2), is a passing state and not an identity that an intruder gets.
 */
export function identitiesOf(own: Identity, observation: Observation): readonly Identity[] {
  const { uid, gid } = own;
  const byActions = new Map<string, { readonly identity: Identity; readonly actions: number }>();
  for (const identity of observation.seen.flatMap(({ identities }) => identities)) {
    const key = `${identity.uid}:${identity.gid}`;
    byActions.set(key, { identity, actions: (byActions.get(key)?.actions ?? 0) + 1 });
  }
  const seen = [...byActions.values()].sort((a, b) => b.actions - a.actions).map(({ identity }) => identity);
  const all = [{ uid, gid }, ...seen];
  return all.filter((one, index) => all.findIndex((other) => other.uid === one.uid) === index);
}

/**
 * The identities that an intruder in the main program can assume: its own, and any other if it may change its own. The
 * rest belong to commands that systemd starts as somebody else (`!`, PermissionsStartOnly=), before or after it.
 */
export function attackable(identities: readonly Identity[], before: Sandbox): readonly Identity[] {
  const { uid, capabilities } = credentialsOf(before.walls);
  const changes = capabilities.has("CAP_SETUID") && capabilities.has("CAP_SETGID");
  return identities.filter((identity) => changes || identity.uid === uid);
}
