/** What is proposed in which situation, and with which reason. */
import { expect, test } from "vitest";
import type { Access, Need, Observation, Seen } from "../action/action.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Peer } from "../sandbox/surroundings.ts";
import { systemCallErrorNumber } from "./calls/system-call-error-number.ts";
import { deviceAllow } from "./devices/device-allow.ts";
import { devicePolicy } from "./devices/device-policy.ts";
import { type AnyDirective, ladderOf, type Situation } from "./directive.ts";
import { bindReadOnlyPaths } from "./files/bind-read-only-paths.ts";
import { inaccessiblePaths } from "./files/inaccessible-paths.ts";
import { noExecPaths } from "./files/no-exec-paths.ts";
import { protectSystem } from "./files/protect-system.ts";
import { readOnlyPaths } from "./files/read-only-paths.ts";
import { readWritePaths } from "./files/read-write-paths.ts";
import { temporaryFileSystem } from "./files/temporary-file-system.ts";
import { umask } from "./files/umask.ts";
import { privateUsers } from "./namespaces/private-users.ts";
import { procSubset } from "./namespaces/proc-subset.ts";
import { ipAddressAllow } from "./network/ip-address-allow.ts";
import { ipAddressDeny } from "./network/ip-address-deny.ts";
import { privateNetwork } from "./network/private-network.ts";
import { restrictAddressFamilies } from "./network/restrict-address-families.ts";
import { socketBindAllow } from "./network/socket-bind-allow.ts";
import { socketBindDeny } from "./network/socket-bind-deny.ts";
import { capabilityBoundingSet } from "./privileges/capability-bounding-set.ts";
import { type Host, sandboxOf } from "./sandbox.ts";

const users: Readonly<Record<string, { uid: number; gid: number; groups: readonly number[] }>> = {
  app: { uid: 990, gid: 990, groups: [] },
};
const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => users[name],
  directories: ["/var/lib/app"],
  executables: ["/usr/bin/app"],
};

function did(name: SyscallName, need: Need, options: Partial<Seen> = {}): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs: [need] },
    result: "ok",
    phases: ["start"],
    identities: [],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
    ...options,
  };
}

const file = (path: string, access: Access): Seen => did("openat", { kind: "path", path, access });

function address(operation: "bind" | "connect", family: string, where: string, port?: number): Seen {
  return did(operation, {
    kind: "address",
    operation,
    family,
    address: where,
    ...(port === undefined ? {} : { port, transport: "tcp" }),
  });
}

function situation(
  seen: readonly Seen[],
  unit: Readonly<Record<string, string>> = {},
  more: Partial<Situation> = {},
): Situation {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen,
    gaps: [],
    phases: ["start"],
  };
  const { facts } = sandboxOf(
    (name) => (unit[name] === undefined ? [] : [{ value: unit[name], file: "app.service", line: 1 }]),
    host,
  );
  return { unit: facts, observation, level: "balanced", clients: undefined, ...more };
}

/** The lines of each candidate that is to be tried, as they would be written into an empty unit. */
function offers(directive: AnyDirective, given: Situation): readonly string[] {
  return ladderOf(directive, given)
    .filter(({ withheld }) => withheld === undefined)
    .map(({ value }) => directive.print(value, directive.initial, host.machine).join("|"));
}

/** Why candidates are not tried. */
function held(directive: AnyDirective, given: Situation): readonly string[] {
  return ladderOf(directive, given).flatMap(({ withheld = [] }) => withheld);
}

const web = address("bind", "AF_INET", "0.0.0.0", 8080);
const local = address("bind", "AF_INET", "127.0.0.1", 8080);
const METADATA =
  "100.100.100.200/32 168.63.129.16/32 169.254.0.0/16 192.0.0.192/32 fd00:42::42/128 fd00:c1::a9fe:a9fe/128 fd00:ec2::23/128 fd00:ec2::254/128 fd20:ce::254/128";

test("addresses: who faces the network keeps it, but for those of clouds", () => {
  expect(offers(ipAddressDeny, situation([web]))).toEqual([METADATA]);
  expect(offers(ipAddressAllow, situation([web]))).toEqual([]);
  expect(offers(ipAddressDeny, situation([address("bind", "AF_INET6", "::", 80)]))).toEqual([METADATA]);
});

test("addresses: a service that talks to itself alone is shut in", () => {
  expect(offers(ipAddressDeny, situation([local]))).toEqual(["any", METADATA]);
  expect(offers(ipAddressAllow, situation([local]))).toEqual(["localhost"]);
});

