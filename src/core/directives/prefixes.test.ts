import { expect, test } from "vitest";
import { credentialsOf } from "../sandbox/credentials.ts";
import { type Privilege, startsAsRoot } from "./prefixes.ts";
import { type Host, sandboxOf } from "./sandbox.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: () => ({ uid: 33, gid: 33, groups: [] }),
  directories: [],
  executables: ["/usr/bin/app"],
};

const LINES: Readonly<Record<string, string>> = {
  User: "www-data",
  SystemCallFilter: "@system-service",
  PrivateNetwork: "yes",
  PrivateTmp: "yes",
  BindPaths: "/srv:/opt",
  DevicePolicy: "strict",
  PrivateUsers: "yes",
};

/** The walls around a command, by kind, but for those that any unit has. */
function around(privilege: Privilege) {
  const assignments = (name: string) =>
    LINES[name] === undefined ? [] : [{ value: LINES[name], file: "app.service", line: 1 }];
  const { sandbox } = sandboxOf(assignments, { ...host, privilege });
  const own = sandbox.walls.filter(({ by }) => by.kind === "setting");
  const words = own.map((wall) =>
    wall.kind === "namespace" ? wall.namespace : wall.kind === "mount" ? wall.path : wall.kind,
  );
  return { uid: credentialsOf(sandbox.walls).uid, walls: [...new Set(words)] };
}

test("a command without a prefix has all walls, and so has one with !! on a kernel of today", () => {
  const all = around("sandboxed");
  expect(all).toMatchObject({
    uid: 33,
    walls: expect.arrayContaining(["user", "net", "/tmp", "/opt", "filter", "devices"]),
  });
  expect(around("ambient")).toEqual(all);
});

test("! takes the identity away and nothing else, + whatever is about the process alone", () => {
  const { walls } = around("sandboxed");
  expect(around("no-identity")).toEqual({ uid: 0, walls: walls.filter((each) => each !== "identity") });
  const { uid, walls: left } = around("full");
  expect({ uid, left: left.toSorted() }).toEqual({
    uid: 0,
    left: ["/opt", "/run/credentials", "devices", "mnt", "net"],
  });
  expect((["sandboxed", "ambient", "no-identity", "full"] as const).map(startsAsRoot)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
