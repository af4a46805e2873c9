/** Plans for services that start as root. Tests src/core/own-user. */
import { expect, test } from "vitest";
import type { FileFacts, Need, Observation, Seen } from "../action/action.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { parseServiceName } from "../unit/name.ts";
import { parse } from "../unit/parse.ts";
import type { Unit } from "../unit/unit.ts";
import { lineNaming } from "./configuration.ts";
import type { FilesSeen } from "./directories.ts";
import { rotationChanges } from "./logrotate.ts";
import { noLongerWritten } from "./lost.ts";
import type { DiskChange, OwnLine } from "./own-user.ts";
import { ignoresUser, type OwnUserInput, planOwnUser } from "./plan.ts";
import { ownUserDropIn, withOwnUser } from "./print.ts";
import { stayPrivileged } from "./privileged.ts";
import { placesWritten } from "./writes.ts";

function seen(name: SyscallName, needs: readonly Need[], uid = 0): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs },
    result: "ok",
    phases: ["start"],
    identities: [{ uid, gid: uid }],
    executables: [],
    count: 1,
    hosts: [],
  };
}

const write = (path: string): Seen => seen("openat", [{ kind: "path", path, access: "create" }]);
const worker = (uid = 33): Seen => seen("epoll_wait", [], uid);
const bind = (address: string): Seen =>
  seen("bind", [{ kind: "address", operation: "bind", family: "AF_UNIX", address }]);

function observed(...all: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "web.service", seen: all, gaps: [], phases: ["start"] };
}

function unitOf(text: string, name = "web.service"): Unit {
  const file = parse(text, name);
  const parsed = parseServiceName(name);
  if (!file.ok || !parsed.ok) {
    throw new Error("the unit does not parse");
  }
  return { name: parsed.value, files: [file.value] };
}

const WEB = "[Service]\nExecStart=/usr/sbin/web\n";

const accounts = {
  users: [
    { name: "root", uid: 0, gid: 0 },
    { name: "www-data", uid: 33, gid: 33 },
    { name: "ann", uid: 1000, gid: 1000 },
  ],
  groups: [
    { name: "root", gid: 0 },
    { name: "adm", gid: 4 },
    { name: "www-data", gid: 33 },
  ],
};

const directory = (uid: number, gid: number, mode: number): FileFacts => ({ type: "directory", uid, gid, mode });
const file = (uid: number, gid: number, mode: number): FileFacts => ({ type: "file", uid, gid, mode });

function filesOf(known: Readonly<Record<string, FileFacts>>, rotations: FilesSeen["rotations"] = []): FilesSeen {
  return {
    facts: (path) => known[path],
    below: (path) =>
      Object.entries(known).flatMap(([each, { uid }]) => (each.startsWith(`${path}/`) ? [{ path: each, uid }] : [])),
    rotations,
  };
}

function plan(more: Partial<OwnUserInput>) {
  return planOwnUser({
    ...{ observation: observed(worker()), unit: unitOf(WEB), accounts, asked: undefined, files: filesOf({}) },
    ...more,
  });
}

