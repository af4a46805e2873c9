import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgroupOf, mountsOf, openFiles, processIds, readStatus, sharedWritableMaps, startTime } from "./proc.ts";

let proc: string;

beforeAll(() => {
  proc = mkdtempSync(join(tmpdir(), "cloison-proc-"));
  mkdirSync(join(proc, "42/fd"), { recursive: true });
  mkdirSync(join(proc, "42/fdinfo"));
  mkdirSync(join(proc, "self"));
  writeFileSync(join(proc, "42/status"), "Name:\ta: b\nCapBnd:\t000001ffffffffff\n");
  const fields = Array.from({ length: 30 }, (_, index) => index + 4).join(" ");
  writeFileSync(join(proc, "42/stat"), `42 (x) S 9 (y) S ${fields}\n`);
  writeFileSync(join(proc, "42/cgroup"), "1:name=systemd:/old\n0::/system.slice/a.service\n");
  writeFileSync(
    join(proc, "42/maps"),
    "7f00-7f01 rw-s 00000000 08:01 12 /var/lib/a b.db\n7f02-7f03 rw-p 0 08:01 13 /lib/x.so\n",
  );
  symlinkSync("/var/lib/file", join(proc, "42/fd/3"));
  writeFileSync(join(proc, "42/fdinfo/3"), "pos:\t0\nflags:\t0100002\n");
  symlinkSync("/gone", join(proc, "42/fd/4")); // its fdinfo is gone: closed while we looked
});

afterAll(() => rmSync(proc, { recursive: true }));

test("fields are read from a tree like /proc", async () => {
  expect((await readStatus(42, proc))?.get("Name")).toBe("a: b");
  expect(await cgroupOf(42, proc)).toBe("/system.slice/a.service");
  expect(await processIds(proc)).toEqual([42]);
  expect(await openFiles(42, proc)).toEqual([{ fd: 3, path: "/var/lib/file", flags: 0o100002 }]);
  expect(await sharedWritableMaps(42, proc)).toEqual(["/var/lib/a b.db"]);
  // The name ends at the last bracket, so all of "(x) S 9 (y)" is the name; the twentieth field after it is 4 + 18.
  expect(await startTime(42, proc)).toBe("22");
});

test("a process that is gone is undefined or empty, not an error", async () => {
  expect(await readStatus(7, proc)).toBeUndefined();
  expect(await startTime(7, proc)).toBeUndefined();
  expect(await cgroupOf(7, proc)).toBeUndefined();
  expect(await openFiles(7, proc)).toEqual([]);
});

test("the real /proc knows this process", async () => {
  const file = openSync("/etc/passwd", "r");
  const mine = (await openFiles(process.pid)).find((each) => each.fd === file);
  closeSync(file);
  expect(mine).toMatchObject({ path: "/etc/passwd" });
  expect((await readStatus(process.pid))?.get("Pid")).toBe(String(process.pid));
  expect(Number(await startTime(process.pid))).toBeGreaterThan(0);
  expect((await mountsOf("self")).some((mount) => mount.target === "/")).toBe(true);
});
