import { expect, test } from "vitest";
import { type Argument, callOf, type Need, type Observation, type Seen } from "../action/action.ts";
import { foldUnit, type Host, sandboxOfValues } from "../directives/sandbox.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { type CapabilityCandidates, capabilityCandidates, withCapabilities } from "./capabilities.ts";
import { BY_POWER, plausibleCapabilities } from "./plausible.ts";
import { regressions } from "./regression.ts";

const ROOT = { uid: 0, gid: 0 };
const WORKER = { uid: 33, gid: 33 };
const bare: Sandbox = { walls: [] };

function seen(
  name: SyscallName,
  needs: readonly Need[],
  more: Partial<Seen> & { given?: readonly bigint[] } = {},
): Seen {
  const { given = [], ...rest } = more;
  const numbers: readonly Argument[] = given.map((value) => ({ kind: "number", value }));
  return {
    action: { call: { abi: "x86_64", name, arguments: numbers }, needs },
    result: "ok",
    phases: ["start"],
    identities: [ROOT],
    executables: ["/usr/sbin/server"],
    count: 1,
    hosts: [],
    ...rest,
  };
}

function observed(...all: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "server.service", seen: all, gaps: [], phases: ["start"] };
}

function named(candidates: CapabilityCandidates, ring: keyof CapabilityCandidates): readonly string[] {
  return candidates[ring].map(({ capability }) => capability);
}

/** The capabilities that were found, each with the name of its call. */
function found(observation: Observation): readonly string[] {
  return observation.seen.flatMap(({ action }) =>
    action.needs.flatMap((need) =>
      need.kind === "capability" ? [`${callOf(action)?.name ?? "no call"} ${need.capability} ${need.over}`] : [],
    ),
  );
}

function file(path: string, access: "read" | "write" | "create", uid: number, mode: number, parentUid = 0): Need {
  const parent = { uid: parentUid, gid: parentUid, mode: 0o755 };
  return { kind: "path", path, access, file: { type: "file", uid, gid: uid, mode, parent } };
}

const workers = [
  seen("setgroups", [{ kind: "capability", capability: "CAP_SETGID", over: "own" }]),
  seen("setuid", [{ kind: "become", uid: 33 }]),
  seen("kill", [{ kind: "process", operation: "signal", target: { uid: 33, gid: 33, relation: "unit" } }]),
];

test("what the kernel refuses without doubt is certain", () => {
  const candidates = capabilityCandidates(observed(...workers), bare, false);
  expect(named(candidates, "certain")).toEqual(["CAP_KILL", "CAP_SETGID", "CAP_SETUID"]);
  expect(named(candidates, "likely")).toEqual([]);
});

test("a call that failed, and one that a worker did, need nothing", () => {
  const failed = seen("setuid", [{ kind: "become", uid: 33 }], { result: "EPERM" });
  const worker = seen("openat", [file("/srv/page", "read", 33, 0o600)], { identities: [WORKER] });
  const candidates = capabilityCandidates(observed(failed, worker), bare, false);
  expect([...candidates.certain, ...candidates.likely]).toEqual([]);
});

test.each([
  ["read another's file", file("/var/log/a.log", "read", 33, 0o640), ["CAP_DAC_READ_SEARCH"]],
  ["write another's file", file("/var/log/a.log", "write", 33, 0o640), ["CAP_DAC_OVERRIDE"]],
  ["make a file in another's directory", file("/run/a/pid", "create", 0, 0o644, 33), ["CAP_DAC_OVERRIDE"]],
  ["read an own file", file("/etc/a.conf", "read", 0, 0o600), []],
  ["read a file for all", file("/etc/a.conf", "read", 33, 0o644), []],
] as const)("owner and mode tell what it takes to %s", (_, need, expected) => {
  expect(named(capabilityCandidates(observed(seen("openat", [need])), bare, false), "likely")).toEqual(expected);
});

test("one capability that does for two needs is taken once", () => {
  const both = [file("/var/log/a.log", "read", 33, 0o640), file("/var/log/b.log", "write", 33, 0o640)];
  const candidates = capabilityCandidates(observed(seen("openat", both)), bare, false);
  expect(named(candidates, "likely")).toEqual(["CAP_DAC_OVERRIDE"]);
  expect(named(candidates, "files")).toEqual(["CAP_DAC_READ_SEARCH"]);
});

test("what the kernel was asked for is likely only, because it asks for more than it needs", () => {
  const asked = ["CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"] as const;
  const needs = asked.map((capability): Need => ({ kind: "capability", capability, over: "own" }));
  const candidates = capabilityCandidates(observed(seen("openat", needs)), bare, true);
  expect(named(candidates, "likely")).toEqual(asked);
});

