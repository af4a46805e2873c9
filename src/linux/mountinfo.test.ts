import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseMountinfo, visibleMounts } from "./mountinfo.ts";

// The example of proc_pid_mountinfo(5), and one with escapes and without optional fields.
const TABLE = `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
40 36 0:30 / /mnt2/a\\040b\\011c\\134d ro - tmpfs none rw,size=4k
not a mount
`;

test("parseMountinfo reads the fields around optional ones, and octal escapes", () => {
  const [first, second, ...rest] = parseMountinfo(TABLE);
  expect(rest).toEqual([]);
  expect(first).toEqual({
    id: 36,
    parent: 35,
    device: "98:0",
    root: "/mnt1",
    target: "/mnt2",
    flags: ["rw", "noatime"],
    type: "ext3",
    source: "/dev/root",
    superOptions: ["rw", "errors=continue"],
  });
  expect(second).toMatchObject({ target: "/mnt2/a b\tc\\d", flags: ["ro"], type: "tmpfs" });
});

test("parseMountinfo agrees with findmnt on this machine", () => {
  const said = execFileSync("/usr/bin/findmnt", ["--raw", "--noheadings", "--output", "TARGET,FSTYPE"], {
    encoding: "utf8",
  });
  const ours = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8")).map(
    (mount) => `${mount.target} ${mount.type}`,
  );
  expect(ours.toSorted()).toEqual(said.trim().split("\n").toSorted());
});

test("visibleMounts leaves out what a later mount on the same place, or above it, hides", () => {
  const line = (id: number, parent: number, target: string) => `${id} ${parent} 0:${id} / ${target} rw - tmpfs t rw`;
  const table = [
    line(1, 0, "/"),
    line(2, 1, "/a"),
    line(3, 2, "/a/b"),
    line(4, 2, "/a"),
    line(5, 4, "/a/c"),
    line(6, 1, "/ab"),
  ];
  expect(visibleMounts(parseMountinfo(table.join("\n"))).map((mount) => mount.id)).toEqual([1, 4, 5, 6]);
});
