import { expect, test } from "vitest";
import type { Access, Argument, Need, Observation, Seen } from "../action/action.ts";
import { foldUnit, type Host } from "../directives/sandbox.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import { isSyscallName, type SyscallName, tableOf } from "../kernel/syscalls/syscall.ts";
import { judge } from "../sandbox/judge.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { type SynthesisInput, without } from "./input.ts";
import { printDropIn } from "./print.ts";
import { loosen, synthesize } from "./synthesize.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => (name === "www-data" ? { uid: 33, gid: 33, groups: [] } : undefined),
  directories: [],
  executables: ["/usr/bin/app"],
};

function seen(
  name: SyscallName,
  needs: readonly Need[] = [],
  options: Partial<Seen> & { given?: readonly number[] } = {},
): Seen {
  const { given = [], ...rest } = options;
  const numbers: readonly Argument[] = given.map((value) => ({ kind: "number", value: BigInt(value) }));
  return {
    action: { call: { abi: "x86_64", name, arguments: numbers }, needs },
    result: "ok",
    phases: ["start"],
    identities: [{ uid: 33, gid: 33 }],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
    ...rest,
  };
}

function path(at: string, access: Access): Need {
  return { kind: "path", path: at, access };
}

function open(at: string, access: Access, flags = 0): Seen {
  return seen("openat", [path(at, access)], { given: [0xffffff9c, 0, flags, 0o644] });
}

const listening = seen("bind", [
  { kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port: 8080, transport: "tcp" },
]);

const web: readonly Seen[] = [
  seen("execve", [path("/usr/bin/app", "execute")]),
  open("/usr/lib/libc.so.6", "read"),
  seen("mmap", [{ kind: "memory", operation: "map", writable: true, executable: false }], { given: [0, 4096, 3, 34] }),
  seen("socket", [], { given: [2, 1, 0] }),
  listening,
  open("/var/lib/app/db", "write", 0o2),
];

function input(all: readonly Seen[], unit: Record<string, string> = { User: "www-data" }): SynthesisInput {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen: all,
    gaps: [],
    phases: ["start"],
  };
  const { values } = foldUnit(
    (name) => (unit[name] === undefined ? [] : [{ value: unit[name], file: "app.service", line: 2 }]),
    host,
  );
  return { observation, values, host, level: "balanced" };
}

function lines(given: SynthesisInput): Record<string, string> {
  return Object.fromEntries(synthesize(given).settings.map((each) => [each.directive, each.lines.join("|")]));
}

test("synthesize: a plain web service gets every wall and a door for its data", () => {
  const found = lines(input(web));
  expect(found).toMatchObject({
    ProtectSystem: "strict",
    ReadWritePaths: "-/var/lib/app",
    CapabilityBoundingSet: "",
    NoNewPrivileges: "yes",
    PrivateTmp: "yes",
    PrivateDevices: "yes",
    ProtectHome: "yes",
    ProtectClock: "yes",
    RestrictSUIDSGID: "yes",
    MemoryDenyWriteExecute: "yes",
    SystemCallArchitectures: "native",
    IPAddressDeny:
      "100.100.100.200/32 168.63.129.16/32 169.254.0.0/16 192.0.0.192/32 fd00:42::42/128 fd00:c1::a9fe:a9fe/128 fd00:ec2::23/128 fd00:ec2::254/128 fd20:ce::254/128",
  });
  expect(found.SystemCallFilter).not.toContain("ptrace");
  expect(found.PrivateNetwork).toBeUndefined();
});

test("synthesize: that a ring was used is said, since what it did was not seen, and changes nothing else", () => {
  const given = input([...web, seen("io_uring_setup", [], { given: [8] })]);
  const gaps = [{ code: "io-uring", count: 1 }] as const;
  const told = synthesize({ ...given, observation: { ...given.observation, gaps } });
  const untold = synthesize(given);
  const warning = "the observation has gaps: io_uring: what is done through a ring is not seen (1 times)";
  expect(told.warnings).toEqual([warning, ...untold.warnings]);
  expect(told.settings).toEqual(untold.settings);
});

test("synthesize: who listens to the network is cut off from no client", () => {
  const { after } = synthesize(input(web));
  for (const address of ["192.168.7.7", "8.8.8.8", "127.0.0.1", "2001:db8::9", "fe80::1"]) {
    const family = address.includes(":") ? "AF_INET6" : "AF_INET";
    for (const operation of ["receive", "connect"] as const) {
      const need: Need = { kind: "address", operation, family, address, port: 4711, transport: "tcp" };
      expect(judge(after, seen("recvfrom", [need]).action)).toEqual({ kind: "allowed" });
    }
    const socket = seen("socket", [], { given: [family === "AF_INET" ? 2 : 10, 1, 0] });
    expect(judge(after, socket.action)).toEqual({ kind: "allowed" });
  }
});

