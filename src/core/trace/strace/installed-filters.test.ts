import { expect, test } from "vitest";
import { readInstalledFilters } from "./installed-filters.ts";

const one = "{len=1, filter=[BPF_STMT(0x6|0, 0x50000|0x1)]}";
const two = "{len=2, filter=[BPF_JUMP(0x5|0|0x10, 0xa9, 0, 0x1), BPF_STMT(0x6|0, 0x7fff0000)]}";
const deny = [{ code: 6, jt: 0, jf: 0, k: 0x50001 }];
const test2 = [
  { code: 0x15, jt: 0, jf: 1, k: 0xa9 },
  { code: 6, jt: 0, jf: 0, k: 0x7fff0000 },
];

function read(...lines: readonly string[]): unknown {
  const parsed = readInstalledFilters(lines.join("\n"));
  return parsed.ok ? parsed.value : parsed.diagnostics.map(({ code }) => code);
}

test("readInstalledFilters takes filters of prctl and seccomp that succeeded, in order", () => {
  const trace = [
    `7 prctl(0x26, 1, 0, 0, 0)           = 0`,
    `7 prctl(0x16, 0x2, ${one}) = 0`,
    `7 seccomp(0x1, 0x1, ${two}) = 0`,
    `7 seccomp(0x1, 0, ${one}) = -1 EINVAL (Invalid argument)`,
    `7 seccomp(0x1, 0x8, ${one}) = 5`,
    "7 +++ exited with 0 +++",
  ];
  expect(read(...trace)).toEqual([{ pid: 7, programs: [deny, test2, deny], inherited: 0 }]);
});

test("readInstalledFilters: children inherit what was there when they were born", () => {
  const trace = [
    `7 seccomp(0x1, 0, ${one}) = 0`,
    "7 clone(child_stack=NULL, flags=0x1200000|17 <unfinished ...>",
    `8 seccomp(0x1, 0, ${two} <unfinished ...>`,
    "7 <... clone resumed>, child_tidptr=0x7f) = 8",
    "8 <... seccomp resumed>) = 0",
    `7 seccomp(0x1, 0, ${one}) = 0`,
    "7 vfork() = 9",
  ];
  expect(read(...trace)).toEqual([
    { pid: 7, programs: [deny, deny], inherited: 0 },
    { pid: 8, programs: [deny, test2], inherited: 1 },
  ]);
});

test("readInstalledFilters refuses to pass over a filter that is not printed whole", () => {
  expect(read(`7 seccomp(0x1, 0, {len=2, filter=[BPF_STMT(0x6|0, 0x1)]}) = 0`)).toEqual(["strace-filter"]);
  expect(read("7 seccomp(0x1, 0, 0x7ffd12345678) = 0")).toEqual(["strace-filter"]);
  expect(read("", "garbage", "7 prctl(0x16, 0x1) = 0")).toEqual([]);
});
