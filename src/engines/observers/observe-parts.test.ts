import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveIn } from "../../linux/beneath.ts";
import { hostHash } from "./host-hash.ts";
import { interpreterOf, interpretersOf } from "./interpreter.ts";
import { secondsOf, untimedDropIn } from "./untimed.ts";
import { execLinesOf } from "./unwalled.ts";
import { isInUnit, processFactsIn, worldOf } from "./world.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cloison-world-"));
  for (const directory of ["usr/bin", "var", "run/lock", "srv/a", "proc/self"]) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  symlinkSync("usr/bin", join(root, "bin"));
  symlinkSync("/run", join(root, "var/run"));
  symlinkSync("../../run/lock", join(root, "srv/a/up"));
  symlinkSync("loop", join(root, "loop"));
  symlinkSync("/etc/passwd", join(root, "proc/self/exe"));
  writeFileSync(join(root, "usr/bin/tool"), "#! /bin/sh -e\n");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["/bin/tool", true, "/usr/bin/tool"],
  ["/bin", false, "/bin"],
  ["/bin", true, "/usr/bin"],
  ["/var/run/x", true, "/run/x"],
  ["/srv/a/up/x", true, "/run/lock/x"],
  ["/srv/a/up/../y", true, "/run/y"],
  ["/../../srv//a/./b", true, "/srv/a/b"],
  ["/loop", true, "/loop"],
  ["/nowhere/../srv", true, "/srv"],
  ["/proc/self/exe", true, "/proc/self/exe"],
])("resolveIn follows %s (last: %s) to %s, inside the root", (path, follow, expected) => {
  expect(resolveIn(root, path, follow)).toBe(expected);
});

test("takes facts away that did not hold to the end, or were the service's own doing", () => {
  const world = worldOf({ root, began: Date.now() });
  const seen = (path: string, access: "read" | "create", mode: number) => ({
    action: {
      call: { abi: "x86_64" as const, name: "openat" as const, arguments: [] },
      needs: [{ kind: "path" as const, path, access, file: { type: "file" as const, uid: 0, gid: 0, mode } }],
    },
    result: "ok" as const,
    phases: [],
    identities: [],
    executables: [],
    count: 1,
    hosts: [],
  });
  const mode = world.file?.("/usr/bin/tool")?.mode as number;
  const observation = {
    schema: "cloison.observation/2" as const,
    unit: "a.service",
    seen: [seen("/usr/bin/tool", "read", mode), seen("/usr/bin/tool", "read", 0), seen("/gone", "read", 0o600)],
    gaps: [],
    phases: [],
  };
  const kept = (one: typeof observation) =>
    world.settleFacts(one).seen.map(({ action }) => "file" in (action.needs[0] as object));
  expect(kept(observation)).toEqual([true, false, true]);
  const made = { ...observation, seen: [seen("/usr/bin/tool", "create", mode), seen("/usr/bin/tool", "read", mode)] };
  expect(kept(made)).toEqual([true, false]);
});

test("knows what was there before the observation", () => {
  const later = worldOf({ root, began: Date.now() + 60_000 });
  const earlier = worldOf({ root, began: 0 });
  expect([later.existed?.("/usr/bin/tool"), earlier.existed?.("/usr/bin/tool"), later.existed?.("/none")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("finds the interpreter of a script and the loader of a program", () => {
  expect(interpreterOf(Buffer.from("#!/usr/bin/env node\n"))).toBe("/usr/bin/env");
  expect(interpreterOf(Buffer.from("#!relative\n"))).toBeUndefined();
  expect(interpreterOf(Buffer.from("\x7fELF", "latin1"))).toBeUndefined();
  expect(interpreterOf(Buffer.alloc(0))).toBeUndefined();
  const heads: Record<string, string> = { "/a": "#!/b\n", "/b": "#!/c x\n", "/c": "" };
  expect(
    interpretersOf(
      "/a",
      (path) => Buffer.from(heads[path] ?? ""),
      (path) => path,
    ),
  ).toEqual(["/b", "/c"]);
  const forever = interpretersOf(
    "/a",
    () => Buffer.from("#!/a\n"),
    (path) => path,
  );
  expect(forever.length).toBeLessThan(10);
});

test.each([
  ["1min 30s", 90],
  ["infinity", 600],
  ["500ms", 1],
  ["0", 0],
])("reads the time span %s", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test("stops every clock of a service", () => {
  expect(untimedDropIn(90)).toContain("WatchdogSec=0\nTimeoutStartSec=infinity\nTimeoutStopSec=90\n");
});

test("reads which Exec lines run without walls, whatever their arguments say", () => {
  const shown =
    "{ path=/bin/sh ; argv[]=/bin/sh -c x ; flags=ignore-failure ; y ; flags=privileged ; start_time=[n/a] ; pid=0 }\n" +
    "{ path=/bin/true ; argv[]=/bin/true ; flags= ; start_time=[n/a] ; pid=0 }\n" +
    "a line of an argument";
  expect(execLinesOf(shown)).toEqual([
    { path: "/bin/sh", unwalled: true },
    { path: "/bin/true", unwalled: false },
  ]);
});

test("tells a unit by its control group, not by a name that contains it", () => {
  expect(isInUnit("a.service", "/sys/fs/cgroup/system.slice/a.service")).toBe(true);
  expect(isInUnit("a.service", "12:x:/a.service\n0::/system.slice/b.service\n")).toBe(false);
  expect(isInUnit("a.service", "0::/system.slice/aa.service")).toBe(false);
  expect(isInUnit("a@b.service", "0::/system.slice/system-a.slice/a@b.service/sub")).toBe(true);
});

test("knows nothing of a process that is gone", () => {
  expect(processFactsIn("a.service", root, root)({ inside: 1, outside: 1 })).toBeUndefined();
});

test("names a host without telling its id", async () => {
  const file = join(root, "machine-id");
  expect(await hostHash(file)).toBeUndefined();
  writeFileSync(file, "uninitialized\n");
  expect(await hostHash(file)).toBeUndefined();
  writeFileSync(file, "0123456789abcdef0123456789abcdef\n");
  const hash = await hostHash(file);
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect("0123456789abcdef0123456789abcdef").not.toContain(hash);
  expect(await hostHash(file)).toBe(hash);
  writeFileSync(file, "1123456789abcdef0123456789abcdef\n");
  expect(await hostHash(file)).not.toBe(hash);
});
