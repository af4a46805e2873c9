/** The model's verdicts, wall by wall. Tests src/core/sandbox. */
import { expect, test } from "vitest";
import type { Access, Action, FileFacts, Need } from "../action/action.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { denyList } from "../seccomp/policy/build.ts";
import { behind, judge, outcomeOf } from "./judge.ts";
import { setting, type WallOrigin } from "./origin.ts";
import type { Wall } from "./wall.ts";

const www: Wall = { kind: "identity", by: setting("User", "www-data"), uid: 33, gid: 33, groups: [] };
const nothingBounded: Wall = { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: [] };
const userNamespace: Wall = { kind: "namespace", by: setting("PrivateUsers", "yes"), namespace: "user", map: "self" };
const shadow: FileFacts = {
  type: "file",
  uid: 0,
  gid: 42,
  mode: 0o640,
  parent: { uid: 0, gid: 0, mode: 0o755 },
};

function act(...needs: readonly Need[]): Action {
  return { call: { abi: "x86_64", name: "openat", arguments: [] }, needs };
}

function path(at: string, access: Access, file?: FileFacts): Action {
  return act(file === undefined ? { kind: "path", path: at, access } : { kind: "path", path: at, access, file });
}

function mount(by: WallOrigin, at: string, mode: Extract<Wall, { kind: "mount" }>["mode"]): Wall {
  return { kind: "mount", by, path: at, mode, optional: false };
}

test("judge: root on the bare host may do everything", () => {
  const actions = [
    path("/etc/shadow", "write", shadow),
    act({ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }),
    act({ kind: "process", operation: "trace", target: { uid: 7, gid: 7, relation: "neighbour" } }),
    act({ kind: "gain" }),
    act({ kind: "real-time" }),
    act({ kind: "become", uid: 12, gid: 12 }),
  ];
  for (const action of actions) {
    expect(judge({ walls: [] }, action)).toEqual({ kind: "allowed" });
  }
});

test("judge: what a ring does passes every filter, and no other wall", () => {
  const by = setting("SystemCallFilter", "~openat");
  const filter: Wall = { kind: "filter", by, policy: denyList(["openat"], { kind: "errno", errno: "EPERM" }) };
  const called = path("/etc/shadow", "write", shadow);
  const ring: Action = { ...called, call: { ...called.call, through: "ring" } };
  expect(judge({ walls: [filter] }, called)).toEqual({ kind: "denied", by: [by], as: { errno: "EPERM" } });
  expect(judge({ walls: [filter] }, ring)).toEqual({ kind: "allowed" });
  expect(outcomeOf([filter], called)).toBe("denied");
  expect(outcomeOf([filter], ring)).toBe("allowed");
  expect(judge({ walls: [filter, www] }, ring)).toEqual({
    kind: "denied",
    by: [setting("User", "www-data")],
    as: { errno: "EACCES" },
  });
});

test("judge: ownership names the user, and the bounding set only where it alone would be enough", () => {
  const walls = [www, nothingBounded];
  expect(judge({ walls }, path("/etc/shadow", "read", shadow))).toEqual({
    kind: "denied",
    by: [setting("User", "www-data")],
    as: { errno: "EACCES" },
  });
  expect(judge({ walls }, act({ kind: "capability", capability: "CAP_SYS_TIME", over: "init" }))).toEqual({
    kind: "denied",
    by: [setting("User", "www-data"), setting("CapabilityBoundingSet", "")],
    as: { errno: "EPERM" },
  });
});

test("judge: names walls that refuse only together", () => {
  const secret: FileFacts = { ...shadow, uid: 1000, gid: 1000, mode: 0o600 };
  const ambient: Wall = { kind: "ambient", by: setting("AmbientCapabilities", ""), capabilities: ["CAP_DAC_OVERRIDE"] };
  expect(judge({ walls: [www, ambient] }, path("/srv/secret", "read", secret))).toEqual({ kind: "allowed" });
  expect(judge({ walls: [www, ambient, nothingBounded] }, path("/srv/secret", "read", secret))).toMatchObject({
    by: [setting("CapabilityBoundingSet", "")],
  });
});

