/** Figures of sandboxes whose walls are written by hand; what they mean is said by systemd.exec(5) and namespaces(7). */
import { expect, test } from "vitest";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { allowList } from "../seccomp/build.ts";
import { figuresOf } from "./figures.ts";

const mount = (path: string, mode: Extract<Wall, { kind: "mount" }>["mode"]): Wall => ({
  kind: "mount",
  by: "test",
  path,
  mode,
  optional: false,
});

const states = (sandbox: Sandbox): Record<string, string> =>
  Object.fromEntries(figuresOf(sandbox).crossings.map(({ channel, state }) => [channel, state]));

test("figuresOf: root on the bare host has everything and shares everything", () => {
  const figures = figuresOf({ walls: [] });
  expect(figures.capabilities.length).toBe(41);
  expect(figures.writable).toEqual(["/"]);
  expect(figures.namespaces).toEqual([]);
  expect(new Set(figures.crossings.map(({ state }) => state))).toEqual(new Set(["open"]));
  expect(figures.crossings.map(({ channel }) => channel)).toEqual([
    "files",
    "network",
    "devices",
    "processes",
    "ipc",
    "kernel",
  ]);
});

test("figuresOf: writable are the places left in a read-only tree, not the kernel's own file systems", () => {
  const { writable, namespaces, crossings } = figuresOf({
    walls: [
      mount("/", { kind: "read-only" }),
      mount("/dev", { kind: "keep" }),
      mount("/proc", { kind: "keep" }),
      mount("/var/lib/app", { kind: "read-write" }),
      mount("/var/lib/app/cache", { kind: "read-write" }),
      mount("/tmp", { kind: "private" }),
      mount("/home", { kind: "inaccessible" }),
    ],
  });
  expect(writable).toEqual(["/tmp", "/var/lib/app"]);
  expect(namespaces).toEqual(["mnt"]);
  expect(crossings[0]).toEqual({
    channel: "files",
    state: "partial",
    passes: ["reads what its user may, but not /home", "writes /tmp, /var/lib/app", "/tmp of its own"],
  });
});

test("figuresOf: a read-only place in a writable tree does not hide that the tree is writable", () => {
  expect(figuresOf({ walls: [mount("/usr", { kind: "read-only" })] }).writable).toEqual(["/"]);
});

test("figuresOf: namespaces close their side; a list of calls bounds what is left of the kernel", () => {
  const sandbox: Sandbox = {
    walls: [
      { kind: "namespace", by: "PrivateIPC=yes", namespace: "ipc" },
      { kind: "namespace", by: "PrivatePIDs=yes", namespace: "pid" },
      { kind: "bounding", by: "CapabilityBoundingSet=", keep: [] },
      {
        kind: "filter",
        by: "SystemCallFilter=",
        policy: allowList(["read", "write"], [], { kind: "errno", errno: "EPERM" }),
      },
    ],
  };
  expect(states(sandbox)).toEqual({
    files: "open",
    network: "closed",
    devices: "open",
    processes: "closed",
    ipc: "closed",
    kernel: "partial",
  });
  const figures = figuresOf(sandbox);
  expect(figures.syscalls).toBe(2);
  expect(figures.namespaces).toEqual(["ipc", "pid"]);
  expect(figures.crossings[5]?.passes.slice(0, 2)).toEqual(["2 system calls", "no capability"]);
});

test("figuresOf: a user of its own may not touch other users' processes, but sees them", () => {
  const own: Wall = { kind: "identity", by: "User=app", uid: 990, gid: 990, groups: [] };
  expect(figuresOf({ walls: [own] }).crossings[3]).toEqual({
    channel: "processes",
    state: "partial",
    passes: ["sees the processes of all users"],
  });
});
