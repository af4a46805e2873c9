import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { observationText } from "../../../../test/samples/traces/readable.ts";
import { callOf, type Observation } from "../../action/action.ts";
import { gapText } from "../../action/gap.ts";
import type { TraceOptions } from "../tree/follow.ts";
import { readStrace, straceReader } from "./reader.ts";

const traces = new URL("../../../../test/samples/traces/", import.meta.url);

function read(name: string): string {
  return readFileSync(new URL(name, traces), "utf8");
}

/** Reads lines as the whole trace of a unit. */
function lines(...text: readonly string[]): Observation {
  return readStrace(text.join("\n"), { unit: "a.service" });
}

function texts(observation: Observation): readonly string[] {
  return observationText(observation).trimEnd().split("\n");
}

// What each program does is in NAME.c beside it; NAME.actions was written from that, by hand.
test.each(["files", "net", "proc"])("reads every action of the recorded program %s, numbers for names", (name) => {
  const observation = readStrace(read(`${name}.raw.strace`), { unit: "a.service" });
  expect(observationText(observation)).toBe(read(`${name}.actions`));
});

// With names some numbers are lost (ioctl requests, keyctl commands), but no needs: both recordings have the same.
test.each(["files", "net", "proc"])("finds the same needs when %s was recorded with names for numbers", (name) => {
  const needs = (file: string) =>
    readStrace(read(file), { unit: "a.service" })
      .seen.filter(({ action }) => action.needs.length > 0)
      .map(({ action, result }) => JSON.stringify([callOf(action)?.name, action.needs, result]));
  const raw = needs(`${name}.raw.strace`);
  expect(needs(`${name}.named.strace`)).toEqual(raw);
  expect(raw.length).toBeGreaterThan(8);
});

test("tells children apart whose parents' calls overlap, in a PID namespace", () => {
  const reader = straceReader({ unit: "a.service" });
  for (const line of read("pidns.raw.strace").split("\n")) {
    reader.line(line);
  }
  const { gaps } = reader.finish();
  expect(gaps).toEqual([]);
  const ran = [...reader.own].map(([pid, { executable }]) => [pid, executable]);
  expect(ran).toContainEqual([20437, "/bin/true"]);
  expect(ran).toContainEqual([20438, "/bin/true"]);
  expect(ran).toContainEqual([20439, "/bin/true"]);
  expect(ran).toContainEqual([20436, ""]);
});

// strace prints the beginning of every call exactly once, so calls can be counted without any of the reader's code.
test.each(["files", "net", "proc", "pidns"])("loses no call of %s and counts none twice", (name) => {
  const trace = read(`${name}.raw.strace`);
  const begun = new Map<string, number>();
  for (const [, call = ""] of trace.matchAll(/^\d+ +([a-z_0-9]+)\(/gm)) {
    begun.set(call, (begun.get(call) ?? 0) + 1);
  }
  const counted = new Map<string, number>();
  for (const { action, count } of readStrace(trace, { unit: "a.service" }).seen) {
    const name = callOf(action)?.name ?? "";
    counted.set(name, (counted.get(name) ?? 0) + count);
  }
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries([...begun].sort(([a], [b]) => (a < b ? -1 : 1))));
  expect(begun.size).toBeGreaterThan(10);
});

const MANAGER = [
  '1 openat(-100</>, "/sys/fs/cgroup/system.slice/a.service", 0x290000) = 35</sys/fs/cgroup/system.slice/a.service>',
  "1 clone3({flags=0x300005100, exit_signal=17, stack=0x7f, stack_size=0x9000, cgroup=35} <unfinished ...>",
  '20 execve("/proc/self/fd/8", [...], 0x7f /* 4 vars */) = 0',
  "1 <... clone3 resumed>, 88) = 9 /* 20 in strace's PID NS */",
  '20 mount("x", "/y", ""..., 0, NULL) = 0',
  "20 setresuid(33, 33, 33) = 0",
  '20 openat(-100</>, "/setup", 0) = 3</setup>',
  '20 execve("/usr/bin/program", [...], 0x7f /* 4 vars */) = 0',
  '20 openat(-100</>, "/own", 0) = 3</own>',
  '1 openat(-100</>, "/manager", 0) = 3</manager>',
];