test("judge: every sufficient wall is named across filter, mounts and ownership", () => {
  const filter: Wall = {
    kind: "filter",
    by: setting("SystemCallFilter", "~openat"),
    policy: denyList(["openat"], { kind: "errno", errno: "ENOSYS" }),
  };
  const walls = [www, mount(setting("ProtectSystem", "strict"), "/", { kind: "read-only" }), filter];
  expect(judge({ walls }, path("/etc/shadow", "write", shadow))).toEqual({
    kind: "denied",
    by: [setting("SystemCallFilter", "~openat"), setting("User", "www-data"), setting("ProtectSystem", "strict")],
    as: { errno: "ENOSYS" },
  });
});

test("judge: a read-only mount does not stop writing to a device or a socket", () => {
  const walls = [mount(setting("ProtectSystem", "strict"), "/", { kind: "read-only" })];
  const node: FileFacts = { ...shadow, type: "char", mode: 0o666, device: { major: 1, minor: 3 } };
  expect(judge({ walls }, path("/dev/null", "write", node))).toEqual({ kind: "allowed" });
  expect(judge({ walls }, path("/dev/null", "change", node)).kind).toBe("denied");
});

test("judge: a private directory hides what was there and lets the service make its own", () => {
  const walls = [www, mount(setting("PrivateTmp", "yes"), "/tmp", { kind: "private" })];
  expect(judge({ walls }, path("/tmp/other", "read"))).toMatchObject({ kind: "denied", as: { errno: "ENOENT" } });
  expect(judge({ walls }, path("/tmp/mine", "create"))).toEqual({ kind: "allowed" });
  expect(judge({ walls }, path("/tmp/mine", "read"), { made: (at) => at === "/tmp/mine" })).toEqual({
    kind: "allowed",
  });
  const hidden = [www, mount(setting("ProtectHome", "tmpfs"), "/home", { kind: "empty", readOnly: false })];
  expect(judge({ walls: hidden }, path("/home/mine", "create"))).toMatchObject({
    by: [setting("User", "www-data"), setting("ProtectHome", "tmpfs")],
  });
});

test("judge: an unmapped owner cannot be overridden from a user namespace", () => {
  const file: FileFacts = { ...shadow, uid: 1000, gid: 1000, mode: 0o600 };
  expect(judge({ walls: [userNamespace] }, path("/srv/x", "read", file))).toMatchObject({
    by: [setting("PrivateUsers", "yes")],
  });
  expect(judge({ walls: [userNamespace] }, path("/etc/shadow", "read", { ...shadow, gid: 0 })).kind).toBe("allowed");
});

test("judge: capabilities in a user namespace count for what it owns only", () => {
  const net = act({ kind: "capability", capability: "CAP_NET_ADMIN", over: "net" });
  const own: Wall = { kind: "namespace", by: setting("n", "yes"), namespace: "net", owner: "own" };
  const ours: Wall = { kind: "namespace", by: setting("n", "yes"), namespace: "net" };
  expect(judge({ walls: [userNamespace, ours] }, net).kind).toBe("denied");
  expect(judge({ walls: [userNamespace, own] }, net).kind).toBe("allowed");
  expect(judge({ walls: [userNamespace] }, act({ kind: "become", uid: 33 }))).toMatchObject({
    as: { errno: "EINVAL" },
  });
});

test("judge: devices need every list, and their numbers", () => {
  const closed: Wall = {
    kind: "devices",
    by: setting("DevicePolicy", "closed"),
    allow: [{ type: "char", major: 1, minor: 3, access: "rw" }],
  };
  const facts: FileFacts = { ...shadow, type: "char", mode: 0o666 };
  const device = (major: number, minor: number): FileFacts => ({ ...facts, device: { major, minor } });
  expect(judge({ walls: [closed] }, path("/dev/null", "read", device(1, 3))).kind).toBe("allowed");
  expect(judge({ walls: [closed] }, path("/dev/mem", "read", device(1, 1)))).toMatchObject({ as: { errno: "EPERM" } });
  expect(judge({ walls: [closed] }, path("/dev/x", "read", facts)).kind).toBe("unknown");
});

