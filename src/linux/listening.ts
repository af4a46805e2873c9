/**
 * What processes listen on, read from outside: their descriptors and the tables of their network namespaces.
 * Facts: proc(5) and proc_pid_net(5), the kernel's include/net/tcp_states.h and include/uapi/linux/net.h.
 */
import { readdir, readFile, readlink } from "node:fs/promises";

/** Where others can reach a service: it accepts connections or receives datagrams there. */
export interface Endpoint {
  readonly kind: "stream" | "datagram";
  /** For people, and as the key of an endpoint: `TCP 127.0.0.1:80`, `UDP [::]:53`, `/run/x.sock`, `@abstract`. */
  readonly name: string;
}

const TCP_LISTEN = "0A";
/** The state of an unconnected socket of any protocol (TCP_CLOSE). */
const UNCONNECTED = "07";
/** SO_ACCEPTCON of a UNIX socket that listens; SOCK_DGRAM. */
const ACCEPTS = 0x10000;
const DATAGRAM = 2;
/** From here on the kernel chooses ports for clients: the default of net.ipv4.ip_local_port_range. */
const FIRST_CHOSEN_PORT = 32768;

/** The distinct endpoints of some processes, sorted by name. Processes that end meanwhile are left out. */
export async function endpointsOf(pids: readonly number[], proc = "/proc"): Promise<readonly Endpoint[]> {
  const sockets = new Set<string>();
  const namespaces = new Map<string, number>();
  for (const pid of pids) {
    for (const inode of await socketsOf(pid, proc)) {
      sockets.add(inode);
    }
    const namespace = await readlink(`${proc}/${pid}/ns/net`).catch(() => undefined);
    if (namespace !== undefined) {
      namespaces.set(namespace, pid);
    }
  }
  const found = new Map<string, Endpoint>();
  for (const pid of namespaces.values()) {
    for (const { inode, endpoint } of await endpointsSeenBy(pid, proc)) {
      if (sockets.has(inode)) {
        found.set(`${endpoint.kind} ${endpoint.name}`, endpoint);
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

async function socketsOf(pid: number, proc: string): Promise<readonly string[]> {
  const names = await readdir(`${proc}/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${proc}/${pid}/fd/${name}`).catch(() => "")));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** A UNIX socket on which others can be reached, and the processes that hold it. */
export interface UnixListener {
  /** Absolute path as it was bound, or `@name`. */
  readonly address: string;
  readonly kind: Endpoint["kind"];
  readonly holders: readonly number[];
}

/**
 * The UNIX sockets of the network namespace of a process on which somebody listens, sorted by address; `pids`: who may hold them.
 * One that only systemd holds for a service that is not started yet is among them.
 */
export async function unixListeners(
  member: number,
  pids: readonly number[],
  proc = "/proc",
): Promise<readonly UnixListener[]> {
  const rows = (await tableOf(member, "unix", proc)).flatMap(unixRow);
  const wanted = new Set(rows.map(({ inode }) => inode));
  const holders = new Map<string, number[]>();
  for (const pid of pids) {
    for (const inode of new Set(await socketsOf(pid, proc))) {
      if (wanted.has(inode)) {
        holders.set(inode, [...(holders.get(inode) ?? []), pid]);
      }
    }
  }
  return rows
    .map(({ inode, endpoint }) => ({
      address: endpoint.name,
      kind: endpoint.kind,
      holders: (holders.get(inode) ?? []).toSorted((a, b) => a - b),
    }))
    .toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

interface Row {
  readonly inode: string;
  readonly endpoint: Endpoint;
}

/** The rows of a table of a process's network namespace; none if the process is gone. */
function tableOf(pid: number, name: string, proc: string): Promise<readonly string[]> {
  return readFile(`${proc}/${pid}/net/${name}`, "utf8").then(
    (text) => text.split("\n").slice(1),
    () => [],
  );
}

async function endpointsSeenBy(pid: number, proc: string): Promise<readonly Row[]> {
  const table = (name: string): Promise<readonly string[]> => tableOf(pid, name, proc);
  const [tcp, tcp6, udp, udp6, unix] = await Promise.all(["tcp", "tcp6", "udp", "udp6", "unix"].map(table));
  return [
    ...[...(tcp ?? []), ...(tcp6 ?? [])].flatMap((line) => internetRow(line, "TCP")),
    ...[...(udp ?? []), ...(udp6 ?? [])].flatMap((line) => internetRow(line, "UDP")),
    ...(unix ?? []).flatMap(unixRow),
  ];
}

/** `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …` */
function internetRow(line: string, protocol: "TCP" | "UDP"): readonly Row[] {
  const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
  const [address = "", hex = "0"] = local.split(":");
  const port = Number.parseInt(hex, 16);
  const wanted = protocol === "TCP" ? TCP_LISTEN : UNCONNECTED;
  const chosen = protocol === "UDP" && port >= FIRST_CHOSEN_PORT;
  if (state !== wanted || port === 0 || chosen) {
    return [];
  }
  const kind = protocol === "TCP" ? "stream" : "datagram";
  return [{ inode, endpoint: { kind, name: `${protocol} ${internetAddress(address)}:${port}` } }];
}

/** Addresses are printed as 32-bit words in the machine's byte order; a big-endian one is not supported here. */
function internetAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) {
    return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  }
  const groups = Array.from({ length: 8 }, (_, index) => `${bytes[2 * index]}${bytes[2 * index + 1]}`);
  const short = groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
  return `[${short.replace(/(^|:)0(:0)+(:|$)/, "::")}]`;
}

/** `Num RefCount Protocol Flags Type St Inode Path`; an abstract name of five hexadecimal digits was chosen by the kernel. */
function unixRow(line: string): readonly Row[] {
  const [, flags = "0", type = "0", inode = "", name = ""] =
    /^\S+ \S+ \S+ (\S+) (\S+) \S+ +(\d+)(?: (.+))?$/.exec(line.trim()) ?? [];
  const datagram = Number.parseInt(type, 16) === DATAGRAM;
  const listens = datagram || (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
  if (!listens || name === "" || /^@[0-9a-f]{5}$/.test(name)) {
    return [];
  }
  return [{ inode, endpoint: { kind: datagram ? "datagram" : "stream", name } }];
}