function underManager(belongs: TraceOptions["belongs"], more: Partial<TraceOptions> = {}): readonly string[] {
  const options = { unit: "a.service", ...more, ...(belongs === undefined ? {} : { belongs }) };
  return texts(readStrace(MANAGER.join("\n"), options));
}

test("begins a service's own life at its execve out of the manager's executor", () => {
  const asked: unknown[] = [];
  const seen = underManager((pid, cgroup) => {
    asked.push([pid, cgroup]);
    return true;
  });
  expect(asked).toEqual([[20, "/sys/fs/cgroup/system.slice/a.service"]]);
  expect(seen).toEqual([
    '1 execve() ok by 33:0: execute "/usr/bin/program"',
    '1 openat(_, _, 0x0) ok by 33:0: read "/own"',
  ]);
});

const OLD_MANAGER = [
  "1 clone(child_stack=NULL, flags=0x1200011 <unfinished ...>",
  "1 <... clone resumed>, child_tidptr=0x7f) = 9 /* 20 in strace's PID NS */",
  '20 openat(-100</>, "/sys/fs/cgroup/system.slice/a.service/cgroup.procs", 0x1) = 4</sys/fs/cgroup/system.slice/a.service/cgroup.procs>',
  '20 mount("x", "/y", ""..., 0, NULL) = 0',
  "20 setresuid(33, 33, 33) = 0",
  '20 openat(-100</>, "/setup", 0) = 3</setup>',
  '20 execve("/usr/bin/program", [...], 0x7f /* 4 vars */) = 0',
  '20 openat(-100</>, "/own", 0) = 3</own>',
  '20 execve("/usr/bin/next", [...], 0x7f /* 4 vars */) = 0',
  "1 clone(child_stack=NULL, flags=0x1200011) = 10 /* 21 in strace's PID NS */",
  '21 execve("/usr/lib/systemd/system-generators/x", [...], 0x7f /* 4 vars */) = 0',
  '21 openat(-100</>, "/generator", 0) = 3</generator>',
  '1 openat(-100</>, "/manager", 0) = 3</manager>',
];

test("begins a service's own life at the first execve of the manager's child, where there is no executor", () => {
  const asked: unknown[] = [];
  const belongs = (pid: number, cgroup: string | undefined) => {
    asked.push([pid, cgroup]);
    return cgroup?.endsWith("/a.service") ?? false;
  };
  const read = (direct: boolean) => texts(readStrace(OLD_MANAGER.join("\n"), { unit: "a.service", belongs, direct }));
  expect(read(true)).toEqual([
    '1 execve() ok by 33:0: execute "/usr/bin/next"',
    '1 execve() ok by 33:0: execute "/usr/bin/program"',
    '1 openat(_, _, 0x0) ok by 33:0: read "/own"',
  ]);
  expect(asked).toEqual([[20, "/sys/fs/cgroup/system.slice/a.service"]]);
  expect(read(false)).toEqual([""]);
});

test("leaves out units that are not asked for, and programs that run without walls", () => {
  expect(underManager(() => false)).toEqual([""]);
  expect(underManager(() => true, { unwalled: (path) => path === "/usr/bin/program" })).toEqual([""]);
});

test("counts a process whose unit could not be found out as a gap", () => {
  expect(underManager(() => undefined)).toEqual(["gap 1: a process ended before its unit was known"]);
});

test("keeps what failed, with its error", () => {
  const seen = lines('7 unlink("/a")  = -1 EROFS (Read-only file system)');
  expect(texts(seen)).toEqual(['1 unlink() EROFS by 0:0: remove "/a"']);
});

test("takes a call that did not come back as let through", () => {
  const seen = lines("7 pause( <unfinished ...>", "8 read(3, <unfinished ...>", "8 +++ killed by SIGKILL +++");
  expect(texts(seen)).toEqual(["1 pause() ok by 0:0", "1 read() ok by 0:0"]);
});