test("judge: an allowed prefix wins, link-local alone can be denied", () => {
  const deny: Wall = { kind: "addresses", by: setting("IPAddressDeny", "any"), deny: ["0.0.0.0/0", "::/0"], allow: [] };
  const allow: Wall = {
    kind: "addresses",
    by: setting("IPAddressAllow", "localhost"),
    deny: [],
    allow: ["127.0.0.0/8", "::1/128"],
  };
  const to = (address: string): Action =>
    act({ kind: "address", operation: "connect", family: "AF_INET", address, port: 80, transport: "tcp" });
  expect(judge({ walls: [deny, allow] }, to("127.0.0.1"))).toEqual({ kind: "allowed" });
  expect(judge({ walls: [deny, allow] }, to("169.254.169.254"))).toMatchObject({
    by: [setting("IPAddressDeny", "any")],
  });
});

test("judge: low ports need CAP_NET_BIND_SERVICE, port lists refuse whatever one has", () => {
  const bind = (port: number): Action =>
    act({ kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port, transport: "tcp" });
  expect(judge({ walls: [www] }, bind(80))).toMatchObject({ as: { errno: "EACCES" } });
  expect(judge({ walls: [www] }, bind(8080)).kind).toBe("allowed");
  const walls: Wall[] = [
    { kind: "ports", by: setting("SocketBindDeny", "any"), deny: ["any"], allow: [] },
    { kind: "ports", by: setting("SocketBindAllow", "tcp:8080"), deny: [], allow: ["tcp:8080"] },
  ];
  expect(judge({ walls }, bind(8080)).kind).toBe("allowed");
  expect(judge({ walls }, bind(8081))).toMatchObject({ by: [setting("SocketBindDeny", "any")] });
});

test("judge: a same-user process with more capabilities may not be traced", () => {
  const rooted = { kind: "process", operation: "trace", target: { uid: 0, gid: 0, relation: "init" } } as const;
  const fewer: Wall = {
    kind: "bounding",
    by: setting("b", "yes"),
    keep: CAPABILITIES.filter((name) => name !== "CAP_SYS_PTRACE"),
  };
  expect(judge({ walls: [fewer] }, act(rooted))).toMatchObject({ by: [setting("b", "yes")], as: { errno: "EPERM" } });
  const looks = { ...rooted, operation: "inspect" } as const;
  expect(judge({ walls: [fewer] }, act(looks))).toEqual({ kind: "allowed" });
  const least: Wall = { kind: "bounding", by: setting("c", "yes"), keep: ["CAP_KILL"] };
  expect(judge({ walls: [least] }, act(looks)).kind).toBe("denied");
});

test("judge: hidepid= hides foreign processes, from members of group root only with ptraceable", () => {
  const environ = path("/proc/1/environ", "look", {
    ...shadow,
    gid: 0,
    mode: 0o400,
    parent: { uid: 0, gid: 0, mode: 0o555 },
  });
  const proc = (hide: "noaccess" | "invisible" | "ptraceable"): Wall =>
    mount(setting("ProtectProc", hide), "/proc", { kind: "proc", hide, pidOnly: false });
  expect(judge({ walls: [www, proc("invisible")] }, environ)).toMatchObject({ as: { errno: "ENOENT" } });
  expect(judge({ walls: [www, proc("noaccess")] }, environ)).toMatchObject({ as: { errno: "EPERM" } });
  expect(judge({ walls: [nothingBounded, proc("invisible")] }, environ)).toEqual({ kind: "allowed" });
  expect(judge({ walls: [nothingBounded, proc("ptraceable")] }, environ).kind).toBe("denied");
});

