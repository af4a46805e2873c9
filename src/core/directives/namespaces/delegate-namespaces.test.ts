import { expect, test } from "vitest";
import { type Host, sandboxOf } from "../sandbox.ts";

const host: Host = {
  systemd: 262,
  machine: "x86_64",
  user: () => undefined,
  directories: [],
  executables: ["/usr/bin/app"],
};

/** The namespaces that belong to the unit's own user namespace, and whether it has a procfs of its own. */
function given(value: string, systemd = 262) {
  const lines: Readonly<Record<string, string>> = {
    DelegateNamespaces: value,
    PrivateNetwork: "yes",
    ProtectHostname: "yes",
    ProtectProc: "invisible",
  };
  const assignments = (name: string) =>
    lines[name] === undefined ? [] : [{ value: lines[name], file: "app.service", line: 1 }];
  const { walls } = sandboxOf(assignments, { ...host, systemd }).sandbox;
  const owned = walls.flatMap((wall) => (wall.kind === "namespace" && wall.owner === "own" ? [wall.namespace] : []));
  return { owned: owned.toSorted(), proc: walls.some((wall) => wall.kind === "mount" && wall.mode.kind === "proc") };
}

test("mounts that show a delegated network are made after it, so their namespace is delegated as well", () => {
  expect(given("net")).toEqual({ owned: ["mnt", "net"], proc: false });
  expect(given("mnt")).toEqual({ owned: ["mnt"], proc: false });
});

test("the host's name can be delegated alone, and then the unit has its own procfs", () => {
  expect(given("uts")).toEqual({ owned: ["uts"], proc: true });
  expect(given("net", 257)).toEqual({ owned: [], proc: true });
});