test("synthesize: with clients named, others are shut out and these are not", () => {
  const { after } = synthesize({ ...input(web), clients: ["192.168.0.0/16"] });
  const from = (address: string) =>
    judge(after, seen("recvfrom", [{ kind: "address", operation: "receive", family: "AF_INET", address }]).action).kind;
  expect(from("192.168.3.4")).toBe("allowed");
  expect(from("10.0.0.1")).toBe("denied");
});

test("synthesize: a scratch file under a random name, made and read back, needs no /tmp of the machine's; another's does", () => {
  const made = open("/tmp/upload-1f2e3d4c", "create", 0o101);
  const readBack = open("/tmp/upload-1f2e3d4c", "read");
  expect(lines(input([...web, made, readBack]))).toMatchObject({ PrivateTmp: "yes" });
  expect(lines(input([...web, made, readBack, open("/tmp/upload-5a6b7c8d", "read")])).PrivateTmp).toBeUndefined();
});

test("synthesize: each kind of need keeps its own wall open", () => {
  const cases: readonly (readonly [Seen, string, string | undefined])[] = [
    [open("/home/alice/site/index.html", "read"), "ProtectHome", "read-only"],
    [open("/home/alice/site/upload", "write", 0o2), "ProtectHome", undefined],
    [open("/tmp/from-another-service", "read"), "PrivateTmp", undefined],
    [
      seen("bind", [{ kind: "address", operation: "bind", family: "AF_UNIX", address: "/tmp/app.sock" }]),
      "PrivateTmp",
      undefined,
    ],
    [
      seen("mprotect", [{ kind: "memory", operation: "protect", writable: false, executable: true }], {
        given: [0, 0, 5],
      }),
      "MemoryDenyWriteExecute",
      undefined,
    ],
    [seen("personality", [], { given: [8] }), "LockPersonality", undefined],
    [seen("chmod", [path("/var/lib/app/tool", "change")], { given: [0, 0o4755] }), "RestrictSUIDSGID", undefined],
    [
      seen("unshare", [{ kind: "namespace", namespaces: ["user"] }], { given: [0x10000000] }),
      "RestrictNamespaces",
      "user",
    ],
  ];
  for (const [extra, directive, value] of cases) {
    expect([directive, lines(input([...web, extra]))[directive]]).toEqual([directive, value]);
  }
});

test("synthesize: a file that the service itself made in /tmp does not keep /tmp open", () => {
  const own = [open("/tmp/x1", "create", 0o102), open("/tmp/x1", "read")];
  expect(lines(input([...web, ...own])).PrivateTmp).toBe("yes");
});

test("synthesize: what failed is not needed", () => {
  const failed: ErrnoName = "EACCES";
  const found = lines(input([...web, { ...open("/home/alice/secret", "read"), result: failed }]));
  expect(found.ProtectHome).toBe("yes");
});

test("synthesize: clone3 may be refused with ENOSYS, because clone is there", () => {
  const found = lines(input([...web, seen("clone3")]));
  expect(found.RestrictNamespaces).toBe("yes");
  expect(found.SystemCallFilter?.split(" ")).toContain("clone");
});