test.each([
  ["7 frobnicate(1) = 0", "an unknown system call, frobnicate"],
  ["7 syscall_0x1f4(0x7f) = -1 ENOSYS (Function not implemented)", "a system call that strace does not know"],
  ["7 openat(AT_FDCWD, ", "a line of openat was not understood"],
  ['7 openat(AT_FDCWD</>, "/a"..., O_RDONLY) = 3', "a path of openat could not be read"],
  ['7 openat(AT_FDCWD</>, "/a", 0x0 /* O_??? */|WHAT) = 3', "the flags of openat could not be read"],
  ['7 open("a", O_RDONLY) = 3', "a path of open could not be read"],
  ["7 io_uring_setup(1, {flags=0}) = 3<anon_inode:[io_uring]>", "io_uring: what is done through a ring is not seen"],
  ["7 <... read resumed>) = 0", "a call resumed that had not begun"],
  ["7 !?", "a line of the trace was not understood"],
])("counts %j as a gap", (line, said) => {
  expect(lines(line).gaps.map(gapText)).toEqual([`${said} (1 times)`]);
});

test("does not count an io_uring that was refused as a gap", () => {
  expect(lines("7 io_uring_setup(1, NULL) = -1 EPERM (Operation not permitted)").gaps).toEqual([]);
});

test("records by which ABI a call came", () => {
  const seen = lines("7 [ Process PID=7 runs in 32 bit mode. ]", "7 getpid() = 7").seen;
  expect(seen.map(({ action }) => action.call)).toEqual([{ abi: "i386", name: "getpid", arguments: [] }]);
});

test("joins paths to the working directory that chdir set, and to the root of chroot", () => {
  const seen = lines(
    '7 chdir("/srv/www") = 0',
    '7 stat("a", {st_mode=S_IFREG|0644, ...}) = 0',
    '7 chroot("/srv") = 0',
    '7 access("/b", F_OK) = 0',
  );
  expect(texts(seen)).toContain('1 stat() ok by 0:0: look "/srv/www/a"');
  expect(texts(seen)).toContain('1 access() ok by 0:0: look "/srv/b"');
});

test("names a process's own directory in /proc, and hides the numbers of others", () => {
  const seen = lines(
    '7 openat(AT_FDCWD</>, "/proc/7/status", O_RDONLY) = 3</proc/7/status>',
    '7 openat(AT_FDCWD</>, "/proc/self/status", O_RDONLY) = 3</proc/7/status>',
    '7 openat(AT_FDCWD</>, "/proc/8/environ", O_RDONLY) = -1 EACCES (Permission denied)',
    '7 openat(AT_FDCWD</>, "/proc/1/cmdline", O_RDONLY) = 3</proc/1/cmdline>',
  );
  expect(new Set(texts(seen))).toEqual(
    new Set([
      '2 openat(_, _, 0x0) ok by 0:0: read "/proc/self/status"',
      '1 openat(_, _, 0x0) ok by 0:0: read "/proc/1/cmdline"',
      '1 openat(_, _, 0x0) EACCES by 0:0: read "/proc/[pid]/environ", inspect neighbour of 0:0',
    ]),
  );
});

/** A process of the service signals its child, 9 to it, once the child has ended; the machine takes that for a stranger. */
function signalsItsChild(...between: readonly string[]): ReadonlySet<string> {
  const world = { process: () => ({ uid: 5, gid: 5, relation: "neighbour" }) as const };
  const text = [
    "7 clone3({flags=0, exit_signal=17}, 88) = 8 /* 19 in strace's PID NS */",
    ...between,
    "19 kill(9 /* 20 in strace's PID NS */, 15) = 0",
    "19 kill(9, 9) = 0",
  ];
  const seen = texts(readStrace(text.join("\n"), { unit: "a.service", world }));
  return new Set(seen.filter((line) => line.includes("kill")));
}

