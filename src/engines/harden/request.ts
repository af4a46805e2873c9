/** What is asked of `harden`, what it hands out, and what its stages know in common. */
import type { Identity, Observation } from "../../core/action/action.ts";
import type { Report } from "../../core/report/report.ts";
import { credentialsOf } from "../../core/sandbox/credentials.ts";
import type { Sandbox } from "../../core/sandbox/wall.ts";
import type { Service } from "../life/service.ts";
import type { Rehearsed } from "../life/trial.ts";

/** What is asked. */
export interface HardenRequest extends Rehearsed {
  readonly level: "balanced" | "strict";
  /** Where clients may come from; undefined: anywhere. */
  readonly clients: readonly string[] | undefined;
  readonly say: (step: string) => void;
}

/** What comes out; the drop-in has passed its rehearsal. */
export interface Hardened {
  readonly observation: Observation;
  readonly dropIn: string;
  readonly report: Report;
}

/** What is known of the service and the machine before anything is tried. */
export interface Known {
  readonly service: Service;
  readonly systemd: { readonly version: number; readonly full: string };
  readonly ineffective: ReadonlyMap<string, string>;
  /** What the box and its data have to say to the user. */
  readonly notes: readonly string[];
}

/**
 * Whom the service was seen to act as, its own identity first; one for each user. Between setgid(2) and setuid(2) a
 * process is still the old user with the new group: that is a moment on the way, not somebody whom an intruder becomes.
 */
export function identitiesOf(service: { readonly account: Identity }, observation: Observation): readonly Identity[] {
  const { uid, gid } = service.account;
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