test("synthesize: a root master keeps the capabilities that it used, and its files writable", () => {
  const root = { identities: [{ uid: 0, gid: 0 }] };
  const setuid = seen("setuid", [{ kind: "become", uid: 33 }], { ...root, given: [33] });
  const low = seen(
    "bind",
    [
      { kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port: 80, transport: "tcp" },
      { kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" },
    ],
    root,
  );
  const result = synthesize(input([...web, setuid, low], {}));
  const bounding = result.settings.find(({ directive }) => directive === "CapabilityBoundingSet");
  expect(bounding?.value).toEqual(["CAP_SETUID", "CAP_NET_BIND_SERVICE"]);
  expect(bounding?.reason).toContain("bound TCP 80");
  expect(result.settings.map(({ directive }) => directive)).not.toContain("PrivateUsers");
  expect(result.advice.join(" ")).toContain("starts as root");
});

test("synthesize: who writes to /run and uses homes gets a read-only tree all the same", () => {
  const root = { identities: [{ uid: 0, gid: 0 }] };
  const file = (at: string, access: Access): Seen =>
    seen("openat", [path(at, access)], { ...root, given: [0xffffff9c, 0, 0x41, 0o644] });
  const login = [file("/run/app.pid", "create"), file("/home/ann/notes", "create"), file("/run/user/1000/x", "create")];
  const result = synthesize(input([...web, ...login], {}));
  const names = result.settings.map(({ directive }) => directive);
  expect(names).toContain("ProtectSystem");
  expect(names).toContain("NoExecPaths");
  expect(result.warnings.filter((text) => text.includes("is left alone"))).toEqual([]);
});

test("synthesize: what the target does not know or ignores is listed, not written", () => {
  const old = { ...input(web), host: { ...host, systemd: 232 } };
  const { settings, notEnforced } = synthesize(old);
  const names = settings.map(({ directive }) => directive);
  expect(names).not.toContain("ProtectClock");
  expect(names).not.toContain("IPAddressDeny");
  expect(notEnforced.find(({ name }) => name === "ProtectClock")?.reason).toContain("245");
  const useless = synthesize({ ...input(web), ineffective: new Map([["IPAddressDeny", "no BPF here"]]) });
  expect(useless.settings.map(({ directive }) => directive)).not.toContain("IPAddressDeny");
  expect(useless.notEnforced).toContainEqual({ name: "IPAddressDeny", reason: "no BPF here" });
});

test("synthesize: a value that is too new is passed over for the next one", () => {
  const { settings, notEnforced } = synthesize({ ...input(web), host: { ...host, systemd: 256 } });
  const groups = settings.find(({ directive }) => directive === "ProtectControlGroups");
  expect(groups?.lines).toEqual(["yes"]);
  expect(notEnforced.find(({ name }) => name === "ProtectControlGroups")?.reason).toContain("257");
});

test("synthesize: a unit that is stricter already is left as it is", () => {
  const strict = {
    User: "www-data",
    CapabilityBoundingSet: "",
    ProtectSystem: "strict",
    ReadWritePaths: "/var/lib/app",
  };
  const found = lines(input(web, strict));
  for (const name of Object.keys(strict)) {
    expect(found[name]).toBeUndefined();
  }
});

/** What the filters of a sandbox do to a call without arguments. */
function answerTo(sandbox: Sandbox, name: SyscallName): string {
  const verdict = judge(sandbox, { call: { abi: "x86_64", name, arguments: [] }, needs: [] });
  return verdict.kind === "denied" ? Object.values(verdict.as).join("") : verdict.kind;
}

test.each([
  ["an allow list", { SystemCallFilter: "@system-service" }],
  ["an allow list, said", { SystemCallFilter: "@system-service", SystemCallErrorNumber: "kill" }],
  ["a deny list", { SystemCallFilter: "~@mount" }],
  ["no list of its own", { SystemCallErrorNumber: "kill" }],
])("synthesize: nothing is killed that the unit's own filter let through: %s that kills", (_, unit) => {
  const { before, after, settings } = synthesize(input(web, { User: "www-data", ...unit }));
  const calls = Object.keys(tableOf("x86_64").numbers).filter(isSyscallName);
  const killed = (sandbox: Sandbox) => calls.filter((name) => answerTo(sandbox, name) === "SIGSYS");
  expect(killed(after)).toEqual(killed(before));
  expect(answerTo(after, "setpriority")).toBe("EPERM");
  expect(answerTo(after, "read")).toBe("allowed");
  // Only calls of their own answer are added: no set, no reset.
  const written = settings.find(({ directive }) => directive === "SystemCallFilter")?.lines ?? [];
  expect(written.map((line) => line[0])).toEqual(["~"]);
  expect(
    written
      .join(" ")
      .slice(1)
      .split(" ")
      .filter((word) => !/^\w+:EPERM$/.test(word)),
  ).toEqual([]);
});

test("synthesize: a unit whose own filter answers with an error gets a narrower list of its own kind", () => {
  const failing = { User: "www-data", SystemCallFilter: "@system-service", SystemCallErrorNumber: "EPERM" };
  expect(lines(input(web, failing)).SystemCallFilter).not.toContain(":EPERM");
});

test("loosen and without: the next candidate, then none", () => {
  const first = input(web);
  const next = loosen(first, synthesize(first), "ProtectSystem");
  expect(lines(next).ProtectSystem).toBe("full");
  expect(lines(loosen(next, synthesize(next), "ProtectSystem")).ProtectSystem).toBe("yes");
  const none = lines(without(first, ["ProtectSystem", "PrivateTmp"]));
  expect(none.ProtectSystem).toBeUndefined();
  expect(none.ReadWritePaths).toBeUndefined();
  expect(none.PrivateTmp).toBeUndefined();
  expect(none.ProtectHome).toBe("yes");
});

test("printDropIn: every setting has its reason above it", () => {
  const text = printDropIn(synthesize(input(web)), ["Written by Cloison."]);
  expect(text.startsWith("# Written by Cloison.\n\n[Service]\n")).toBe(true);
  expect(text).toContain("# was not seen to load a kernel module\nProtectKernelModules=yes\n");
  for (const line of text.split("\n")) {
    expect(line.length).toBeLessThanOrEqual(120);
  }
});

test("synthesize: a unit that says no to a directive is taken at its word, and it is said; strict is not so polite", () => {
  const unit = { User: "www-data", NoNewPrivileges: "no" };
  const names = (level: "balanced" | "strict") => synthesize({ ...input(web, unit), level });
  const balanced = names("balanced");
  expect(balanced.settings.map(({ directive }) => directive)).not.toContain("NoNewPrivileges");
  expect(balanced.warnings).toContain("NoNewPrivileges= is left alone: the unit itself turns it off");
  expect(names("strict").settings.map(({ directive }) => directive)).toContain("NoNewPrivileges");
  expect(synthesize(input(web)).settings.map(({ directive }) => directive)).toContain("NoNewPrivileges");
});

test("synthesize: what was used at most is advice for limits, and none is set", () => {
  const { observation, ...rest } = input(web);
  const peak = { tasks: 5, memory: 38 * 2 ** 20 + 1, files: 12 };
  const { advice, settings } = synthesize({ ...rest, observation: { ...observation, peak } });
  expect(advice.join()).toContain("at most 5 tasks, 39 MiB and 12 open files");
  expect(synthesize(input(web)).advice.join()).not.toContain("TasksMax=");
  const limits = ["TasksMax", "MemoryMax", "LimitNOFILE"];
  expect(settings.filter(({ directive }) => limits.includes(directive))).toEqual([]);
});

test("synthesize: a service that acts as people of the machine is told what that means", () => {
  const session = seen("openat", [path("/home/ann/.profile", "read")], { identities: [{ uid: 1000, gid: 1000 }] });
  expect(synthesize(input([...web, session])).advice.join()).toContain("uid 1000");
  expect(synthesize(input(web)).advice.join()).not.toContain("people of this machine");
});

test("synthesize: strict keeps calls that do the same with one capability together", () => {
  const master = seen("setuid", [{ kind: "become", uid: 33 }], { identities: [{ uid: 0, gid: 0 }], given: [33] });
  const { values } = synthesize({ ...input([...web, master], {}), level: "strict" });
  const calls = { setuid: "listed", setresuid: "listed", setreuid: "listed" };
  expect(values.get("SystemCallFilter")).toMatchObject({ mode: "allow", calls });
});

test("synthesize: who uses homes and not /run keeps its read-only tree and the walls beside it", () => {
  const home = (uid: number, at = "/home/ann/notes"): Seen => ({
    ...open(at, "create", 0x41),
    identities: [{ uid, gid: uid }],
  });
  for (const uid of [0, 1000]) {
    const result = lines(input([...web, home(uid)], {}));
    expect(result).toMatchObject({ ProtectSystem: "strict", ReadOnlyPaths: "-/run -/run/user" });
    expect(result).toHaveProperty("ProtectProc");
  }
  const session = lines(input([...web, home(1000, "/run/user/1000/x")], {}));
  expect(session).toMatchObject({ ProtectSystem: "strict", ReadOnlyPaths: "-/run/udev" });
  expect(lines(input(web, {})).ReadOnlyPaths).toBe("-/run");
});

test("synthesize: every door in the tree and in the namespaces says what was seen to need it", () => {
  const made = seen("unshare", [{ kind: "namespace", namespaces: ["net"] }], { given: [0x40000000] });
  const { settings } = synthesize(input([...web, made], {}));
  const doors = Object.fromEntries(settings.map(({ directive, doors }) => [directive, doors]));
  expect(doors.ReadWritePaths).toEqual(["may write below /var/lib/app: openat /var/lib/app/db at start"]);
  expect(doors.RestrictNamespaces).toEqual(["may make or enter net namespaces: unshare at start"]);
});

test("synthesize: root's home is hidden from root that needs another's, unless it logs people in or was seen there", () => {
  const hidden = (...more: readonly Seen[]): string => lines(input([...web, ...more], {})).InaccessiblePaths ?? "";
  const home: Partial<Seen> = { identities: [{ uid: 0, gid: 0 }] };
  const served = { ...open("/home/app/data", "write", 0o2), ...home };
  expect(hidden(served)).toMatch(/-\/root\b/);
  expect(hidden()).not.toContain("/root");
  expect(hidden(served, { ...open("/root/.rnd", "read"), ...home })).not.toContain("/root");
  expect(hidden(served, { ...open("/home/ann/x", "read"), identities: [{ uid: 1000, gid: 1000 }] })).not.toContain(
    "/root",
  );
});
