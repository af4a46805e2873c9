/**
 * /run/systemd, where PID 1 and its helpers listen, shut but for what services need of it. A mount on PID 1's socket itself would fall
 * when PID 1 is executed anew; one on the directory stays, and so do the places bound into it (measured on systemd 257, across
 * daemon-reexec). Facts: sd_booted(3), sd_notify(3), nss-resolve(8).
 */
import { directoryOf, isWithin, underRun } from "../../kernel/path.ts";
import { MANAGER_SOCKET } from "../../sandbox/trust.ts";
import type { Situation } from "../directive.ts";
import { logNamespace } from "../namespaces/log-namespace.ts";

/** The directory. */
export const MANAGERS_DIRECTORY: string = directoryOf(MANAGER_SOCKET);

/**
 * What stays of it for everyone: telling that one is ready, whether systemd runs, and names of hosts, which also /etc/resolv.conf may
 * lead to. Any of it may be missing.
 */
const KEPT = ["notify", "resolve", "system"];

/** Where the journal listens; a journal of the unit's own is shown there by systemd itself. */
const JOURNAL = `${MANAGERS_DIRECTORY}/journal`;

/**
 * What stays of that: logging by oneself. Not where the journal takes orders, nor where PID 1 logs for services, which it opens for them
 * before any wall stands. The sockets are PID 1's and stay when the daemon is restarted: systemd-journald.socket.
 */
const LOGGING = ["dev-log", "socket"];

/** The paths and addresses of UNIX sockets that a service named, whether they were there or not. */
export function placesNamed({ observation }: Situation): readonly string[] {
  return observation.seen.flatMap(({ action }) =>
    action.needs.flatMap((need) => {
      const path = need.kind === "path" ? need.path : need.kind === "address" ? need.address : "";
      return path.startsWith("/") ? [underRun(path)] : [];
    }),
  );
}

/** Whether any process of the service is root, as which PID 1 obeys it. */
export function actsAsRoot({ unit, observation }: Situation): boolean {
  return unit.uid === 0 || observation.seen.some(({ identities }) => identities.some(({ uid }) => uid === 0));
}

/** What is kept with a path that a service named: of the journal's directory that file alone, of others all that is below. */
function keptWith(path: string): string | undefined {
  const depth = isWithin(path, JOURNAL) ? 5 : 4;
  return path === JOURNAL ? undefined : path.split("/").slice(0, depth).join("/");
}

/**
 * What of the directory is to be left, where it is there; undefined where all of it is to be left as it is, since the service is not
 * root, or was seen to talk to PID 1.
 */
export function keptOfManagers(situation: Situation): readonly string[] | undefined {
  const named = placesNamed(situation).filter((path) => isWithin(path, MANAGERS_DIRECTORY));
  if (!actsAsRoot(situation) || named.includes(MANAGER_SOCKET)) {
    return undefined;
  }
  const ownJournal = situation.unit.valueOf(logNamespace) !== "";
  const kept = [
    ...LOGGING.map((name) => `${JOURNAL}/${name}`),
    ...KEPT.map((name) => `${MANAGERS_DIRECTORY}/${name}`),
    ...named.filter((path) => path !== MANAGERS_DIRECTORY).flatMap((path) => keptWith(path) ?? []),
  ];
  return [...new Set(kept)].filter((path) => !(ownJournal && isWithin(path, JOURNAL)));
}

/**
 * Where managers keep their state, to be closed by name where /run is left writable. The directory that is shut is not among them: of
 * two mounts on one path systemd makes the read-only one, and forgets the empty one.
 */
export function managersParts(situation: Situation): readonly string[] {
  return keptOfManagers(situation) === undefined ? [MANAGERS_DIRECTORY, "/run/udev"] : ["/run/udev"];
}
