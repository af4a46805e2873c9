import { expect, test } from "vitest";
import type { Action } from "../action/action.ts";
import { type Host, sandboxOf } from "../directives/sandbox.ts";
import { startOf } from "./start.ts";

const host = (systemd: number): Host => ({
  systemd,
  machine: "x86_64",
  user: () => undefined,
  directories: [],
  executables: ["/usr/bin/app"],
});
const execute: Action = {
  call: { abi: "x86_64", name: "execve", arguments: [] },
  needs: [
    { kind: "path", path: "/usr/bin/app", access: "execute", file: { type: "file", uid: 0, gid: 0, mode: 0o755 } },
  ],
};

function start(systemd: number, unit: Readonly<Record<string, string>>) {
  const assignments = (name: string) =>
    unit[name] === undefined ? [] : [{ value: unit[name], file: "app.service", line: 2 }];
  return startOf(sandboxOf(assignments, host(systemd)).sandbox, execute);
}

test("systemd 247 cannot mount over what ProcSubset=pid takes away, 252 leaves it alone", () => {
  const both = { ProcSubset: "pid", ProtectHostname: "yes" };
  expect(start(247, both)).toMatchObject({ kind: "fails", status: 226 });
  expect(start(252, both)).toEqual({ kind: "starts" });
  expect(start(247, { ...both, ProcSubset: "all" })).toEqual({ kind: "starts" });
});

test("a unit whose walls keep its own program from being executed does not start", () => {
  expect(start(257, { NoExecPaths: "/" })).toMatchObject({ kind: "fails", status: 203 });
  expect(start(257, { NoExecPaths: "/", ExecPaths: "/usr" })).toEqual({ kind: "starts" });
});
