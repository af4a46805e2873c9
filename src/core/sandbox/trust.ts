/**
 * Who listens at a UNIX socket, and whom that one obeys: a process behind walls can ask another to do what it may not do itself.
 * What a peer sees of it are the ids that the kernel tells (SO_PEERCRED), as the initial user namespace counts them: a user
 * namespace of its own changes nothing. Facts: unix(7), user_namespaces(7).
 */
import type { Need } from "../action/action.ts";
import { type Answer, GRANTED, refused, unclear } from "./answer.ts";
import { type Credentials, credentialsOf } from "./credentials.ts";
import { type Peer, peerAt, type Surroundings, type Trust } from "./surroundings.ts";
import type { Wall } from "./wall.ts";

/** PID 1's own socket, on which it speaks D-Bus without a bus: systemd's src/core/dbus.c. */
export const MANAGER_SOCKET = "/run/systemd/private";
/** The message bus of the machine: D-Bus Specification 0.43, "Well-known Message Bus Instances", as Debian has it. */
export const BUS_SOCKET = "/run/dbus/system_bus_socket";

/** Where the journal's daemon takes orders: systemd's src/journal/journald-server.c. */
export const JOURNAL_ORDERS = "/run/systemd/journal/io.systemd.journal";

/**
 * Peers of every machine with systemd that obey root alone: PID 1 (bus_check_peercred in systemd's src/core/dbus.c), also behind the
 * message bus, where it asks polkit about others (bus_verify_polkit_async in src/shared/bus-polkit.c); the journal's daemon
 * (VARLINK_SERVER_ROOT_ONLY in src/journal/journald-server.c); the device manager (udev_ctrl_connection_new in src/udev/udev-ctrl.c).
 */
const OBEYING_ROOT: ReadonlySet<string> = new Set([MANAGER_SOCKET, BUS_SOCKET, JOURNAL_ORDERS, "/run/udev/control"]);

/**
 * Where those listen who start containers for whoever may connect: "Docker daemon attack surface" in Docker's documentation,
 * podman-system-service(1), the configuration files of containerd and CRI-O, "Access to the socket" in LXD's and Incus's.
 */
const CONTAINER_MANAGERS: readonly string[] = [
  "/run/docker.sock",
  "/run/podman/podman.sock",
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/var/lib/lxd/unix.socket",
  "/var/lib/incus/unix.socket",
];

/** Where one of some peers starts containers; undefined: none does. */
export function containerManagerAmong(peers: readonly Peer[]): string | undefined {
  return CONTAINER_MANAGERS.find((each) => peers.some(({ address }) => address === each));
}

/** Whom the peer at an address is known to obey. */
export function knownTrust(address: string): readonly Trust[] | undefined {
  if (OBEYING_ROOT.has(address)) {
    return [{ kind: "user", uid: 0 }];
  }
  return CONTAINER_MANAGERS.includes(address) ? [{ kind: "anyone" }] : undefined;
}

function obeyed({ uid, gid, groups }: Credentials, trust: Trust): boolean {
  switch (trust.kind) {
    case "anyone":
      return true;
    case "user":
      return uid === trust.uid;
    case "group":
      return gid === trust.gid || groups.has(trust.gid);
  }
}

/** Whether the peer at an address obeys the process. How it refuses is its own: mostly it closes the connection. */
export function judgeTrust(
  walls: readonly Wall[],
  { address }: Extract<Need, { readonly kind: "trust" }>,
  surroundings: Surroundings,
): Answer {
  const peer = peerAt(surroundings, address);
  if (surroundings.peers !== undefined && peer === undefined) {
    return refused("ECONNREFUSED");
  }
  if (peer?.trusts === undefined) {
    return unclear(`whom the one at ${address} obeys is not known`);
  }
  const credentials = credentialsOf(walls);
  return peer.trusts.some((trust) => obeyed(credentials, trust)) ? GRANTED : refused("EPERM");
}
