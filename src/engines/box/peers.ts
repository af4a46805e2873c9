/** Who listens on UNIX sockets in a box, with the owner and mode of each socket, the program, and whom that is known to obey. */
import { readlink } from "node:fs/promises";
import type { Peer } from "../../core/sandbox/surroundings.ts";
import { knownTrust } from "../../core/sandbox/trust.ts";
import { processesBelow } from "../../linux/cgroup.ts";
import { type UnixListener, unixListeners } from "../../linux/listening.ts";
import { existingIn, fileFacts } from "../../linux/other-root.ts";
import type { Box } from "./box.ts";

/** The peers of a box as it runs now, by address; a socket whose file is gone can be reached by nobody. */
export async function peersOf(box: Box): Promise<readonly Peer[]> {
  const found = await unixListeners(box.leader, await processesBelow(box.cgroup));
  // On the machine's own network the table has sockets of processes outside, too.
  const inside = found.filter(({ holders }) => holders.length > 0);
  return (await Promise.all(inside.map((listener) => peerOf(box, listener)))).flat();
}

/** Those of this machine, outside of every box: where a service that runs here will find them. */
export async function peersOfMachine(): Promise<readonly Peer[]> {
  const found = await unixListeners(process.pid, []);
  return found.flatMap(({ address: bound }): readonly Peer[] => {
    const address = bound.startsWith("@") ? undefined : existingIn("", bound);
    const file = address === undefined ? undefined : fileFacts("", address);
    return address === undefined || file?.type !== "socket" ? [] : [known({ address, file })];
  });
}

function known(peer: Peer): Peer {
  const trusts = knownTrust(peer.address);
  return trusts === undefined ? peer : { ...peer, trusts };
}

async function peerOf(box: Box, { address: bound, holders }: UnixListener): Promise<readonly Peer[]> {
  const named = bound.startsWith("@");
  const address = named ? bound : existingIn(box.root, bound);
  const file = named || address === undefined ? undefined : fileFacts(box.root, address);
  if (address === undefined || (!named && file?.type !== "socket")) {
    return [];
  }
  // PID 1 also holds the sockets that it has made for services: whoever was started for one answers on it.
  const program = await readlink(`/proc/${holders.at(-1)}/exe`).catch(() => undefined);
  return [
    known({
      address,
      ...(file === undefined ? {} : { file }),
      ...(program === undefined ? {} : { program }),
    }),
  ];
}
