/** The advice for an open attack: what would stop it, the least first, and why that is not written. */
import { expect, test } from "vitest";
import type { Need, Observation, Seen } from "../action/action.ts";
import { systemCallFilter } from "../directives/calls/system-call-filter.ts";
import { foldUnit, type Host } from "../directives/sandbox.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Step } from "../probes/probe.ts";
import type { SynthesisInput } from "../synthesis/input.ts";
import { synthesize } from "../synthesis/synthesize.ts";
import { doorFinder, doorText } from "./door.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: () => undefined,
  directories: [],
  executables: ["/usr/bin/app"],
};

function step(name: SyscallName, ...needs: readonly Need[]): Step {
  return { name, action: { call: { abi: "x86_64", name, arguments: [] }, needs } };
}

function did({ action }: Step): Seen {
  return {
    action,
    result: "ok",
    phases: ["start"],
    identities: [{ uid: 0, gid: 0 }],
    executables: ["/usr/bin/app"],
    count: 1,
    hosts: [],
  };
}

function input(...all: readonly Step[]): SynthesisInput {
  const observation: Observation = {
    schema: "cloison.observation/2",
    unit: "app.service",
    seen: all.map(did),
    gaps: [],
    phases: ["start"],
  };
  return { observation, values: foldUnit(() => [], host).values, host, level: "balanced" };
}

const root = { uid: 0, gid: 0 };

test("no advice is to refuse what every program does", () => {
  const narrowed = (...names: readonly SyscallName[]) =>
    systemCallFilter.narrowedTo?.(names.map((name) => step(name).action));
  expect(narrowed("openat", "read", "connect", "ptrace")).toEqual(["~ptrace"]);
  // One of several that do the same would be walked around.
  expect(narrowed("setresuid")).toEqual(["~setresuid setreuid setuid"]);
  expect(doorText([])).toContain("no setting of systemd stands against it");
});

test("the setting that breaks the least comes first, with the evidence that forbids it", () => {
  const home = step("openat", { kind: "path", path: "/home/ann/x", access: "read" });
  const given = input(home, step("read"), step("mkdir", { kind: "path", path: "/home/ann/y", access: "create" }));
  const doors = doorFinder(given, synthesize(given))([home], root);
  const [first] = doors;
  expect(first?.setting).not.toContain("SystemCallFilter");
  expect(first?.needs).toContain("/home/ann");
  const broken = doors.flatMap(({ needs, breaks }) => (needs === undefined || breaks === undefined ? [] : [breaks]));
  expect(broken).toEqual(broken.toSorted((a, b) => a - b));
});

test("what nothing forbids says why it is not written", () => {
  const given = input(step("read"));
  const limited = {
    setting: "TasksMax=64",
    needs: undefined,
    breaks: 0,
    witness: "A limit ends the service on a busier day.",
  };
  expect(doorText([limited])).toBe(
    "TasksMax=64 would stop it, but is not written: A limit ends the service on a busier day.",
  );
  const ring = step("io_uring_setup");
  const loose = { ...synthesize(given), values: given.values };
  const doors = doorFinder(given, loose)([ring], root);
  expect(doors.map(({ setting }) => setting)).toContain("SystemCallFilter=~io_uring_setup");
  const needed = doorFinder(input(ring), synthesize(input(ring)))([ring], root);
  expect(doorText(needed)).toBe("SystemCallFilter=~io_uring_setup would stop it, but: io_uring_setup at start");
});
