/** Which directories stay open to execution where the rest of the tree is shut. Tests src/core/directives/files/_runs.ts. */
import { expect, test } from "vitest";
import type { Access, Observation } from "../action/action.ts";
import { ladderOf, type Situation } from "./directive.ts";
import { bindReadOnlyPaths } from "./files/bind-read-only-paths.ts";
import { noExecPaths } from "./files/no-exec-paths.ts";
import { type Host, sandboxOf } from "./sandbox.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: () => ({ uid: 990, gid: 990, groups: [] }),
  directories: ["/var/lib/app"],
  executables: ["/usr/bin/app"],
};

/** What a service of its own user did with these paths, whose unit has these lines. */
function situation(
  paths: readonly (readonly [path: string, access: Access])[],
  lines: Readonly<Record<string, string>> = {},
): Situation {
  const settings: Readonly<Record<string, string>> = { User: "app", ...lines };
  const seen = paths.map(([path, access]) => ({
    ...({
      action: { call: { kind: "none" }, needs: [{ kind: "path", path, access }] },
      result: "ok",
      count: 1,
    } as const),
    ...({ phases: ["start"], identities: [], executables: ["/usr/bin/app"], hosts: [] } as const),
  }));
  const observation: Observation = {
    ...{ schema: "cloison.observation/2", unit: "app.service", phases: ["start"], gaps: [] },
    seen,
  };
  const { facts } = sandboxOf(
    (name) => (settings[name] === undefined ? [] : [{ value: settings[name], file: "app.service", line: 1 }]),
    host,
  );
  return { unit: facts, observation, level: "balanced", clients: undefined };
}

/** The lines of each candidate. */
function bound(at: Situation): readonly string[] {
  return ladderOf(bindReadOnlyPaths, at).map(({ value }) => bindReadOnlyPaths.print(value, [], "x86_64").join("|"));
}

function shut(at: Situation): readonly string[] {
  return ladderOf(noExecPaths, at).map(({ value }) => noExecPaths.print(value, [], "x86_64").join("|"));
}

test("of a directory that is named after a version the one above stays open, and of a file its directory", () => {
  const run = ["/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/php/20240924/ctype.so", "/opt/app-1.2/bin/app"];
  expect(bound(situation(run.map((path) => [path, "execute"])))).toEqual([
    "-/opt|-/usr/bin|-/usr/lib/php|-/usr/lib/x86_64-linux-gnu",
  ]);
});

test("what is run from where the service writes is not bound, and that place is not shut", () => {
  const at = situation([
    ["/srv/app/plug-in.so", "execute"],
    ["/srv/app/x", "create"],
  ]);
  expect(bound(at)).toEqual(["-/usr/bin"]);
  expect(shut(at).filter((line) => line.includes("/srv"))).toEqual([]);
});

test("a service that is root, and is shut out of PID 1's directory, is given both", () => {
  const at = situation([], { User: "" });
  const [both, managers] = bound({ ...at, unit: { ...at.unit, uid: 0 } });
  expect(both).toBe(`${managers}|-/usr/bin`);
});

test("every place that the service may write to, or that is brought from elsewhere, is named once more", () => {
  const at = situation([["/srv/data/x", "create"]], { BindPaths: "/opt/shared:/media/shared" });
  const [first] = shut(at);
  const brought = ["/media/shared", "/srv/data", "/var/lib/app", "/tmp", "/var/tmp", "/dev/shm"];
  expect(first?.split(" ")).toEqual(expect.arrayContaining(["/", ...brought.map((path) => `-${path}`)]));
});

test("the tree stays open where something is run from its top, behind another root, and where the unit decides it", () => {
  const first = (at: Situation) => shut(at)[0]?.split(" ")[0];
  expect(first(situation([]))).toBe("/");
  expect(first(situation([["/2.0/app", "execute"]]))).not.toBe("/");
  expect(first(situation([], { RootDirectory: "/srv" }))).not.toBe("/");
  expect(first(situation([], { NoExecPaths: "/", ExecPaths: "/usr" }))).not.toBe("/");
});

test("homes are named where the service writes to them, and else left to ProtectHome=", () => {
  const named = (at: Situation) =>
    shut(at)[0]
      ?.split(" ")
      .filter((place) => /home|root|run.user/.test(place));
  expect(named(situation([]))).toEqual([]);
  expect(named(situation([["/home/ann/x", "create"]]))).toEqual(["-/home"]);
});
