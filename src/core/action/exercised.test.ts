import { expect, test } from "vitest";
import type { Observation, Phase, Seen } from "./action.ts";
import { began, exercised, type Reachable } from "./exercised.ts";

const alone: Reachable = { streams: false, datagrams: false, activated: false, bus: { names: [], called: false } };

function seen(
  name: "accept4" | "recvfrom" | "openat" | "futex" | "execve",
  phases: readonly Phase[],
  result: "ok" | "EAGAIN" = "ok",
): Seen {
  const needs = name === "openat" ? [{ kind: "path", path: "/etc/x", access: "read" } as const] : [];
  const action = { call: { abi: "x86_64", name, arguments: [] }, needs } as const;
  return { action, result, phases, identities: [], executables: [], count: 1, hosts: [] };
}

function observation(...all: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "x.service", seen: all, gaps: [], phases: [] };
}

test("a listener shows something only by what comes to it", () => {
  const streams = { ...alone, streams: true };
  expect(exercised(observation(seen("accept4", ["workload"])), streams).kind).toBe("shown");
  expect(exercised(observation(seen("accept4", ["workload"], "EAGAIN")), streams).kind).toBe("nothing");
  expect(exercised(observation(seen("accept4", ["start"]), seen("openat", ["workload"])), streams).kind).toBe(
    "nothing",
  );
  expect(exercised(observation(seen("recvfrom", ["workload"])), streams).kind).toBe("nothing");
  expect(exercised(observation(seen("recvfrom", ["workload"])), { ...alone, datagrams: true }).kind).toBe("shown");
});

test("a name on the bus shows something once it is called", () => {
  const bus = { names: ["org.example"], called: false };
  expect(exercised(observation(seen("openat", ["workload"])), { ...alone, bus })).toMatchObject({ kind: "nothing" });
  expect(exercised(observation(), { ...alone, bus: { ...bus, called: true } }).kind).toBe("shown");
});

test("a service that nobody can reach shows something by what it did not do at rest", () => {
  expect(exercised(observation(seen("openat", ["workload"])), alone).kind).toBe("shown");
  expect(exercised(observation(seen("openat", ["start", "workload"])), alone).kind).toBe("nothing");
  // Waiting is not doing.
  expect(exercised(observation(seen("futex", ["workload"])), alone).kind).toBe("nothing");
});

test("one that its socket starts shows something when it runs at all", () => {
  const activated = { ...alone, activated: true };
  expect(exercised(observation(seen("openat", ["stop"])), activated).kind).toBe("nothing");
  expect(exercised(observation(seen("futex", ["workload"])), activated).kind).toBe("shown");
});

test("what goes through a ring is not seen, so the rest that it does counts", () => {
  const gaps = [{ code: "io-uring", count: 1 } as const];
  const rings = { ...observation(seen("openat", ["workload"])), gaps };
  expect(exercised(rings, { ...alone, streams: true }).kind).toBe("shown");
});

test("a service of which no program was seen to start was not observed", () => {
  expect(began(observation(seen("execve", ["start"])))).toBe(true);
  expect(began(observation(seen("openat", ["start"]), seen("futex", ["workload"])))).toBe(false);
});