test("judge: PR_SET_MDWE refuses W+X and memory that becomes executable", () => {
  const walls: Wall[] = [{ kind: "write-xor-execute", by: setting("m", "yes") }];
  const memory = (operation: "map" | "protect", writable: boolean, already = false): Action =>
    act({ kind: "memory", operation, writable, executable: true, already });
  expect(judge({ walls }, memory("map", true)).kind).toBe("denied");
  expect(judge({ walls }, memory("map", false)).kind).toBe("allowed");
  expect(judge({ walls }, memory("protect", false)).kind).toBe("denied");
  expect(judge({ walls }, memory("protect", false, true)).kind).toBe("allowed");
});

test("judge: says that it does not know instead of guessing", () => {
  const policy = denyList(["openat"], { kind: "errno", errno: "EPERM" });
  const rule = policy.abis.x86_64?.rules[0];
  const when = [{ argument: 2, width: 32, operator: "eq", value: 0n } as const];
  const filter: Wall = {
    kind: "filter",
    by: setting("f", "yes"),
    policy: {
      ...policy,
      abis: { x86_64: { rules: [{ ...rule!, when }], otherwise: { kind: "allow" } } },
    },
  };
  expect(judge({ walls: [filter] }, act())).toMatchObject({ kind: "unknown" });
  const elsewhere = mount(setting("BindPaths", "/a:/b"), "/b", { kind: "bind", source: "/a", readOnly: false });
  expect(judge({ walls: [elsewhere] }, path("/b/x", "read"))).toMatchObject({ kind: "unknown" });
});

test("behind: a worker that left root has its own files and no capability", () => {
  const sandbox = behind({ walls: [] }, { uid: 33, gid: 33 });
  expect(judge(sandbox, path("/etc/shadow", "read", shadow)).kind).toBe("denied");
  expect(behind({ walls: [www] }, { uid: 33, gid: 33 }).walls).toEqual([www]);
});

test("judge: memory beyond the limit is locked with CAP_IPC_LOCK only", () => {
  const limit: Wall = { kind: "locked-memory", by: setting("LimitMEMLOCK", "4K:8K"), soft: 4096, hard: 8192 };
  const lock = (bytes: number) => act({ kind: "locked-memory", bytes });
  expect(judge({ walls: [www] }, lock(8192)).kind).toBe("allowed");
  expect(judge({ walls: [www, limit] }, lock(4096)).kind).toBe("allowed");
  expect(judge({ walls: [www, limit] }, lock(4097))).toEqual({
    kind: "denied",
    by: [www.by, limit.by],
    as: { errno: "ENOMEM" },
  });
  expect(judge({ walls: [limit] }, lock(8192)).kind).toBe("allowed");
});

test("judge: a real-time class is open to whom a limit or the unit's own class leads there", () => {
  const fifo = (priority: number) => act({ kind: "real-time", policy: "SCHED_FIFO", priority });
  const limit: Wall = { kind: "limit", by: setting("LimitRTPRIO", "5:10"), name: "RTPRIO", soft: 5, hard: 10 };
  const started = (policy: "SCHED_FIFO" | "SCHED_RR", resetsOnFork = false): Wall => {
    return { kind: "scheduling", by: setting("CPUSchedulingPolicy", policy), policy, resetsOnFork };
  };
  const kind = (walls: readonly Wall[], action: Action) => judge({ walls: [www, ...walls] }, action).kind;
  expect(kind([], fifo(1))).toBe("denied");
  expect(kind([limit], fifo(5))).toBe("allowed");
  expect(kind([limit], fifo(6))).toBe("denied");
  expect(kind([limit], act({ kind: "real-time" }))).toBe("unknown");
  expect(kind([limit], act({ kind: "real-time", policy: "SCHED_DEADLINE", priority: 0 }))).toBe("denied");
  expect(kind([started("SCHED_FIFO")], fifo(1))).toBe("allowed");
  expect(kind([started("SCHED_FIFO")], fifo(2))).toBe("unknown");
  expect(kind([started("SCHED_RR")], fifo(1))).toBe("denied");
  expect(kind([started("SCHED_FIFO", true)], fifo(1))).toBe("denied");
  expect(kind([started("SCHED_RR", true), limit], fifo(1))).toBe("unknown");
});

