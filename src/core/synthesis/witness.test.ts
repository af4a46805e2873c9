/** What a result says of settings that are not written: each kind of witness, and that none is missing. */
import { expect, test } from "vitest";
import type { Access, Need, Observation, Seen } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective } from "../directives/directive.ts";
import { protectClock } from "../directives/kernel/protect-clock.ts";
import { foldUnit, type Host } from "../directives/sandbox.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { setting } from "../sandbox/origin.ts";
import { prepare, type SynthesisInput } from "./input.ts";
import { loosen, synthesize } from "./synthesize.ts";
import { unaccounted } from "./unaccounted.ts";
import { type Witness, witnessText } from "./witness.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) => (name === "app" ? { uid: 990, gid: 990, groups: [] } : undefined),
  directories: [],
  executables: ["/usr/bin/app"],
};

function seen(name: SyscallName, needs: readonly Need[] = [], given: readonly number[] = []): Seen {
  return {
    action: {
      call: { abi: "x86_64", name, arguments: given.map((value) => ({ kind: "number", value: BigInt(value) })) },
      needs,
    },
    result: "ok",
    phases: ["reload"],
    identities: [{ uid: 990, gid: 990 }],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
  };
}

function open(path: string, access: Access): Seen {
  return seen("openat", [{ kind: "path", path, access }], [0xffffff9c, 0, 0, 0o644]);
}

function input(
  all: readonly Seen[],
  more: Partial<SynthesisInput> = {},
  unit: Record<string, string> = { User: "app" },
): SynthesisInput {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen: all,
    gaps: [],
    phases: ["start", "reload"],
  };
  const { values } = foldUnit(
    (name) => (unit[name] === undefined ? [] : [{ value: unit[name], file: "app.service", line: 2 }]),
    host,
  );
  return { observation, values, host, level: "balanced", ...more };
}

function witnessOf(given: SynthesisInput, directive: string, value: string): Witness | undefined {
  return synthesize(given).notBuilt.find((each) => each.directive === directive && each.value === value)?.witness;
}

test("evidence: what was seen is named with its phase and its program", () => {
  expect(witnessOf(input([open("/home/ann/x", "read")]), "ProtectHome", "yes")).toEqual({
    kind: "evidence",
    evidence: "seen",
    action: "openat /home/ann/x at reload",
    phases: ["reload"],
    programs: ["/usr/bin/app"],
  });
});

test("evidence: what is only likely is no reason at the level strict", () => {
  const inet = seen("socket", [], [2, 1, 0]);
  expect(witnessOf(input([inet]), "RestrictAddressFamilies", "AF_INET")).toMatchObject({ evidence: "likely" });
  expect(witnessOf(input([inet], { level: "strict" }), "RestrictAddressFamilies", "AF_INET")).toBeUndefined();
});

test("each other kind: the unit, the target, the rehearsal, the directive itself", () => {
  const idle = [seen("read")];
  expect(witnessOf(input(idle, {}, { User: "app", ProtectClock: "no" }), "ProtectClock", "yes")).toEqual({
    kind: "unit",
  });
  expect(
    witnessOf(input(idle, { ineffective: new Map([["ProtectClock", "no seccomp"]]) }), "ProtectClock", "yes"),
  ).toEqual({
    kind: "not-enforced",
    reason: "no seccomp",
  });
  const first = input(idle);
  const next = loosen(first, synthesize(first), "ProtectSystem", "reload fails: exit status 1");
  expect(witnessOf(next, "ProtectSystem", "strict")).toEqual({
    kind: "rehearsal",
    reason: "reload fails: exit status 1",
  });
  expect(witnessOf(first, "TasksMax", "")).toMatchObject({ kind: "never" });
  expect(witnessOf(first, "TemporaryFileSystem", "/run/systemd:noexec,ro")).toMatchObject({ kind: "never" });
});

test("untried: what there was no time for is said, and nothing else is left without a word", () => {
  const given = input([seen("read"), open("/home/ann/x", "read")], { tries: 0 });
  const result = synthesize(given);
  expect(
    result.notBuilt.filter(({ witness }) => witness.kind === "untried").map(({ directive }) => directive),
  ).toContain("ProtectHome");
  expect(unaccounted(prepare(given), result.values, result.notBuilt)).toEqual([]);
});

test("unaccounted: a setting without a witness is named, and the result says that this is an error", () => {
  const given = input([open("/home/ann/x", "read")]);
  const { values, notBuilt } = synthesize(given);
  const fewer = notBuilt.filter(({ directive }) => directive !== "ProtectHome" && directive !== "TasksMax");
  expect(unaccounted(prepare(given), values, fewer).toSorted()).toEqual(["ProtectHome", "TasksMax"]);
});

test("whatever the catalogue has is written, implied, set by the unit, or accounted for", () => {
  const result = synthesize(input([seen("read")]));
  expect(result.warnings).toEqual([]);
  const known = new Set([...result.settings, ...result.notBuilt].map(({ directive }) => directive));
  const doors = new Set(catalogue.filter(({ door }) => door !== undefined).map(({ name }) => name));
  expect(
    catalogue
      .filter(({ name }) => !known.has(name) && !doors.has(name) && name !== "User" && name !== "KeyringMode")
      .map(({ name }) => name),
  ).toEqual([]);
});

/** Walls made up for the purpose, both of which close the same. */
function closing(name: string, cost: number): AnyDirective {
  return {
    ...protectClock,
    name,
    cost,
    implies: () => [],
    walls: (value: boolean) => (value ? [{ kind: "no-new-privileges", by: setting(name, "yes") }] : []),
    filter: { turn: 100, walls: () => [] },
  };
}

test("of two settings that close the same the cheaper is taken, whichever comes first", () => {
  const cheap = closing("Cheap", 0);
  const dear = closing("Dear", 30);
  for (const directives of [
    [dear, cheap],
    [cheap, dear],
  ]) {
    const result = synthesize(input([seen("read")], { directives }, {}));
    expect(result.settings.map(({ directive }) => directive)).toEqual(["Cheap"]);
    expect(result.notBuilt).toEqual([{ directive: "Dear", value: "yes", witness: { kind: "nothing" } }]);
  }
});

test("witnessText: every kind in words", () => {
  const told: readonly Witness[] = [
    { kind: "evidence", evidence: "kin", action: "clone", phases: [], programs: [] },
    { kind: "not-enforced", reason: "no seccomp" },
    { kind: "unit" },
    { kind: "never", reason: "It only gives." },
    { kind: "weaker", reason: "/x is writable" },
    { kind: "instead", reason: "/x is writable" },
    { kind: "unstartable", reason: "no shell" },
    { kind: "nothing" },
    { kind: "untried" },
  ];
  expect(told.map(witnessText)).toEqual([
    "it would refuse what is of equal power with what was seen: clone",
    "not enforced here: no seccomp",
    "the unit itself turns it off",
    "It only gives.",
    "it would open what the unit shuts: /x is writable",
    "it cannot be had together with what is written: /x is writable",
    "the unit would not start: no shell",
    "what it closes is closed by other lines, and it costs time",
    "there was no time to try it",
  ]);
});
