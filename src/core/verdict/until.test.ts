import { expect, test } from "vitest";
import type { FileFacts } from "../action/action.ts";
import type { Step } from "../probes/probe.ts";
import { setting } from "../sandbox/origin.ts";
import { fileWalls } from "../sandbox/replaced.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { MountMode, Wall } from "../sandbox/wall.ts";
import { fileWallsText, stoppedUntil } from "./until.ts";

const FILE: FileFacts = { type: "file", uid: 0, gid: 0, mode: 0o600 };
const surroundings: Surroundings = {
  file: (path) => ({ ...FILE, type: path.split("/").length > 2 ? "file" : "directory" }),
};

function wall(directive: string, path: string, mode: MountMode["kind"] & ("inaccessible" | "read-write")): Wall {
  return { kind: "mount", by: setting(directive, path), path, mode: { kind: mode }, optional: false };
}

function reading(...paths: readonly string[]): readonly Step[] {
  return paths.map((path) => ({
    name: `read ${path}`,
    action: {
      call: { abi: "x86_64", name: "openat", arguments: [] },
      needs: [{ kind: "path", path, access: "read", file: FILE }],
    },
  }));
}

test("stoppedUntil: the file whose wall is the only one", () => {
  const shadow = wall("InaccessiblePaths", "/etc/shadow", "inaccessible");
  const passwd = wall("InaccessiblePaths", "/etc/passwd", "inaccessible");
  const home = wall("InaccessiblePaths", "/root", "inaccessible");
  const until = (walls: readonly Wall[], ...paths: readonly string[]) =>
    stoppedUntil({ walls }, reading(...paths), surroundings);
  expect(until([shadow, passwd, home], "/etc/shadow")).toEqual(["/etc/shadow"]);
  expect(until([shadow, passwd], "/etc/shadow", "/etc/passwd")).toEqual(["/etc/shadow", "/etc/passwd"]);
  expect(until([shadow, passwd, home], "/root/.secret")).toEqual([]);
  expect(until([passwd], "/etc/shadow")).toEqual([]);
});

test("fileWallsText: one sentence for each directive, and doors close", () => {
  const walls = [
    wall("InaccessiblePaths", "/etc/shadow", "inaccessible"),
    wall("InaccessiblePaths", "/etc/gshadow", "inaccessible"),
    wall("ReadWritePaths", "/etc/resolv.conf", "read-write"),
    wall("ReadWritePaths", "/srv", "read-write"),
  ];
  const [hidden, open, ...more] = fileWallsText(fileWalls(walls, surroundings));
  expect(hidden).toMatch(/^InaccessiblePaths=\/etc\/shadow, InaccessiblePaths=\/etc\/gshadow: .* hold only until /);
  expect(open).toMatch(/^ReadWritePaths=\/etc\/resolv\.conf: .* are open only until /);
  expect(more).toEqual([]);
});
