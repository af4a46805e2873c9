/** Where privileged programs listen whom a service has no business with. Facts: unix(7); what is shut, and how, is measured. */
import { directoryOf, isWithin } from "../../kernel/path.ts";
import type { Peer } from "../../sandbox/surroundings.ts";
import { BUS_SOCKET } from "../../sandbox/trust.ts";
import type { Situation } from "../directive.ts";
import { actsAsRoot, MANAGERS_DIRECTORY, placesNamed } from "./_managers-directory.ts";

/** The message bus, which is there on nearly every machine, also where nobody looked. */
const BUS_DIRECTORY = directoryOf(BUS_SOCKET);

/** Directories of many programs: of a socket in one only the socket itself can be shut. */
const COMMON: ReadonlySet<string> = new Set([
  "/",
  "/run",
  "/run/lock",
  "/run/user",
  "/tmp",
  "/var/tmp",
  "/var/lib",
  "/dev",
  "/dev/shm",
]);

/** Whether a peer obeys root, or lets nobody but root and its group connect. */
function isPrivileged({ trusts = [], file }: Peer): boolean {
  const everyone = file === undefined || (file.mode & 0o002) !== 0;
  return trusts.some((trust) => trust.kind === "user" && trust.uid === 0) || (file?.uid === 0 && !everyone);
}

/**
 * The directories of sockets that root is listened to on, and the sockets that lie in a common directory, without those that the
 * service was seen to name anything in, or that are given to it.
 */
export function foreignPeers(situation: Situation): readonly string[] {
  if (!actsAsRoot(situation)) {
    return [];
  }
  const { unit } = situation;
  const privileged = (unit.peers ?? []).filter(isPrivileged);
  const sockets = privileged.map(({ address }) => address).filter((address) => address.startsWith("/"));
  const places = sockets.map((socket) => (COMMON.has(directoryOf(socket)) ? socket : directoryOf(socket)));
  const named = [...placesNamed(situation), ...unit.directories];
  const foreign = [BUS_DIRECTORY, ...places].filter(
    (place) => !isWithin(place, MANAGERS_DIRECTORY) && !named.some((path) => isWithin(path, place)),
  );
  return [...new Set(foreign)].sort();
}
