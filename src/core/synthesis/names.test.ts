import { expect, test } from "vitest";
import type { Need, Observation, Seen } from "../action/action.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { looksRandom, ownDirectories, steadyDirectory } from "./names.ts";

function seen(name: SyscallName, ...needs: readonly Need[]): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs },
    result: "ok",
    phases: ["start"],
    identities: [{ uid: 33, gid: 33 }],
    executables: [],
    count: 1,
    hosts: [],
  };
}

function observed(...all: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "a.service", seen: all, gaps: [], phases: ["start"] };
}

test.each([
  ["1234", true],
  ["sess_4f2a9c81be03", true],
  ["tmp.q8Wn2Z", true],
  ["0000000003", true],
  ["b3c5e2de-4a57-4f6c-9f0e-0d3f3a5d1c11", true],
  ["nginx", false],
  ["access.log", false],
  ["php8.4", false],
  ["x86_64-linux-gnu", false],
  ["libcrypto.so.3", false],
  ["fastcgi", false],
])("looksRandom: %s is %s", (part, random) => {
  expect(looksRandom(part)).toBe(random);
});

test("steadyDirectory: ends before the first random part", () => {
  expect(steadyDirectory("/var/lib/nginx/body/3/00/0000000003")).toBe("/var/lib/nginx/body/3/00");
  expect(steadyDirectory("/run/app/4711/sock")).toBe("/run/app");
  expect(steadyDirectory("/etc/passwd")).toBe("/etc");
  expect(steadyDirectory("/x")).toBe("/");
});

test("ownDirectories: what the unit gives and what the service makes", () => {
  const made = seen("mkdirat", { kind: "path", path: "/srv/app/cache/", access: "create" });
  expect(ownDirectories(observed(made), ["/var/lib/app"])).toEqual(["/srv/app/cache", "/var/lib/app"]);
});