const text = (lines: readonly OwnLine[]): readonly string[] =>
  lines.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`));

test("planOwnUser: the user that its workers change to, and what is left of root's powers", () => {
  const port: Need = { kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" };
  const become: Need = { kind: "capability", capability: "CAP_SETUID", over: "own" };
  const made = plan({ observation: observed(worker(), seen("bind", [port]), seen("setuid", [become])) });
  expect(text(made.lines)).toEqual(["User=www-data", "Group=www-data", "AmbientCapabilities=CAP_NET_BIND_SERVICE"]);
  expect(made.changes).toEqual([]);
});

test("planOwnUser: a name that nobody has is made by sysusers.d; a person is never taken", () => {
  const asked = plan({ asked: "shop" });
  expect(asked.owner).toEqual({ kind: "new", user: "shop", group: "shop" });
  expect(asked.changes).toEqual([
    {
      kind: "file",
      path: "/etc/sysusers.d/cloison-web.conf",
      content: '# Made by cloison for web.service.\nu shop - "web.service" - -\n',
      for: "sysusers",
    },
  ]);
  const people = plan({ observation: observed(worker(1000), write("/var/lib/web/db")) });
  expect(people.owner).toEqual({ kind: "new", user: "web", group: "web" });
});

test("planOwnUser: a service that keeps nothing gets a dynamic user", () => {
  const made = plan({ observation: observed(write("/run/web/pid")) });
  expect(text(made.lines)).toEqual(["DynamicUser=yes", "RuntimeDirectory=web"]);
});

test("planOwnUser: directories with the modes seen; what is root's in them changes hands, what is another's does not", () => {
  const made = plan({
    observation: observed(worker(), write("/var/lib/web/db"), write("/run/web/pid"), write("/var/cache/other/x")),
    files: filesOf({
      "/var/lib/web": directory(0, 0, 0o750),
      "/var/lib/web/db": file(0, 4, 0o640),
      "/var/lib/web/own": file(33, 33, 0o640),
      "/run/web": directory(33, 33, 0o755),
      "/var/cache/other": directory(71, 71, 0o755),
    }),
  });
  expect(text(made.lines)).toEqual([
    "User=www-data",
    "Group=www-data",
    "RuntimeDirectory=web",
    "RuntimeDirectoryPreserve=yes",
    "StateDirectory=web",
    "StateDirectoryMode=0750",
  ]);
  expect(made.changes).toEqual<readonly DiskChange[]>([
    { kind: "owner", path: "/var/lib/web", user: "www-data", group: "www-data" },
    { kind: "owner", path: "/var/lib/web/db", user: "www-data" },
  ]);
  expect(made.unplaced).toEqual([{ path: "/var/cache/other", why: "it belongs to another user" }]);
});

test("planOwnUser: no more than the directory in which it writes, and nothing where anyone may write", () => {
  const made = plan({
    observation: observed(worker(), write("/var/lib/shared/web/db"), write("/var/lib/all/sessions/1")),
    files: filesOf({
      "/var/lib/shared": directory(0, 0, 0o755),
      "/var/lib/shared/other": file(0, 0, 0o644),
      "/var/lib/shared/web": directory(0, 0, 0o755),
      "/var/lib/all": directory(0, 0, 0o755),
      "/var/lib/all/sessions": directory(0, 0, 0o1733),
    }),
  });
  expect(text(made.lines).slice(2)).toEqual(["StateDirectory=shared/web"]);
  expect(made.changes).toEqual([{ kind: "owner", path: "/var/lib/shared/web", user: "www-data", group: "www-data" }]);
  expect(made.unplaced).toEqual([]);
});

test("planOwnUser: logs whose group alone may read them stay that group's, and logrotate acts as the new owner", () => {
  const rotation = { path: "/etc/logrotate.d/web", text: "/var/log/web/*.log {\n\tdaily\n\tcreate 640 root adm\n}\n" };
  const known = { "/var/log/web": directory(0, 4, 0o750), "/var/log/web/a.log": file(0, 4, 0o640) };
  const made = plan({
    observation: observed(worker(), write("/var/log/web/a.log")),
    files: filesOf(known, [rotation]),
  });
  expect(text(made.lines)).toEqual(["User=www-data", "Group=www-data"]);
  expect(made.changes).toEqual<readonly DiskChange[]>([
    { kind: "owner", path: "/var/log/web", user: "www-data" },
    { kind: "owner", path: "/var/log/web/a.log", user: "www-data" },
    {
      kind: "line",
      path: "/etc/logrotate.d/web",
      from: "\tcreate 640 root adm",
      to: ["\tcreate 640 www-data adm", "\tsu www-data adm"],
    },
  ]);
});

test("rotationChanges: a block without create gets su alone; one that has su, or is about others, is left", () => {
  const owner = { user: "web", group: "web" };
  const of = (body: string) => rotationChanges([{ path: "/r", text: body }], "/var/log/web", owner);
  expect(of("/var/log/web/a.log {\n  weekly\n}\n")).toEqual([
    { kind: "line", path: "/r", from: "/var/log/web/a.log {", to: ["/var/log/web/a.log {", "  su web web"] },
  ]);
  expect(of("/var/log/web/a.log {\n  su web adm\n}\n")).toEqual([]);
  expect(of("/var/log/website/a.log {\n  weekly\n}\n")).toEqual([]);
});

test("planOwnUser: a file in /run that the unit tells its program is moved, with every line that names it", () => {
  const unit = unitOf(
    '[Service]\nEnvironment="PID=/run/web.pid" "ARGS=-S /run/web.sock"\nExecStart=/usr/sbin/web -p $PID\nPIDFile=/run/web.pid\n',
  );
  const made = plan({
    unit,
    observation: observed(worker(), write("/run/web.pid"), bind("/run/web.sock.41.tmp"), write("/run/web.sock")),
  });
  expect(text(made.lines).slice(2)).toEqual([
    "Environment=",
    'Environment="PID=/run/web/web.pid" "ARGS=-S /run/web/web.sock"',
    "PIDFile=/run/web/web.pid",
    "RuntimeDirectory=web",
  ]);
  expect(made.unplaced).toEqual([]);
});

test("planOwnUser: a file in /run that only the configuration names is made before each start; a socket cannot be", () => {
  const unit = unitOf(
    "[Service]\nType=forking\nPIDFile=/run/web.pid\nExecStartPre=/usr/sbin/web -t\nExecStart=/usr/sbin/web\n",
  );
  const made = plan({ unit, observation: observed(worker(), write("/var/run/web.pid"), bind("/run/web.ctl")) });
  expect(text(made.lines).slice(2)).toEqual([
    "ExecStartPre=",
    "ExecStartPre=+/usr/bin/systemd-tmpfiles --create /etc/tmpfiles.d/cloison-web.conf",
    "ExecStartPre=/usr/sbin/web -t",
  ]);
  expect(made.changes.map((change) => (change.kind === "file" ? change.content : change.kind))).toEqual([
    "# Made by cloison: files in directories where only root makes any.\nf /run/web.pid 0644 www-data www-data\n",
  ]);
  expect(made.unplaced).toEqual([{ path: "/run/web.ctl", why: "only root makes sockets in /run" }]);
});

test("planOwnUser: what its user may not read is named", () => {
  const key: Need = { kind: "path", path: "/etc/web/key", access: "read", file: file(0, 0, 0o600) };
  expect(plan({ observation: observed(worker(), seen("openat", [key])) }).unplaced).toEqual([
    { path: "/etc/web/key", why: "its mode keeps it from the service's user" },
  ]);
});

test("placesWritten: the machine's own places are nobody's", () => {
  const all = observed(write("/etc/alternatives/x"), write("/tmp/x"), write("/var/lib/dpkg/status"), write("/srv/x"));
  expect(placesWritten(all, () => false)).toEqual([{ kind: "elsewhere", path: "/srv/x" }]);
});

test("ignoresUser: a main command with a prefix is root whatever User= says", () => {
  expect(ignoresUser(unitOf("[Service]\nExecStart=!/usr/sbin/web\n"))).toBe(true);
  expect(ignoresUser(unitOf(WEB))).toBe(false);
});

test("withOwnUser: the lines stand before the walls, in one section", () => {
  const lines = [{ name: "User", values: ["web"], reason: "a user\nof its own" }];
  expect(ownUserDropIn(lines)).toBe("[Service]\n# a user\\u{a}of its own\nUser=web\n");
  expect(withOwnUser("# made\n\n[Service]\n# why\nProtectClock=yes\n", lines)).toBe(
    "# made\n\n[Service]\n# a user\\u{a}of its own\nUser=web\n\n# why\nProtectClock=yes\n",
  );
});

test("lineNaming: the line that names a path as a whole word, not one in a comment, with another place", () => {
  const conf = {
    path: "/etc/web.conf",
    text: "# control /run/web.ctl\ncontrol-more /run/web.ctl2\ncontrol /run/web.ctl; # here\n",
  };
  expect(lineNaming([conf], "/run/web.ctl", "/run/web")).toEqual({
    file: "/etc/web.conf",
    line: 3,
    text: "control /run/web.ctl; # here",
    instead: "control /run/web/web.ctl; # here",
  });
  expect(lineNaming([conf], "/run/other", "/run/web")).toBeUndefined();
});

test("noLongerWritten: what a helper wrote as root and does not now, but for directories that systemd makes", () => {
  const by = (path: string, executable: string): Seen => ({ ...write(path), executables: [executable] });
  const working: Seen = { ...worker(), phases: ["workload"], executables: ["/usr/sbin/web"] };
  const before = observed(
    working,
    by("/run/web", "/bin/mkdir"),
    by("/etc/alternatives/web.sock", "/bin/helper"),
    by("/etc/kept", "/bin/helper"),
    by("/run/web/pid", "/usr/sbin/web"),
  );
  const after = observed(working, by("/etc/kept", "/bin/helper"));
  const lines = [{ name: "RuntimeDirectory", values: ["web"], reason: "" }];
  expect(noLongerWritten(before, after, lines)).toEqual(["/etc/alternatives/web.sock"]);
});

test("stayPrivileged: commands beside the main one, but for those that have a prefix or that the service could change", () => {
  const unit = unitOf(
    "[Service]\nExecStartPre=-/usr/lib/prepare\nExecStartPre=+/bin/true\nExecStartPre=/var/lib/web/own\nExecStart=/usr/sbin/web\nExecStop=/bin/kill $MAINPID\n",
  );
  expect(text(stayPrivileged(unit, [], ["/var/lib/web"]))).toEqual([
    "ExecStartPre=",
    "ExecStartPre=!-/usr/lib/prepare",
    "ExecStartPre=+/bin/true",
    "ExecStartPre=/var/lib/web/own",
  ]);
  expect(stayPrivileged(unitOf(WEB), [], [])).toEqual([]);
});
