/** As whom a service is attacked: the identities that it was seen to act as, and which of them an intruder can have. */
import type { Identity, Observation } from "../action/action.ts";
import { credentialsOf } from "../sandbox/credentials.ts";
import type { Sandbox } from "../sandbox/wall.ts";

/**
 * Whom the service was seen to act as, its own identity first; one for each user. Between setgid(2) and setuid(2) a
 * process is still the old user with the new group: that is a moment on the way, not somebody whom an intruder becomes.
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
 * Those of the identities that an intruder in the main program can have: its own, and any other if it may change its own.
 * The rest are of commands that systemd itself starts as somebody else (`!`, PermissionsStartOnly=), before or after it.
 */
export function attackable(identities: readonly Identity[], before: Sandbox): readonly Identity[] {
  const { uid, capabilities } = credentialsOf(before.walls);
  const changes = capabilities.has("CAP_SETUID") && capabilities.has("CAP_SETGID");
  return identities.filter((identity) => changes || identity.uid === uid);
}