test("judge: a wall that the model cannot reckon leaves undecided what it is about, unless another refuses it", () => {
  const filterPath: Wall = {
    kind: "unmodelled",
    by: setting("IPEgressFilterPath", "/x"),
    about: ["address"],
    opens: false,
  };
  const connect = act({ kind: "address", operation: "connect", family: "AF_INET", address: "192.0.2.1" });
  const reason = "IPEgressFilterPath=/x has a say in it, which the model cannot reckon";
  expect(judge({ walls: [filterPath] }, connect)).toEqual({ kind: "unknown", reason });
  expect(judge({ walls: [filterPath] }, path("/etc/shadow", "read", shadow))).toEqual({ kind: "allowed" });
  const netless: Wall = { kind: "namespace", by: setting("PrivateNetwork", "yes"), namespace: "net" };
  expect(judge({ walls: [filterPath, netless] }, connect)).toMatchObject({
    kind: "denied",
    as: { errno: "ENETUNREACH" },
  });
});

test("judge: a wall about devices leaves other paths decided", () => {
  const hook: Wall = { kind: "unmodelled", by: setting("BPFProgram", "device:/x"), about: ["device"], opens: false };
  const disk: FileFacts = { type: "block", uid: 0, gid: 0, mode: 0o660, device: { major: 8, minor: 0 } };
  expect(judge({ walls: [hook] }, path("/dev/sda", "read", disk)).kind).toBe("unknown");
  expect(judge({ walls: [hook] }, path("/dev/new", "read")).kind).toBe("unknown");
  expect(judge({ walls: [hook] }, path("/etc/shadow", "read", shadow)).kind).toBe("allowed");
});

test("judge: a wall that might also open leaves undecided what others refuse, but not what it is not about", () => {
  const foreign: Wall = { kind: "unmodelled", by: setting("RootImage", "/x.raw"), about: ["path"], opens: true };
  expect(judge({ walls: [www, foreign] }, path("/etc/shadow", "read", shadow))).toMatchObject({ kind: "unknown" });
  const clock = act({ kind: "capability", capability: "CAP_SYS_TIME", over: "init" });
  expect(judge({ walls: [www, foreign] }, clock)).toMatchObject({ kind: "denied" });
  const anything: Wall = { kind: "unmodelled", by: setting("PrivateMoon", "yes"), about: "everything", opens: true };
  expect(judge({ walls: [www, anything] }, clock)).toMatchObject({ kind: "unknown" });
});

test("judge: what a bind mount shows is decided by what the machine has there", () => {
  const walls = [www, mount(setting("BindPaths", "/srv"), "/etc", { kind: "bind", source: "/srv", readOnly: false })];
  const readable: FileFacts = { type: "file", uid: 0, gid: 0, mode: 0o644, parent: { uid: 0, gid: 0, mode: 0o755 } };
  const file = (at: string) =>
    at === "/srv/shadow" ? readable : at === "/srv" ? { ...readable, uid: 33, mode: 0o755 } : "absent";
  const read = path("/etc/shadow", "read", shadow);
  expect(judge({ walls }, read)).toMatchObject({ kind: "unknown" });
  expect(judge({ walls }, read, { file })).toEqual({ kind: "allowed" });
  expect(judge({ walls }, path("/etc/passwd", "read", shadow), { file })).toMatchObject({ as: { errno: "ENOENT" } });
  expect(judge({ walls }, path("/etc/new", "create"), { file })).toEqual({ kind: "allowed" });
  expect(judge({ walls }, path("/etc/not/there", "create"), { file })).toMatchObject({ as: { errno: "ENOENT" } });
});

