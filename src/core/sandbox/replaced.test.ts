import { describe, expect, test } from "vitest";
import type { Access, FileFacts, Need } from "../action/action.ts";
import { judge } from "./judge.ts";
import { setting } from "./origin.ts";
import { fileWalls, standingWalls } from "./replaced.ts";
import type { Surroundings } from "./surroundings.ts";
import type { MountMode, Wall } from "./wall.ts";

function mount(directive: string, path: string, mode: MountMode): Wall {
  return { kind: "mount", by: setting(directive, path), path, mode, optional: false };
}

const FILE: FileFacts = { type: "file", uid: 0, gid: 0, mode: 0o755 };
const FILES = ["/etc/shadow", "/etc/passwd", "/srv/program", "/proc/kallsyms"];

const machine: Surroundings = {
  file: (path) => (FILES.includes(path) ? FILE : { ...FILE, type: "directory" }),
};

const later: Surroundings = { ...machine, replaced: (path) => FILES.includes(path) };

const CALL = { abi: "x86_64", name: "openat", arguments: [] } as const;

function outcomes(walls: readonly Wall[], path: string, access: Access): readonly string[] {
  const need: Need = { kind: "path", path, access, file: FILE };
  return [machine, later].map((at) => judge({ walls }, { call: CALL, needs: [need] }, at).kind);
}

describe("judge, before and after a file was replaced", () => {
  test("a wall on the file is gone with it", () => {
    const hidden = mount("InaccessiblePaths", "/etc/shadow", { kind: "inaccessible" });
    const readOnly = mount("ReadOnlyPaths", "/etc/passwd", { kind: "read-only" });
    const bound = mount("BindReadOnlyPaths", "/etc/passwd", { kind: "bind", source: "/srv/program", readOnly: true });
    const noExec = mount("NoExecPaths", "/srv/program", { kind: "no-exec" });
    expect(outcomes([hidden], "/etc/shadow", "read")).toEqual(["denied", "allowed"]);
    expect(outcomes([readOnly], "/etc/passwd", "write")).toEqual(["denied", "allowed"]);
    expect(outcomes([bound], "/etc/passwd", "write")).toEqual(["denied", "allowed"]);
    expect(outcomes([noExec], "/srv/program", "execute")).toEqual(["denied", "allowed"]);
  });

  test("a wall on the directory stays", () => {
    const hidden = mount("InaccessiblePaths", "/etc", { kind: "inaccessible" });
    expect(outcomes([hidden], "/etc/shadow", "read")).toEqual(["denied", "denied"]);
  });

  test("a wall on the directory takes over from one on the file", () => {
    const walls = [
      mount("ProtectSystem", "/", { kind: "read-only" }),
      mount("NoExecPaths", "/etc/passwd", { kind: "no-exec" }),
    ];
    expect(outcomes(walls, "/etc/passwd", "write")).toEqual(["allowed", "denied"]);
  });

  test("a door on the file closes with it", () => {
    const walls = [
      mount("NoExecPaths", "/srv", { kind: "no-exec" }),
      mount("ExecPaths", "/srv/program", { kind: "exec" }),
    ];
    expect(outcomes(walls, "/srv/program", "execute")).toEqual(["allowed", "denied"]);
  });

  test("what is bound into an empty file system lies on nothing of the machine's", () => {
    const walls = [
      mount("TemporaryFileSystem", "/etc", { kind: "empty", readOnly: true }),
      mount("BindReadOnlyPaths", "/etc/passwd", { kind: "bind", source: "/etc/passwd", readOnly: true }),
    ];
    expect(outcomes(walls, "/etc/passwd", "read")).toEqual(["allowed", "allowed"]);
    expect(fileWalls(walls, machine)).toEqual([]);
  });
});

describe("fileWalls", () => {
  test("names the file that a wall lies on, also where another place of the machine is seen", () => {
    const hidden = mount("InaccessiblePaths", "/opt/program", { kind: "inaccessible" });
    const walls = [mount("BindPaths", "/opt", { kind: "bind", source: "/srv", readOnly: false }), hidden];
    expect(fileWalls(walls, machine)).toEqual([{ wall: hidden, file: "/srv/program" }]);
    expect(standingWalls(walls, later)).toEqual(walls.slice(0, 1));
  });

  test("leaves out directories and what the kernel itself shows", () => {
    const walls = [
      mount("InaccessiblePaths", "/home", { kind: "inaccessible" }),
      mount("InaccessiblePaths", "/proc/kallsyms", { kind: "inaccessible" }),
    ];
    expect(fileWalls(walls, machine)).toEqual([]);
  });
});
