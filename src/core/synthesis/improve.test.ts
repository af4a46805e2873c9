/** That walls are compared with what the unit had, and that of settings that cannot be had together the better is taken, and said. */
import { expect, test } from "vitest";
import type { Access, Need, Observation, Seen } from "../action/action.ts";
import type { AnyDirective, PlainWall } from "../directives/directive.ts";
import { protectClock } from "../directives/kernel/protect-clock.ts";
import { foldUnit, type Host } from "../directives/sandbox.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { setting } from "../sandbox/origin.ts";
import type { SynthesisInput } from "./input.ts";
import { type Synthesis, synthesize } from "./synthesize.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => (name === "postgres" ? { uid: 111, gid: 111, groups: [] } : undefined),
  directories: [],
  executables: ["/usr/sbin/app"],
};

function seen(name: SyscallName, need?: Need, uid = 0): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs: need === undefined ? [] : [need] },
    result: "ok",
    phases: ["start"],
    identities: [{ uid, gid: uid }],
    executables: ["/usr/sbin/app"],
    count: 1,
    hosts: [],
  };
}

function file(path: string, access: Access, uid = 0): Seen {
  return seen(access === "remove" ? "unlink" : "openat", { kind: "path", path, access }, uid);
}

function listening(address: string, uid = 0): Seen {
  return seen("bind", { kind: "address", operation: "bind", family: "AF_UNIX", address }, uid);
}

function synthesised(all: readonly Seen[], more: Partial<SynthesisInput> = {}): Synthesis {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen: all,
    gaps: [],
    phases: ["start"],
  };
  const { values } = foldUnit(() => [], host);
  return synthesize({ observation, values, host, level: "balanced", ...more });
}

function lines({ settings }: Synthesis): Record<string, string> {
  return Object.fromEntries(settings.map((each) => [each.directive, each.lines.join("|")]));
}

test("a read-only tree is not given up for a socket in a directory of /run", () => {
  for (const [directory, log] of [
    ["/run/php", "/var/log/php8.4-fpm.log"],
    ["/run/mysqld", "/var/log/mysql/error.log"],
  ] as const) {
    const result = synthesised([
      listening(`${directory}/x.sock`),
      file(`${directory}/x.pid`, "create"),
      file(log, "write"),
    ]);
    const found = lines(result);
    expect(found.ProtectSystem).toBe("strict");
    expect(found.ReadWritePaths?.split(" ")).toContain(`-${directory}`);
    expect(result.warnings).toEqual([]);
  }
});

test("a database that makes its lock in /run and shared memory keeps strict", () => {
  const data = "/var/lib/postgresql/17/main";
  const result = synthesised([
    file(`${data}/postmaster.pid`, "create", 111),
    file(`${data}/base/1/2619`, "write", 111),
    listening("/run/postgresql/.s.PGSQL.5432", 111),
    file("/run/postgresql/.s.PGSQL.5432.lock", "create", 111),
    file("/dev/shm/PostgreSQL.1234567", "create", 111),
    file("/dev/shm/PostgreSQL.1234567", "remove", 111),
    file("/var/log/postgresql/postgresql-17-main.log", "write", 111),
    seen("setuid", { kind: "become", uid: 111 }),
  ]);
  expect(lines(result)).toMatchObject({ ProtectSystem: "strict" });
  expect(result.warnings).toEqual([]);
  expect(result.notBuilt.filter(({ directive }) => directive === "ProtectSystem")).toEqual([]);
});

test("strict: who was seen with clone3 alone has a filter, with clone in it", () => {
  const { SystemCallFilter = "" } = lines(synthesised([seen("clone3"), seen("read")], { level: "strict" }));
  expect(SystemCallFilter.split(" ")).toContain("clone");
});

test("names that are made up cost neither a /tmp of its own nor that nothing there is run", () => {
  const scratch = [
    file("/tmp/upload-1f2e3d4c", "create"),
    file("/tmp/upload-1f2e3d4c", "read"),
    file("/tmp/upload-1f2e3d4c", "remove"),
  ];
  const found = lines(synthesised(scratch));
  expect(found.PrivateTmp).toBe("yes");
  expect(found.NoExecPaths?.split(" ")).toContain("-/tmp");
});

/** A wall made up for the purpose. */
function wall(name: string, walls: readonly PlainWall[]): AnyDirective {
  return {
    ...protectClock,
    name,
    implies: () => [],
    walls: (value: boolean) => (value ? walls : []),
    filter: { turn: 100, walls: () => [] },
    ladder: () => [{ value: true, reason: "" }],
  };
}

const readOnly = wall("ReadOnly", [
  { kind: "mount", by: setting("ReadOnly", "yes"), path: "/srv", mode: { kind: "read-only" }, optional: false },
]);
const opens: PlainWall = {
  kind: "mount",
  by: setting("Powerless", "yes"),
  path: "/srv/data",
  mode: { kind: "read-write" },
  optional: false,
};
const powerless = wall("Powerless", [opens, { kind: "bounding", by: setting("Powerless", "yes"), keep: [] }]);

test("of two settings that cannot be had together what is weighed heavier decides, and what it opens is said", () => {
  const directives = [readOnly, powerless];
  const taken = synthesised([seen("read")], { directives });
  expect(taken.settings.map(({ directive }) => directive)).toContain("Powerless");
  expect(taken.warnings).toEqual([
    "Powerless= is taken although with the other settings it means that /srv/data is writable: without it more is open",
  ]);
  // Whoever weighs places before capabilities gets the other.
  const objective: SynthesisInput["objective"] = ({ walls }) => [walls.some((each) => each === opens) ? 1 : 0];
  const other = synthesised([seen("read")], { directives, objective });
  expect(other.settings.map(({ directive }) => directive)).toEqual(["ReadOnly"]);
  expect(other.notBuilt).toEqual([
    { directive: "Powerless", value: "yes", witness: { kind: "instead", reason: "/srv/data is writable" } },
  ]);
});