test("judge: another root has root's usual directories, those on the way to mounts, and nothing else that it lacks", () => {
  const root = mount(setting("RootDirectory", "/srv"), "/", { kind: "bind", source: "/srv", readOnly: false });
  const bound = mount(setting("BindPaths", "/usr"), "/opt/app/usr", { kind: "bind", source: "/usr", readOnly: false });
  const file = () => "absent" as const;
  const make = (at: string, ...more: readonly Wall[]) =>
    judge({ walls: [root, bound, ...more] }, path(at, "create"), { file });
  const missing = { kind: "denied", as: { errno: "ENOENT" } };
  expect(make("/root/new")).toEqual({ kind: "allowed" });
  expect(make("/root/new", www)).toMatchObject({ kind: "denied", as: { errno: "EACCES" } });
  expect(make("/opt/app/new")).toEqual({ kind: "allowed" });
  expect(make("/etc/cron.d/new")).toMatchObject(missing);
  expect(judge({ walls: [root] }, path("/etc/shadow", "read", shadow), { file })).toMatchObject(missing);
});

test("secure-bits: noroot takes root's powers, no-setuid-fixup leaves them to who leaves root", () => {
  const power = act({ kind: "capability", capability: "CAP_SYS_TIME", over: "init" });
  const bits = (...flags: readonly string[]): Wall => ({
    kind: "secure-bits",
    by: setting("SecureBits", flags.join(" ")),
    bits: flags,
  });
  const refusal = { kind: "denied", by: [setting("SecureBits", "noroot")], as: { errno: "EPERM" } };
  expect(judge({ walls: [bits("noroot")] }, power)).toEqual(refusal);
  expect(judge({ walls: [bits("no-setuid-fixup")] }, power)).toEqual({ kind: "allowed" });
  const worker = { uid: 33, gid: 33 };
  expect(judge(behind({ walls: [bits("no-setuid-fixup")] }, worker), power)).toEqual({ kind: "allowed" });
  expect(judge(behind({ walls: [bits("no-setuid-fixup", "noroot")] }, worker), power).kind).toBe("denied");
});

test("a program of the machine's that filters packets has no say in sockets of this machine, nor in binding", () => {
  const wall: Wall = { kind: "unmodelled", by: setting("NFTSet", "x"), about: ["packet"], opens: false };
  const address = (family: string, operation: "bind" | "connect", at: string): Action => ({
    call: { abi: "x86_64", name: operation, arguments: [] },
    needs: [{ kind: "address", operation, family, address: at, port: 8080 }],
  });
  const kinds = [
    address("AF_INET", "connect", "192.0.2.1"),
    address("AF_INET", "bind", "192.0.2.1"),
    address("AF_UNIX", "connect", "@app"),
  ].map((action) => judge({ walls: [wall] }, action).kind);
  expect(kinds).toEqual(["unknown", "allowed", "allowed"]);
});

test("judge: another process can be named by anyone, but not out of a PID namespace of its own", () => {
  const name = act({ kind: "process", operation: "name", target: { uid: 7, gid: 7, relation: "neighbour" } });
  expect(judge({ walls: [www, nothingBounded] }, name)).toEqual({ kind: "allowed" });
  const by = setting("PrivatePIDs", "yes");
  expect(judge({ walls: [{ kind: "namespace", by, namespace: "pid" }] }, name)).toEqual({
    kind: "denied",
    by: [by],
    as: { errno: "ESRCH" },
  });
});

test("judge: a directory that is there only as the way to a mount is root's", () => {
  const walls = [
    mount(setting("TemporaryFileSystem", "/var"), "/var", { kind: "empty", readOnly: false }),
    mount(setting("LogsDirectory", "app"), "/var/log/app", { kind: "bind", source: "/var/log/app", readOnly: false }),
  ];
  expect(judge({ walls }, path("/var/log/x", "create"))).toEqual({ kind: "allowed" });
  expect(judge({ walls: [...walls, www] }, path("/var/log/x", "create"))).toMatchObject({
    kind: "denied",
    as: { errno: "EACCES" },
  });
});