test("addresses: given clients are let in, and the servers that were asked", () => {
  const given = situation([web, address("connect", "AF_INET", "10.1.2.3", 5432)], {}, { clients: ["192.168.0.0/16"] });
  expect(offers(ipAddressDeny, given)).toEqual(["any", METADATA]);
  expect(offers(ipAddressAllow, given)).toEqual(["localhost 10.1.2.3/32 192.168.0.0/16"]);
});

test("addresses: a peer of IPv4 stays one, however a socket of IPv6 writes it", () => {
  const given = situation([local, address("connect", "AF_INET6", "::ffff:10.1.2.3", 5432)]);
  expect(offers(ipAddressAllow, given)).toEqual(["localhost 10.1.2.3/32"]);
});

test("addresses: a unit with lists of its own keeps its doors", () => {
  const own = { IPAddressDeny: "any", IPAddressAllow: "10.0.0.0/8" };
  expect(offers(ipAddressAllow, situation([local], own))).toEqual([]);
  expect(offers(ipAddressDeny, situation([local], own))).toEqual([METADATA]);
});

test("addresses: who talks to one of those keeps it, and so does a machine that asks it for names", () => {
  const without = (prefix: string) => [
    METADATA.split(" ")
      .filter((each) => each !== prefix)
      .join(" "),
  ];
  const asked = situation([web, address("connect", "AF_INET", "169.254.169.254", 80)]);
  expect(offers(ipAddressDeny, asked)).toEqual(without("169.254.0.0/16"));
  const { unit, ...rest } = situation([web]);
  const named = { ...rest, unit: { ...unit, nameServers: ["127.0.0.53", "168.63.129.16"] } };
  expect(offers(ipAddressDeny, named)).toEqual(without("168.63.129.16/32"));
});

test("ports: closed where no other machine comes, or where one says from where", () => {
  expect(offers(socketBindDeny, situation([web]))).toEqual([]);
  expect(offers(socketBindDeny, situation([local]))).toEqual(["any"]);
  expect(offers(socketBindAllow, situation([local]))).toEqual(["tcp:8080"]);
  expect(offers(socketBindAllow, situation([web], {}, { clients: ["10.0.0.0/8"] }))).toEqual(["tcp:8080"]);
  const byChance = address("bind", "AF_INET", "127.0.0.1", 40001);
  expect(offers(socketBindDeny, situation([local, byChance]))).toEqual([]);
});

