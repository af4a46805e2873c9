/**
 * A machine as Debian sets one up, made up for explanations where no machine is asked: every attack has a target here.
 * Owners and modes: base-passwd, shadow and systemd of Debian 13; its kernel's release and what it says of io_uring.
 */
import type { FileFacts } from "../action/action.ts";
import { METADATA_ADDRESSES } from "../kernel/metadata-address.ts";
import type { Peer, Surroundings } from "../sandbox/surroundings.ts";
import { knownTrust } from "../sandbox/trust.ts";
import type { Machine } from "./probe.ts";

const directory = { uid: 0, gid: 0, mode: 0o755 };
const root = (type: FileFacts["type"], mode: number, gid = 0): FileFacts => ({
  type,
  uid: 0,
  gid,
  mode,
  parent: directory,
});
const device = (major: number, minor: number, mode: number, type: "char" | "block" = "char"): FileFacts => ({
  ...root(type, mode),
  device: { major, minor },
});

const FILES: Readonly<Record<string, FileFacts>> = {
  "/etc/shadow": root("file", 0o640, 42),
  "/etc/passwd": root("file", 0o644),
  "/etc/environment": root("file", 0o644),
  "/etc/cron.daily": root("directory", 0o755),
  "/root": root("directory", 0o700),
  "/root/.ssh/authorized_keys": { ...root("file", 0o600), parent: { uid: 0, gid: 0, mode: 0o700 } },
  "/home/neighbour": { type: "directory", uid: 1000, gid: 1000, mode: 0o711, parent: directory },
  "/home/neighbour/secret": {
    type: "file",
    uid: 1000,
    gid: 1000,
    mode: 0o600,
    parent: { uid: 1000, gid: 1000, mode: 0o711 },
  },
  "/var/lib/neighbour/state.db": {
    type: "file",
    uid: 1000,
    gid: 1000,
    mode: 0o600,
    parent: { uid: 1000, gid: 1000, mode: 0o755 },
  },
  "/tmp": { ...root("directory", 0o1777) },
  "/var/tmp": { ...root("directory", 0o1777) },
  "/dev/shm": { ...root("directory", 0o1777) },
  "/dev/mem": device(1, 1, 0o640),
  "/dev/kmsg": device(1, 11, 0o644),
  "/dev/sda": device(8, 0, 0o660, "block"),
};

/** A socket on which a program of root's listens. */
function peer(address: string, mode: number, program: string): Peer {
  const trusts = knownTrust(address);
  return { address, file: root("socket", mode), program, ...(trusts === undefined ? {} : { trusts }) };
}

const SYSCTLS: Readonly<Record<string, string>> = {
  "net.ipv4.ip_unprivileged_port_start": "1024",
  "vm.mmap_min_addr": "65536",
  "kernel.kexec_load_limit_reboot": "-1",
  "kernel.io_uring_disabled": "0",
  "kernel.osrelease": "6.12.0",
};

/** The made-up machine; a path that is not listed is a plain file of root's if it looks like one. */
export const ordinaryMachine: Machine = {
  token: "example",
  sysctl: (name) => SYSCTLS[name] ?? "1",
  file: (path) =>
    FILES[path] ?? (/\.[a-z]{2,}$|\/(bin|proc)\//.test(path) ? root("file", 0o644) : root("directory", 0o755)),
  unit: {
    name: "app.service",
    executable: "/usr/bin/app",
    code: "/srv/app/main.js",
    fragment: "/etc/systemd/system/app.service",
    stateDirectories: ["/var/lib/app"],
    ports: [8080],
  },
  neighbour: {
    pid: 500,
    unit: "neighbour.service",
    process: { uid: 1000, gid: 1000, relation: "neighbour" },
    home: "/home/neighbour",
    cgroup: "/sys/fs/cgroup/system.slice/neighbour.service",
    secret: "/home/neighbour/secret",
    setUserId: "/home/neighbour/report",
    address: "10.0.0.2",
    port: 8000,
    abstractSocket: "neighbour",
    shmKey: 1,
    shmMode: 0o600,
  },
  twin: {
    pid: 501,
    unit: "twin.service",
    process: { uid: 0, gid: 0, relation: "neighbour", capabilities: [] },
    place: "/var/lib/twin",
  },
  daemons: { trusting: "/run/trusting/socket", rootOnly: "/run/root-only/socket" },
  peers: [
    { ...peer("/run/trusting/socket", 0o666, "/usr/bin/trusting"), trusts: [{ kind: "user", uid: 0 }] },
    { ...peer("/run/root-only/socket", 0o600, "/usr/bin/root-only"), trusts: [{ kind: "anyone" }] },
    peer("/run/docker.sock", 0o660, "/usr/sbin/dockerd"),
    peer("/run/systemd/private", 0o700, "/usr/lib/systemd/systemd"),
    peer("/run/dbus/system_bus_socket", 0o666, "/usr/bin/dbus-daemon"),
    peer("/run/systemd/notify", 0o777, "/usr/lib/systemd/systemd"),
    peer("/run/systemd/journal/io.systemd.journal", 0o600, "/usr/lib/systemd/systemd-journald"),
    peer("/run/systemd/journal/socket", 0o666, "/usr/lib/systemd/systemd-journald"),
    peer("/run/systemd/journal/stdout", 0o666, "/usr/lib/systemd/systemd-journald"),
  ],
  rootSecret: "/root/secret",
  kept: {
    secrets: {
      "/etc": "/etc/other/secret.conf",
      "/etc/ssl/private": "/etc/ssl/private/server.key",
      "/etc/ssh": "/etc/ssh/host.key",
      "/var/lib": "/var/lib/other/state.db",
      "/run": "/run/other/cookie.txt",
      "/var/log": "/var/log/other/access.log",
      "/var/cache": "/var/cache/other/answers.db",
      "/var/spool": "/var/spool/other/job.txt",
      "/var/mail": "/var/mail/root.mbox",
      "/var/backups": "/var/backups/shadow.bak",
      "/usr/local/etc": "/usr/local/etc/other.conf",
      "/srv": "/srv/other/data.db",
      "/opt": "/opt/other/secret.conf",
    },
    state: "/var/lib/neighbour/state.db",
    shared: { "/dev/shm": "/dev/shm/other.mem", "/tmp": "/tmp/other.txt", "/var/tmp": "/var/tmp/other.txt" },
    credential: "/run/credentials/neighbour.service/password.txt",
    queue: { name: "neighbour", mode: 0o644 },
    journal: "/var/log/journal/0123456789abcdef0123456789abcdef/system.journal",
  },
  metadata: { addresses: Object.values(METADATA_ADDRESSES), port: 80 },
  network: { resolver: { address: "10.90.17.53", port: 53 }, gateway: { address: "192.168.90.1", port: 80 } },
  terminal: "/dev/pts/0",
  disks: ["/dev/sda"],
  netlink: [0, 9, 12, 15],
  protocols: ["ALG", "AF_VSOCK", "XDP", "KEY", "TIPC"],
  abis: ["x86_64", "i386", "x32"],
};

/** What the model is told of it: who listens there, and of no file. */
export const ordinarySurroundings: Surroundings = { peers: ordinaryMachine.peers };
