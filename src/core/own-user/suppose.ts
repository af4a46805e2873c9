/** A user of its own by the model alone, before anything is tried: the walls as they would stand around it. */
import type { Identity, Observation } from "../action/action.ts";
import { SOME_DYNAMIC_ID } from "../action/dynamic-user.ts";
import { type Host, sandboxOfValues, type Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import type { Unit } from "../unit/unit.ts";
import { type KnownAccounts, ownerFor } from "./identity.ts";
import { ambientOf, ignoresUser, stemOf } from "./plan.ts";
import { keepsFiles, placesWritten } from "./writes.ts";

/** What would stand around the service. */
export interface Supposed {
  readonly user: string;
  readonly identity: Identity;
  readonly sandbox: Sandbox;
}

/** The service as a user of its own behind the walls that `values` are; undefined where it is not root, or User= means nothing. */
export function supposeOwnUser(
  { unit, observation, accounts }: { unit: Unit; observation: Observation; accounts: KnownAccounts },
  values: Values,
  host: Host,
): Supposed | undefined {
  const { facts } = sandboxOfValues(values, host);
  if (facts.uid !== 0 || ignoresUser(unit)) {
    return undefined;
  }
  const places = placesWritten(observation, () => false);
  const chosenBy = { observation, accounts, asked: undefined, stem: stemOf(unit), keepsFiles: keepsFiles(places) };
  const owner = ownerFor(chosenBy);
  const identity =
    owner.kind === "existing" ? { uid: owner.uid, gid: owner.gid } : { uid: SOME_DYNAMIC_ID, gid: SOME_DYNAMIC_ID };
  const user = owner.kind === "dynamic" ? "a dynamic user" : owner.user;
  const ambient = ambientOf(observation);
  const supposed = new Map<string, unknown>([
    ...values,
    ["User", user],
    ["Group", ""],
    ["AmbientCapabilities", ambient.length === 0 ? undefined : ambient],
    ["CapabilityBoundingSet", ambient],
  ]);
  const account = { name: user, ...identity, groups: [] };
  const { sandbox } = sandboxOfValues(supposed, {
    ...host,
    user: (name) => (name === user ? account : host.user(name)),
  });
  return { user, identity, sandbox };
}
