/** Portrait of sandboxes whose walls are written by hand; what they mean is said by systemd.exec(5) and namespaces(7). */

import { expect, test } from "vitest";
import { setting } from "../sandbox/origin.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { allowList } from "../seccomp/policy/build.ts";
import { portraitOf } from "./portrait.ts";

const mount = (path: string, mode: Extract<Wall, { kind: "mount" }>["mode"]): Wall => ({
  kind: "mount",
  by: setting("test", "yes"),
  path,
  mode,
  optional: false,
});

const states = (sandbox: Sandbox): Record<string, string> =>
  Object.fromEntries(portraitOf(sandbox, "x86_64").crossings.map(({ channel, state }) => [channel, state]));

test("portraitOf: root on the bare host has everything and shares everything", () => {
  const portrait = portraitOf({ walls: [] }, "x86_64");
  expect(portrait.capabilities.length).toBe(41);
  expect(portrait.writable).toEqual(["/"]);
  expect(portrait.namespaces).toEqual([]);
  expect(new Set(portrait.crossings.map(({ state }) => state))).toEqual(new Set(["open"]));
  expect(portrait.crossings.map(({ channel }) => channel)).toEqual([
    "files",
    "network",
    "devices",
    "processes",
    "ipc",
    "kernel",
  ]);
});

test("portraitOf: writable are the places left in a read-only tree, not the kernel's own file systems", () => {
  const { writable, namespaces, crossings } = portraitOf(
    {
      walls: [
        mount("/", { kind: "read-only" }),
        mount("/dev", { kind: "keep" }),
        mount("/proc", { kind: "keep" }),
        mount("/var/lib/app", { kind: "read-write" }),
        mount("/var/lib/app/cache", { kind: "read-write" }),
        mount("/tmp", { kind: "private" }),
        mount("/home", { kind: "inaccessible" }),
      ],
    },
    "x86_64",
  );
  expect(writable).toEqual(["/tmp", "/var/lib/app"]);
  expect(namespaces).toEqual(["mnt"]);
  expect(crossings[0]).toEqual({
    channel: "files",
    state: "partial",
    passes: ["reads what its user may, but not /home", "writes /tmp, /var/lib/app", "/tmp of its own"],
  });
});

test("portraitOf: a read-only place in a writable tree does not hide that the tree is writable", () => {
  expect(portraitOf({ walls: [mount("/usr", { kind: "read-only" })] }, "x86_64").writable).toEqual(["/"]);
});

test("portraitOf: namespaces close their side; a list of calls bounds what is left of the kernel", () => {
  const sandbox: Sandbox = {
    walls: [
      { kind: "namespace", by: setting("PrivateIPC", "yes"), namespace: "ipc" },
      { kind: "namespace", by: setting("PrivatePIDs", "yes"), namespace: "pid" },
      { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: [] },
      {
        kind: "filter",
        by: setting("SystemCallFilter", ""),
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
  const portrait = portraitOf(sandbox, "x86_64");
  expect(portrait.syscalls).toBe(2);
  expect(portrait.namespaces).toEqual(["ipc", "pid"]);
  expect(portrait.crossings[5]?.passes.slice(0, 2)).toEqual(["2 system calls", "no capability"]);
});

test("portraitOf: a user of its own may not touch other users' processes, but sees them", () => {
  const own: Wall = { kind: "identity", by: setting("User", "app"), uid: 990, gid: 990, groups: [] };
  expect(portraitOf({ walls: [own] }, "x86_64").crossings[3]).toEqual({
    channel: "processes",
    state: "partial",
    passes: ["sees the processes of all users"],
  });
});

test("portraitOf: calls are counted as the machine at hand has them", () => {
  // open(2) and fork(2) are no calls of aarch64's: include/uapi/asm-generic/unistd.h.
  const policy = allowList(["open", "fork", "read"], [], { kind: "errno", errno: "EPERM" }, ["x86_64", "aarch64"]);
  const walls: readonly Wall[] = [{ kind: "filter", by: setting("SystemCallFilter", "open fork read"), policy }];
  expect(portraitOf({ walls }, "x86_64").syscalls).toBe(3);
  expect(portraitOf({ walls }, "aarch64").syscalls).toBe(1);
});