const OWN_CHILD = new Set([
  "1 kill(_, 0xf) ok by 0:0: signal unit of 0:0",
  "1 kill(_, 0x9) ok by 0:0: signal unit of 0:0",
]);
const STRANGER = new Set([
  "1 kill(_, 0xf) ok by 0:0: signal neighbour of 5:5",
  "1 kill(_, 0x9) ok by 0:0: signal neighbour of 5:5",
]);

test("takes a child that has ended for one of the unit still, whether or not its parent was told of its birth before", () => {
  const [born, ends] = [
    "19 clone3({flags=0, exit_signal=17}, 88) = 9 /* 20 in strace's PID NS */",
    "20 +++ exited with 0 +++",
  ];
  const call = ["20 getpid() = 9", ends];
  expect(signalsItsChild(born, ...call)).toEqual(OWN_CHILD);
  const [begun, resumed] = [
    "19 clone3({flags=0, exit_signal=17} <unfinished ...>",
    "19 <... clone3 resumed>, 88) = 9 /* 20 in strace's PID NS */",
  ];
  expect(signalsItsChild(begun, ...call, resumed)).toEqual(OWN_CHILD);
});

test("takes whoever is seen under the number of a process that has ended for what it is", () => {
  const manager = MANAGER.map((line) => line.replaceAll("20", "19").replace(/= 9 \/\* 19/, "= 8 /* 19"));
  const [born, ends] = [
    "19 clone3({flags=0, exit_signal=17}, 88) = 9 /* 20 in strace's PID NS */",
    "20 +++ exited with 0 +++",
  ];
  const world = { process: () => ({ uid: 5, gid: 5, relation: "neighbour" }) as const };
  const anew = "1 clone3({flags=0, exit_signal=17}, 88) = 9 /* 20 in strace's PID NS */";
  const kills = ["19 kill(9 /* 20 in strace's PID NS */, 15) = 0", "19 kill(9, 9) = 0"];
  const text = [...manager, born, ends, anew, ...kills].join("\n");
  const seen = texts(readStrace(text, { unit: "a.service", world, belongs: (pid) => pid === 19 }));
  expect(new Set(seen.filter((line) => line.includes("kill")))).toEqual(
    new Set([...STRANGER].map((line) => line.replace("by 0:0", "by 33:0"))),
  );
});

test("follows the links of a socket's address as those of any path, so that walls on the place are asked about both", () => {
  const resolve = (path: string) => path.replace(/^\/var\/run\//, "/run/");
  const text = [
    '7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/dbus/bus"}, 20) = 0',
    '7 bind(4, {sa_family=AF_UNIX, sun_path="/var/run/own.sock"}, 20) = 0',
    '7 connect(3, {sa_family=AF_UNIX, sun_path=@"/var/run/abstract"}, 20) = 0',
  ];
  const { seen } = readStrace(text.join("\n"), { unit: "a.service", world: { resolve } });
  const places = seen.map(({ action }) =>
    action.needs.map((need) => (need.kind === "address" ? need.address : need.kind === "path" ? need.path : need.kind)),
  );
  expect(places.toSorted()).toEqual([
    ["/run/dbus/bus", "/run/dbus/bus"],
    ["/run/own.sock", "/run/own.sock"],
    ["@/var/run/abstract"],
  ]);
});

test("keeps nothing of what was written, sent or passed as an argument", () => {
  const document = JSON.stringify(
    lines(
      '7 execve("/bin/a", ["a", "SECRET"], ["KEY=SECRET"]) = 0',
      '7 write(1, "SECRET", 6) = 6',
      '7 sendto(4, "SECRET", 6, 0, NULL, 0) = 6',
      '7 setxattr("/a", "user.x", "SECRET", 6, 0) = 0',
      '7 prctl(PR_SET_NAME, "SECRET") = 0',
      '7 read(3, "SECRET", 6) = 6',
      '7 add_key("user", "SECRET", "SECRET", 6, KEY_SPEC_PROCESS_KEYRING) = 5',
    ),
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
  );
  expect(document).not.toContain("SECRET");
  expect(document).toContain("add_key");
});