test("a capability that the unit does not have is no candidate in any ring", () => {
  const host: Host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
  const { values } = foldUnit(
    (name) => (name === "CapabilityBoundingSet" ? [{ value: "CAP_SETUID", file: "a", line: 1 }] : []),
    host,
  );
  const { sandbox } = sandboxOfValues(values, host);
  const { certain, likely, files, possible, rest } = capabilityCandidates(observed(...workers), sandbox, false);
  const all = [...certain, ...likely, ...files, ...possible, ...rest];
  expect(all.map(({ capability }) => capability)).toEqual(["CAP_SETUID"]);
});

test("every capability is in exactly one ring", () => {
  const { certain, likely, files, possible, rest } = capabilityCandidates(observed(...workers), bare, false);
  const all = [...certain, ...likely, ...files, ...possible, ...rest].map(({ capability }) => capability);
  expect(all.toSorted()).toEqual([...CAPABILITIES].toSorted());
});

const forced = seen("setsockopt", [{ kind: "capability", capability: "CAP_NET_ADMIN", over: "net" }]);

test("a buffer forced above the limit is no need; what the kernel says of setsockopt may be one", () => {
  expect(named(capabilityCandidates(observed(forced), bare, false), "likely")).toEqual([]);
  expect(named(capabilityCandidates(observed(forced), bare, true), "likely")).toEqual(["CAP_NET_ADMIN"]);
});

test("that a forced buffer is refused is no regression, that another option is refused is one", () => {
  const before = observed(forced, seen("setsockopt", []));
  expect(regressions(before, observed({ ...forced, result: "EPERM" }))).toEqual([]);
  expect(regressions(before, observed(seen("setsockopt", [], { result: "EPERM" })))).toHaveLength(1);
});

test.each([
  ["sets the bit", 0o2750n, ["CAP_FSETID"]],
  ["does not", 0o750n, []],
])("a chmod that %s loses it without a word: that is certain, not tried", (_, mode, expected) => {
  const need: Need = { kind: "path", path: "/var/lib/a", access: "change" };
  const chmod = seen("chmod", [need], { given: [0n, mode] });
  expect(named(capabilityCandidates(observed(chmod), bare, false), "certain")).toEqual(expected);
});

test("what was found stands beside the action that it is for", () => {
  const log = seen("openat", [file("/var/log/a.log", "write", 33, 0o640)]);
  const observation = observed(log, ...workers);
  const candidates = capabilityCandidates(observation, bare, false);
  const capabilities = ["CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"] as const;
  const result = withCapabilities(observation, candidates, { capabilities, complete: true });
  expect(found(result).toSorted()).toEqual([
    "kill CAP_KILL own",
    "openat CAP_DAC_OVERRIDE own",
    "setgroups CAP_SETGID own",
  ]);
  expect(result.gaps).toEqual([]);
});

test("what was found by trying alone is a need of its own", () => {
  const observation = observed(seen("prlimit64", []));
  const candidates = capabilityCandidates(observation, bare, false);
  const result = withCapabilities(observation, candidates, { capabilities: ["CAP_SYS_RESOURCE"], complete: true });
  expect(found(result)).toEqual(["no call CAP_SYS_RESOURCE init"]);
});

test("what was asked for and can be spared is taken out", () => {
  const observation = observed(forced, ...workers);
  const candidates = capabilityCandidates(observation, bare, true);
  const capabilities = ["CAP_KILL", "CAP_SETGID", "CAP_SETUID"] as const;
  const result = withCapabilities(observation, candidates, { capabilities, complete: false });
  expect(found(result).toSorted()).toEqual(["kill CAP_KILL own", "setgroups CAP_SETGID own"]);
  expect(result.gaps).toEqual([{ code: "capabilities-untried", count: 1 }]);
});

test("the order of power names every capability once", () => {
  expect([...BY_POWER].toSorted()).toEqual([...CAPABILITIES].toSorted());
});

test.each([
  ["kill", "CAP_KILL"],
  ["setresuid", "CAP_SETUID"],
  ["setgroups", "CAP_SETGID"],
  ["fchownat", "CAP_CHOWN"],
  ["prlimit64", "CAP_SYS_RESOURCE"],
  ["sched_setscheduler", "CAP_SYS_NICE"],
  ["mlockall", "CAP_IPC_LOCK"],
  ["clock_settime", "CAP_SYS_TIME"],
  ["umount2", "CAP_SYS_ADMIN"],
  ["init_module", "CAP_SYS_MODULE"],
  ["finit_module", "CAP_SYS_MODULE"],
  ["chroot", "CAP_SYS_CHROOT"],
] as const)("%s could need %s", (name, capability) => {
  expect(plausibleCapabilities(seen(name, []))).toContain(capability);
});

test("reading the time could need nothing", () => {
  expect(plausibleCapabilities(seen("clock_gettime", []))).toEqual([]);
});