test("families: those that it made itself, those that were seen, then the two internet protocols together, AF_NETLINK last", () => {
  expect(offers(restrictAddressFamilies, situation([web]))).toEqual([
    "none",
    "AF_INET",
    "AF_UNIX AF_INET AF_INET6",
    "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  ]);
  expect(offers(restrictAddressFamilies, situation([]))).toEqual(["none", "AF_UNIX"]);
});

test("network: taken away only where none was used, abstract sockets included", () => {
  expect(offers(privateNetwork, situation([address("connect", "AF_UNIX", "/run/db.sock")]))).toEqual(["yes"]);
  expect(offers(privateNetwork, situation([address("connect", "AF_UNIX", "@db")]))).toEqual([]);
  expect(offers(privateNetwork, situation([local]))).toEqual([]);
});

test("writes: files, then their directories, so that logs can be rotated; what the unit gives needs no door", () => {
  const seen = [
    file("/var/log/app/access.log", "write"),
    file("/var/lib/app/db", "create"),
    file("/dev/shm/x", "create"),
  ];
  expect(offers(readWritePaths, situation(seen))).toEqual(["-/var/log/app/access.log", "-/var/log/app"]);
  expect(offers(readWritePaths, situation(seen, { ReadWritePaths: "/var/log" }))).toEqual([]);
});

test("writes: a single file of /etc is opened by itself, the common temporary directories only at the second try", () => {
  const seen = [file("/etc/app.state", "write"), file("/tmp/session", "create")];
  expect(offers(readWritePaths, situation(seen))).toEqual(["-/etc/app.state", "-/etc/app.state -/tmp"]);
});

test("writes: what cannot be written in a unit is opened by the directory that can", () => {
  expect(offers(readWritePaths, situation([file("/srv/data/a\nExecStart=/x/b", "create")]))[0]).toBe("-/srv/data");
  expect(offers(readWritePaths, situation([file('/srv/a "b" 5%/f', "create")]))[0]).toBe(`"-/srv/a \\"b\\" 5%%"`);
});

test("writes: /run is opened without the service manager's part of it", () => {
  expect(offers(readOnlyPaths, situation([file("/run/app.pid", "create")]))).toEqual(["-/run/udev"]);
  expect(offers(readOnlyPaths, situation([file("/run/app/x", "create")]))).toEqual(["-/run"]);
});

test("programs: nothing is run but what lies in the directories of what was, and where it can be written nothing at all", () => {
  const seen = [file("/srv/www/x", "create"), file("/srv/plug-ins/x", "create"), file("/srv/plug-ins/a.so", "execute")];
  expect(offers(noExecPaths, situation(seen))).toEqual([
    "/ -/dev -/dev/shm -/srv/www -/tmp -/var/lib/app -/var/tmp",
    "/ -/dev -/srv/www -/tmp -/var/lib/app -/var/tmp",
    "-/dev/shm -/srv/www -/tmp -/var/lib/app -/var/tmp",
    "-/srv/www -/tmp -/var/lib/app -/var/tmp",
  ]);
});

test("secrets: hidden from root alone, and not those that it looked at", () => {
  expect(offers(inaccessiblePaths, situation([]))[0]).toContain("-/etc/shadow ");
  expect(offers(inaccessiblePaths, situation([file("/etc/shadow", "read")]))[0]).not.toContain("-/etc/shadow ");
  expect(offers(inaccessiblePaths, situation([], { User: "app" }))).toEqual([]);
});

test("secrets: a directory of secrets in place of the files in it, unless one of them was used", () => {
  const secrets = ["/etc/other", "/etc/other/a.key", "/etc/other/b.key"];
  const hidden = (...seen: readonly Seen[]) => {
    const { unit, ...rest } = situation(seen);
    return offers(inaccessiblePaths, { ...rest, unit: { ...unit, secrets } })[0]?.split(" ") ?? [];
  };
  expect(hidden().filter((path) => path.startsWith("-/etc/other"))).toEqual(["-/etc/other"]);
  const used = hidden(file("/etc/other/a.key", "read"));
  expect(used.filter((path) => path.startsWith("-/etc/other"))).toEqual(["-/etc/other/b.key"]);
});

test("secrets: places of others as a whole, unless something in them was named", () => {
  const hidden = (...seen: readonly Seen[]) =>
    offers(inaccessiblePaths, situation(seen)).map((line) => line.split(" "));
  const [whole, known] = hidden();
  expect(whole).toEqual(expect.arrayContaining(["-/srv", "-/var/log", "-/var/spool", "-/proc/timer_list"]));
  expect(known).not.toContain("-/srv");
  expect(known).toEqual(expect.arrayContaining(["-/var/log/journal", "-/var/spool/cron"]));
  const [used] = hidden(file("/var/log/app/log", "create"), file("/srv", "look"));
  expect(used).not.toContain("-/srv");
  expect(used).not.toContain("-/var/log");
  expect(used).toContain("-/var/log/journal");
});

test("secrets: the uppermost directory of whoever owns one, as far as nothing in it was used", () => {
  const secrets = [
    "/var/lib/other/of/theirs/secret",
    "/var/lib/systemd/random-seed",
    "/etc/other/deep/secret",
    "/etc/ssl/private",
  ];
  const hidden = (...seen: readonly Seen[]) => {
    const { unit, ...rest } = situation([...seen, file("/etc/app.conf", "read")]);
    const [line = ""] = offers(inaccessiblePaths, { ...rest, unit: { ...unit, secrets } });
    return line.split(" ").filter((path) => /other|systemd|ssl/.test(path));
  };
  expect(hidden()).toEqual(["-/etc/other/deep/secret", "-/var/lib/other", "-/var/lib/systemd/random-seed"]);
  expect(hidden(file("/var/lib/other/public", "read"))).toContain("-/var/lib/other/of");
  expect(hidden(file("/var/lib/other/of/theirs/secret", "read"))).toEqual([
    "-/etc/other/deep/secret",
    "-/var/lib/systemd/random-seed",
  ]);
});

test("umask: 0077 for one user alone whose sockets nobody else looks for", () => {
  const own = did("openat", { kind: "path", path: "/x", access: "create" }, { identities: [{ uid: 990, gid: 990 }] });
  expect(offers(umask, situation([own], { User: "app" }))).toEqual(["0077"]);
  expect(offers(umask, situation([own]))).toEqual([]);
  const log = (gid: number, mode: number): Seen =>
    did("openat", {
      kind: "path",
      path: "/var/log/app/log",
      access: "create",
      file: { type: "file", uid: 990, gid, mode, parent: { uid: 990, gid, mode: 0o2770 } },
    });
  expect(offers(umask, situation([own, log(4, 0o640)], { User: "app" }))).toEqual(["0027"]);
  expect(offers(umask, situation([own, log(4, 0o600)], { User: "app" }))).toEqual(["0077"]);
  expect(offers(umask, situation([own, log(990, 0o640)], { User: "app" }))).toEqual(["0077"]);
  const worker = did("openat", { kind: "path", path: "/x", access: "create" }, { identities: [{ uid: 33, gid: 33 }] });
  expect(offers(umask, situation([own, worker], { User: "app" }))).toEqual([]);
  expect(offers(umask, situation([own, address("bind", "AF_UNIX", "/run/app/s")], { User: "app" }))).toEqual([]);
});

test("capabilities: each with its reason; the usual ones come back group by group for root only", () => {
  const low = did("bind", { kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" });
  const port: Need = {
    kind: "address",
    operation: "bind",
    family: "AF_INET",
    address: "0.0.0.0",
    port: 80,
    transport: "tcp",
  };
  const seen = [{ ...low, action: { ...low.action, needs: [...low.action.needs, port] } }];
  const [none, first, second] = ladderOf(capabilityBoundingSet, situation(seen));
  expect(none?.value).toEqual([]);
  expect(first).toMatchObject({
    value: ["CAP_NET_BIND_SERVICE"],
    reason: "kept CAP_NET_BIND_SERVICE: bound TCP 80 at start",
  });
  expect(second?.value).toContain("CAP_DAC_OVERRIDE");
  expect(offers(capabilityBoundingSet, situation([], { User: "app" }))).toEqual([""]);
});

test("capabilities: of two that would do, not the mighty one; changing user needs CAP_SETUID", () => {
  const either = did("perf_event_open", {
    kind: "capability",
    capability: "CAP_SYS_ADMIN",
    or: ["CAP_PERFMON"],
    over: "init",
  });
  const worker = did("setuid", { kind: "become", uid: 33 });
  expect(ladderOf(capabilityBoundingSet, situation([either, worker]))[1]?.value).toEqual(["CAP_SETUID", "CAP_PERFMON"]);
});

test("users: hidden from who stays one user and needs no power outside", () => {
  expect(offers(privateUsers, situation([], { User: "app" }))).toEqual(["yes"]);
  expect(offers(privateUsers, situation([]))).toEqual(["yes", "identity"]);
  expect(offers(privateUsers, situation([did("setuid", { kind: "become", uid: 33 })]))).toEqual([]);
  expect(
    offers(
      privateUsers,
      situation([did("bind", { kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" })]),
    ),
  ).toEqual([]);
});

test("proc: only processes are left where nothing else was read", () => {
  expect(offers(procSubset, situation([file("/proc/self/status", "read")]))).toEqual(["pid"]);
  expect(offers(procSubset, situation([file("/proc/meminfo", "read")]))).toEqual([]);
  expect(held(procSubset, situation([file("/proc/meminfo", "read")]))).toEqual(["It was seen to use /proc/meminfo."]);
});

test("devices: those that were opened, for what they were opened for", () => {
  const node = { type: "char", uid: 0, gid: 0, mode: 0o666 } as const;
  const fuse = (access: Access) =>
    did("openat", { kind: "path", path: "/dev/fuse", access, file: { ...node, device: { major: 10, minor: 229 } } });
  const nothing = did("openat", {
    kind: "path",
    path: "/dev/null",
    access: "write",
    file: { ...node, device: { major: 1, minor: 3 } },
  });
  expect(offers(deviceAllow, situation([fuse("read"), fuse("write"), nothing]))).toEqual(["/dev/fuse rw"]);
  expect(offers(deviceAllow, situation([nothing]))).toEqual([]);
});

test("reasons: what is opened by a door is not said not to be used", () => {
  const reasonOf = (directive: AnyDirective, seen: readonly Seen[]) =>
    ladderOf(directive, situation(seen)).find(({ withheld }) => withheld === undefined)?.reason;
  const node = { type: "char", uid: 0, gid: 0, mode: 0o666, device: { major: 10, minor: 229 } } as const;
  const fuse = did("openat", { kind: "path", path: "/dev/fuse", access: "read", file: node });
  expect(reasonOf(devicePolicy, [])).toBe("was seen to use no device but the pseudo-devices");
  expect(reasonOf(devicePolicy, [fuse])).toContain("and those in DeviceAllow=");
  expect(reasonOf(protectSystem, [file("/var/lib/app/x", "create")])).toBe(
    "was seen to write only to directories of its own",
  );
  expect(reasonOf(protectSystem, [file("/srv/x", "create")])).toContain("and to those in ReadWritePaths=");
});

test("calls: an error instead of death, unless the unit filters already", () => {
  expect(offers(systemCallErrorNumber, situation([]))).toEqual(["EPERM"]);
  expect(offers(systemCallErrorNumber, situation([], { SystemCallFilter: "@system-service" }))).toEqual([]);
});

const MEMORY = ["/dev/shm:mode=1777,noexec,nosuid,size=50%", "/dev/shm:mode=1777,nosuid,size=50%"];

test("peers: root that never talked to PID 1 or to others who obey root is kept from their directories", () => {
  const socket = (at: string, mode: number, uid = 0): Peer => ({
    address: at,
    file: { type: "socket", uid, gid: 0, mode },
  });
  const guarded = ["/run/docker.sock", "/run/containerd/containerd.sock", "/run/systemd/private"];
  const peers = [
    ...guarded.map((at) => socket(at, 0o660)),
    // Open to everyone, or a service's that is not root: what these do for root they do for others.
    ...[socket("/run/nscd/socket", 0o666), socket("/run/php/php.sock", 0o660, 33), { address: "@abstract" }],
  ];
  const root = (seen: readonly Seen[]) => ({ ...situation(seen), unit: { ...situation(seen).unit, uid: 0, peers } });
  const idle = root([file("/etc/app.conf", "read")]);
  expect(offers(temporaryFileSystem, idle)).toEqual([
    "/dev/shm:mode=1777,noexec,nosuid,size=50%|/run/systemd:noexec,ro",
    "/dev/shm:mode=1777,nosuid,size=50%|/run/systemd:noexec,ro",
    "/run/systemd:noexec,ro",
    ...MEMORY,
  ]);
  const places = ["journal/dev-log", "journal/socket", "notify", "resolve", "system"];
  const left = places.map((name) => `-/run/systemd/${name}`).join("|");
  expect(offers(bindReadOnlyPaths, idle)).toEqual([`${left}|-/usr/bin`, left]);
  expect(offers(inaccessiblePaths, idle)[0]).toMatch(
    / -\/run\/containerd -\/run\/dbus -\/run\/docker\.sock -\/run\/log/,
  );
});

test("peers: what was used stays, by whatever name, and who is not root needs none of it", () => {
  const seen = (...all: readonly Seen[]) => {
    const given = situation(all);
    return { ...given, unit: { ...given.unit, uid: 0 } };
  };
  const bus = address("connect", "AF_UNIX", "/var/run/dbus/system_bus_socket");
  expect(offers(inaccessiblePaths, seen(bus))[0]).not.toContain("/run/dbus");
  const manager = address("connect", "AF_UNIX", "/run/systemd/private");
  expect(offers(temporaryFileSystem, seen(manager))).toEqual(MEMORY);
  const names = address("connect", "AF_UNIX", "/run/systemd/userdb/io.systemd.DynamicUser");
  expect(offers(bindReadOnlyPaths, seen(names))[0]).toContain("|-/run/systemd/userdb");
  // Where the journal takes orders, and where PID 1 logs for others, stays only for who was seen there.
  const output = address("connect", "AF_UNIX", "/run/systemd/journal/stdout");
  expect(offers(bindReadOnlyPaths, seen(output))[0]).toMatch(/^[^.]*\|-\/run\/systemd\/journal\/stdout\|-\/usr\/bin$/);
  const own = situation([], { LogNamespace: "app" });
  expect(offers(bindReadOnlyPaths, { ...own, unit: { ...own.unit, uid: 0 } })[0]).not.toContain("/journal");
  const user = { ...situation([bus]), unit: { ...situation([bus]).unit, uid: 990 } };
  expect([offers(temporaryFileSystem, user), offers(inaccessiblePaths, user)]).toEqual([MEMORY, []]);
});
