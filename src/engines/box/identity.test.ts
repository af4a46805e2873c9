import { expect, test } from "vitest";
import { boxIdentity, isOrphan } from "./identity.ts";
import { inSomeBox } from "./sweep.ts";

test("a box of this process is no orphan, one of a process that ended or of an earlier owner of the number is", async () => {
  const mine = await boxIdentity();
  expect(await isOrphan(mine)).toBe(false);
  expect(await isOrphan(`${mine}.scope`)).toBe(false);
  const [, pid, start] = /^cloison-(\d+)-(\d+)-/.exec(mine)!;
  expect(await isOrphan(`cloison-${pid}-${Number(start) - 1}-abcdef`)).toBe(true);
  expect(await isOrphan("cloison-999999999-1-abcdef")).toBe(true);
});

test("what is not named like a box is never one", async () => {
  for (const name of ["cloison", "cloison-1", "cloison-x-1-ab", "system.slice", "my-cloison-999999999-1-ab"]) {
    expect(await isOrphan(name)).toBe(false);
  }
});

test("inSomeBox tells processes of boxes from others by their cgroup", async () => {
  const mine = await boxIdentity();
  expect(inSomeBox(`/${mine}/box/system.slice/a.service`)).toBe(true);
  expect(inSomeBox(`/system.slice/${mine}.scope/exec/1`)).toBe(true);
  expect(inSomeBox("/system.slice/cloison.service")).toBe(false);
});
