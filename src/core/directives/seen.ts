/** Questions that ladders ask an observation. What failed was refused already, or was not needed: only what worked counts. */
import { type Call, callOf, type Need, type Observation, type Seen } from "../action/action.ts";
import { isPerson } from "../action/sessions.ts";
import { addressFamilyName } from "../kernel/address-family.ts";
import { isLoopback } from "../sandbox/prefix.ts";

/** A need of one kind. */
export type NeedOf<K extends Need["kind"]> = Extract<Need, { readonly kind: K }>;

/** Errors that say "not yet" of something that was let through. */
const UNDER_WAY: ReadonlySet<string> = new Set(["EINPROGRESS", "EAGAIN", "EINTR", "EALREADY", "EISCONN"]);

/**
 * Why something is kept: it was seen; it is another name for what was seen, of equal power; or it usually goes with what was seen.
 * The strict level counts the first two.
 */
export type EvidenceKind = "seen" | "kin" | "likely";

/** Whether a kind of evidence counts at a level: strict leaves out what is likely. */
export function counts(level: "strict" | "balanced", kind: EvidenceKind): boolean {
  return level === "balanced" || kind !== "likely";
}

/** Whether an action got what it asked for. */
export function worked(seen: Seen): boolean {
  return seen.result === "ok" || UNDER_WAY.has(seen.result);
}

/** The needs of one kind, each with the action that had it. */
export function needsOf<K extends Need["kind"]>(
  observation: Observation,
  kind: K,
): readonly { readonly need: NeedOf<K>; readonly seen: Seen }[] {
  return observation.seen
    .filter(worked)
    .flatMap((seen) =>
      seen.action.needs.filter((need): need is NeedOf<K> => need.kind === kind).map((need) => ({ need, seen })),
    );
}

/** Whether a call of one of these names worked. */
export function sawCall(observation: Observation, ...names: readonly string[]): boolean {
  return observation.seen.some((seen) => worked(seen) && names.includes(callOf(seen.action)?.name ?? ""));
}

/** The address families that were used, by the sockets made and the addresses named. */
export function familiesOf(observation: Observation): ReadonlySet<string> {
  const families = new Set(needsOf(observation, "address").map(({ need }) => need.family));
  for (const seen of observation.seen) {
    const call = callOf(seen.action);
    const first = call?.arguments[0];
    if (!worked(seen) || call?.name !== "socket" || first?.kind !== "number") {
      continue;
    }
    families.add(addressFamilyName(Number(first.value)) ?? `AF_${first.value}`);
  }
  return families;
}

/** Whether an address is of this machine only; all but internet addresses are. */
export function isOfThisMachine(family: string, address: string): boolean {
  return (family !== "AF_INET" && family !== "AF_INET6") || isLoopback(address);
}

/** Whether a socket was bound to an address that other machines reach. */
export function facesTheNetwork(observation: Observation): boolean {
  return needsOf(observation, "address").some(
    ({ need }) => need.operation === "bind" && !isOfThisMachine(need.family, need.address),
  );
}

/** Whether every internet address that was used is the machine's own. */
export function staysOnLoopback(observation: Observation): boolean {
  return needsOf(observation, "address").every(({ need }) => isOfThisMachine(need.family, need.address));
}

const OF_MANY: ReadonlySet<string> = new Set(["/", "/etc", "/usr", "/usr/local", "/usr/lib", "/boot", "/opt", "/srv"]);

/** Whether a directory has many owners: a file in it is looked at by itself, unless files come and go there. */
export function isOfMany(directory: string): boolean {
  return OF_MANY.has(directory);
}

/** When in the service's life something was seen, in words. */
export function whenSeen(seen: Seen): string {
  const { phases } = seen;
  if (phases.length === 0) {
    return "";
  }
  if (phases.length > 2) {
    return " at any time";
  }
  return phases.map((phase) => (phase === "workload" ? " under the workload" : ` at ${phase}`)).join(" and");
}

/** The people of this machine as whom a service acts that is not itself one of theirs. */
export function peopleOf(observation: Observation, own: number | undefined): readonly number[] {
  const uids = new Set(observation.seen.flatMap(({ identities }) => identities.map(({ uid }) => uid)));
  return [...uids].filter((uid) => isPerson(uid) && uid !== own);
}

/** Set-user-ID and set-group-ID. */
const SPECIAL = 0o6000;

/** The file that an action is about: of a program and its loader the program, of several the one that gives privileges. */
function mainPath(needs: readonly Need[]): string | undefined {
  const paths = needs.filter((need): need is NeedOf<"path"> => need.kind === "path");
  const special = paths.find(({ access, file }) => access === "execute" && ((file?.mode ?? 0) & SPECIAL) !== 0);
  const program = paths.find(({ path }) => !/\/ld-[^/]*\.so[^/]*$/.test(path));
  return (special ?? program ?? paths[0])?.path;
}

/** What an action did, in a few words: for the reason of a line. `need`: what of it the line stands in the way of. */
export function inWords(seen: Seen, need?: Need): string {
  const { needs } = seen.action;
  const call = callOf(seen.action);
  if (call === undefined) {
    return "the service does not work without it";
  }
  return `${doneInWords(call, needs, need)}${whenSeen(seen)}`;
}

function doneInWords(call: Call, needs: readonly Need[], need: Need | undefined): string {
  if (need?.kind === "path") {
    return `${call.name} ${need.path}`;
  }
  if (need?.kind === "gain") {
    return `ran ${mainPath(needs) ?? "a program"} with the privileges of that file`;
  }
  const address = needs.find((each) => each.kind === "address");
  if (address !== undefined) {
    const port = address.port === undefined ? "" : ` ${address.port}`;
    const place =
      port === "" ? ` ${address.family}` : ` ${(address.transport ?? "").toUpperCase()}${port}`.replace("  ", " ");
    return `${address.operation === "bind" ? "bound" : call.name}${place}`;
  }
  const [first] = call.arguments;
  if (call.name === "socket" && first?.kind === "number") {
    return `made a socket of ${addressFamilyName(Number(first.value)) ?? `family ${first.value}`}`;
  }
  const path = mainPath(needs);
  return `${call.name}${path === undefined ? "" : ` ${path}`}`;
}
