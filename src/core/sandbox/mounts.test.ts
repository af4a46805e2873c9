/** Expected values were read off a real systemd 257.13: a root service that tried to create and run files at each path. */

import { expect, test } from "vitest";
import { mountPaths, viewOf } from "./mounts.ts";
import { setting } from "./origin.ts";
import type { MountMode, Wall } from "./wall.ts";

function mounts(...entries: readonly (readonly [string, MountMode["kind"] | MountMode])[]): readonly Wall[] {
  return entries.map(([path, mode]) => ({
    kind: "mount",
    by: setting("test", "yes"),
    path,
    mode: typeof mode === "string" ? ({ kind: mode } as MountMode) : mode,
    optional: true,
  }));
}

const strict = [
  ["/", "read-only"],
  ["/proc", "keep"],
  ["/sys", "keep"],
  ["/dev", "keep"],
  ["/home", "keep"],
  ["/run/user", "keep"],
  ["/root", "keep"],
] as const;

/** `w`: writable, `x`: files there can be executed. */
function table(walls: readonly Wall[], paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    paths.map((path) => {
      const view = viewOf(walls, path);
      return [path, `${view.readOnly ? "-" : "w"}${view.noExec ? "-" : "x"}`];
    }),
  );
}

test("viewOf: a noexec path below a read-only one is writable again", () => {
  const walls = mounts(...strict, ["/var", "no-exec"]);
  expect(table(walls, ["/var", "/var/lib", "/usr", "/tmp", "/home"])).toEqual({
    "/var": "w-",
    "/var/lib": "w-",
    "/usr": "-x",
    "/tmp": "-x",
    "/home": "wx",
  });
});

test("viewOf: noexec and read-only on one path add up, an exec path below is writable again", () => {
  const walls = mounts(["/", "read-only"], ["/", "no-exec"], ["/etc", "exec"]);
  expect(table(walls, ["/var", "/etc/x"])).toEqual({ "/var": "--", "/etc/x": "wx" });
});

test("viewOf: the parts of the file system that ProtectSystem=strict keeps escape NoExecPaths=/ too", () => {
  const walls = mounts(
    ...strict,
    ["/", "no-exec"],
    ["/usr", "exec"],
    ["/var/lib", "read-write"],
    ["/tmp", "private"],
    ["/dev", "devices"],
  );
  expect(table(walls, ["/home", "/root", "/dev", "/dev/shm", "/run", "/run/user", "/var", "/var/lib", "/tmp"])).toEqual(
    {
      "/home": "wx",
      "/root": "wx",
      "/dev": "--",
      "/dev/shm": "wx",
      "/run": "--",
      "/run/user": "wx",
      "/var": "--",
      "/var/lib": "wx",
      "/tmp": "wx",
    },
  );
});

test("viewOf: writable and noexec on one path is writable and noexec", () => {
  const walls = mounts(["/var", "read-only"], ["/var/lib", "read-write"], ["/var/lib", "no-exec"]);
  expect(table(walls, ["/var/x", "/var/lib/x"])).toEqual({ "/var/x": "-x", "/var/lib/x": "w-" });
});

test("viewOf: read-only on the path of an empty file system wins and shows what is there", () => {
  const walls = mounts(["/var", { kind: "empty", readOnly: false }], ["/var", "read-only"]);
  expect(viewOf(walls, "/var/lib")).toMatchObject({ content: { kind: "host" }, readOnly: true });
});

test("viewOf: what lies below an inaccessible path is dropped", () => {
  const walls = mounts(["/var", "inaccessible"], ["/var/lib", "read-write"]);
  expect(mountPaths(walls)).toEqual(["/var"]);
  expect(viewOf(walls, "/var/lib/x").content).toEqual({ kind: "covered", root: false });
  expect(viewOf(walls, "/var").content).toEqual({ kind: "covered", root: true });
});

test("viewOf: a bind shows its source, writable inside a read-only tree", () => {
  const walls = mounts(...strict, ["/srv", { kind: "bind", source: "/var/lib", readOnly: false }]);
  expect(viewOf(walls, "/srv/a")).toMatchObject({
    content: { kind: "elsewhere", path: "/var/lib/a" },
    readOnly: false,
  });
  const own = mounts(...strict, ["/var/lib", { kind: "bind", source: "/var/lib", readOnly: false }]);
  expect(viewOf(own, "/var/lib/a")).toMatchObject({ content: { kind: "host" }, readOnly: false });
});

test("viewOf: the private /dev has the harmless nodes and the host's shm, pts and mqueue", () => {
  const walls = mounts(["/dev", "devices"]);
  expect(viewOf(walls, "/dev/null").content).toEqual({ kind: "host" });
  expect(viewOf(walls, "/dev/shm/x")).toMatchObject({ content: { kind: "host" }, readOnly: false });
  expect(viewOf(walls, "/dev/mem").content).toMatchObject({ kind: "fresh", root: false });
});

test("viewOf: a name that only begins like a listed path is not below it", () => {
  expect(viewOf(mounts(["/etc", "read-only"]), "/etcetera").readOnly).toBe(false);
  expect(viewOf(mounts(["/etc/", "read-only"]), "/etc//passwd").readOnly).toBe(true);
});
