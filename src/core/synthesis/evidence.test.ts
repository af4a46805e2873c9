/** What the evidence of small observations is: each kind by itself, and that the level decides which count. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { callOf, type Need, type Observation, type Seen } from "../action/action.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { type Evidence, evidenceOf, evidenceText } from "./evidence.ts";

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

const open = (path: string, access: "write" | "create" | "read"): Seen =>
  seen("openat", { kind: "path", path, access });

function observed(...all: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "a.service", seen: all, gaps: [], phases: ["start"] };
}

function evidence(...all: readonly Seen[]): readonly Evidence[] {
  return evidenceOf(observed(...all), "balanced", ["/var/lib/app"], "x86_64");
}

function paths(kind: Evidence["kind"], ...all: readonly Seen[]): readonly string[] {
  return evidence(...all)
    .filter((each) => each.kind === kind)
    .flatMap((each) => each.seen.action.needs)
    .map((need) => (need.kind === "path" ? `${need.access} ${need.path}` : need.kind));
}

test("kin: another file in the service's own directory, or under another random name, and no other", () => {
  expect(paths("kin", open("/var/lib/app/db", "write"))).toEqual(["write /var/lib/app/another-name-of-the-same-kind"]);
  expect(paths("kin", open("/srv/up/a1b2c3d4e5f6", "create"))).toEqual([
    "create /srv/up/another-name-of-the-same-kind",
  ]);
  expect(paths("kin", open("/etc/passwd", "write"))).toEqual([]);
  expect(paths("kin", open("/var/lib/app/db", "read"))).toEqual([]);
});

test("likely: a log is rotated, a file of many owners is not", () => {
  const beside = (path: string) => paths("likely", open(path, "write")).filter((each) => each.startsWith("create"));
  expect(beside("/var/log/app/access.log")).toEqual(["create /var/log/app/another-name-of-the-same-kind"]);
  expect([beside("/etc/app.state"), beside("/proc/self/oom_score_adj"), beside("/dev/null")]).toEqual([[], [], []]);
});

test("likely: name resolution and the other internet protocol", () => {
  const inet = seen("bind", { kind: "address", operation: "bind", family: "AF_INET", address: "0.0.0.0", port: 80 });
  const families = (...all: readonly Seen[]) =>
    evidence(...all).flatMap(({ kind, seen: { action } }) => {
      const call = callOf(action);
      const first = call?.arguments[0];
      const made = kind === "likely" && call?.name === "socket" && call.arguments.length === 2;
      return made && first?.kind === "number" ? [Number(first.value)] : [];
    });
  expect(families(inet)).toEqual([1, 2, 10]);
  expect(families(seen("read"))).toEqual([1]);
  expect(families()).toEqual([]);
});

test("strict counts what was seen and its kin; nothing else is left out", () => {
  const all = [open("/var/lib/app/db", "write"), seen("clone3")];
  const strict = evidenceOf(observed(...all), "strict", ["/var/lib/app"], "x86_64");
  expect(strict).toEqual(evidence(...all).filter(({ kind }) => kind !== "likely"));
  expect(new Set(strict.map(({ kind }) => kind))).toEqual(new Set(["seen", "kin"]));
});

test("what failed is no evidence, nor is what would be like it", () => {
  const failed = evidence({ ...open("/srv/up/a1b2c3d4e5f6", "create"), result: "EACCES" });
  // Its call must go on failing for its own reason.
  expect(
    failed.filter(({ kind }) => kind === "seen").map(({ seen: { action } }) => [callOf(action)?.name, action.needs]),
  ).toEqual([["openat", []]]);
  expect(paths("kin", { ...open("/srv/up/a1b2c3d4e5f6", "create"), result: "EACCES" })).toEqual([]);
});

test("evidenceText: what was seen, and of what was not why it is expected", () => {
  const [first, beside] = evidence(open("/var/lib/app/db", "write"));
  expect(evidenceText(first!, first!.seen.action.needs[0])).toBe("openat /var/lib/app/db at start");
  expect(evidenceText(beside!, beside!.seen.action.needs[0])).toBe(
    "openat /var/lib/app/… (not seen: names there are made up, or in a directory of its own)",
  );
});

const anything = fc.array(
  fc.oneof(
    fc.constantFrom<SyscallName>("read", "clone3", "socket", "setuid").map((name) => seen(name)),
    fc
      .constantFrom("/var/lib/app/a", "/srv/a1b2c3d4e5f6", "/var/log/x.log", "/etc/x")
      .map((path) => open(path, "write")),
  ),
);

test("more observed takes no evidence away", () => {
  const keys = (of: readonly Evidence[]) =>
    of.flatMap(({ seen: { action } }) => [callOf(action)?.name, ...action.needs.map((need) => JSON.stringify(need))]);
  fc.assert(
    fc.property(anything, anything, (some, more) => {
      expect(keys(evidence(...more, ...some))).toEqual(expect.arrayContaining([...keys(evidence(...some))]));
    }),
  );
});
