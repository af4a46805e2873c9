import { expect, test } from "vitest";
import { CAPABILITIES, type Capability } from "../../core/kernel/capability.ts";
import type { CapabilityCandidates } from "../../core/synthesis/capabilities.ts";
import { boundingSetDropIn, type CapabilityTrial, type SearchOptions, searchCapabilities } from "./capabilities.ts";

type Ring = keyof CapabilityCandidates;

function candidates(rings: { readonly [ring in Ring]?: readonly Capability[] }): CapabilityCandidates {
  const of = (ring: Ring) => (rings[ring] ?? []).map((capability) => ({ capability }));
  const named = new Set(Object.values(rings).flat());
  const rest = CAPABILITIES.filter((capability) => !named.has(capability)).map((capability) => ({ capability }));
  return { certain: of("certain"), likely: of("likely"), files: of("files"), possible: of("possible"), rest };
}

/** A service that needs these; the log holds what was tried. */
function service(...needs: readonly Capability[]) {
  const log: string[] = [];
  const trial: CapabilityTrial = async (set, guess) => {
    log.push(`${set.join(" ")} ${guess}`);
    return needs.every((need) => set.includes(need));
  };
  const search = (from: CapabilityCandidates, options?: SearchOptions) => searchCapabilities(from, trial, options);
  return { log, search };
}

test("begins with the empty set, and ends there when the service needs nothing", async () => {
  const { log, search } = service();
  const possible = ["CAP_KILL", "CAP_SYS_NICE"] as const;
  expect(await search(candidates({ possible }))).toEqual({ capabilities: [], complete: true, runs: 1 });
  expect(log).toEqual([" works"]);
});

test("tries nothing when the kernel's word leaves nothing open", async () => {
  const { log, search } = service("CAP_SETUID");
  const found = await search(candidates({ certain: ["CAP_SETUID"] }), { enough: true });
  expect(found).toEqual({ capabilities: ["CAP_SETUID"], complete: true, runs: 0 });
  expect(log).toEqual([]);
});

test("drops what was asked for and is not needed", async () => {
  const { search } = service("CAP_SETUID", "CAP_DAC_OVERRIDE");
  const likely = ["CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_NET_ADMIN"] as const;
  const found = await search(candidates({ certain: ["CAP_SETUID"], likely }), { enough: true });
  expect(found.capabilities).toEqual(["CAP_DAC_OVERRIDE", "CAP_SETUID"]);
  expect(found.complete).toBe(true);
});

test("keeps the weaker of two that do as well, from whatever it began with", async () => {
  const either: CapabilityTrial = async (set) =>
    set.includes("CAP_DAC_READ_SEARCH") || set.includes("CAP_DAC_OVERRIDE");
  const rings = [
    candidates({ likely: ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"] }),
    candidates({ files: ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"] }),
    candidates({}),
  ];
  for (const ring of rings) {
    expect((await searchCapabilities(ring, either)).capabilities).toEqual(["CAP_DAC_READ_SEARCH"]);
  }
});

test("looks further when what is likely is not enough, up to everything", async () => {
  const likely = ["CAP_DAC_OVERRIDE"] as const;
  const possible = ["CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_KILL"] as const;
  const near = await service("CAP_SYS_RESOURCE").search(candidates({ likely, possible }));
  expect(near.capabilities).toEqual(["CAP_SYS_RESOURCE"]);
  const far = await service("CAP_BPF", "CAP_KILL").search(candidates({ likely, possible }));
  expect(far.capabilities).toEqual(["CAP_KILL", "CAP_BPF"]);
  expect(far.complete).toBe(true);
});

test("a spent budget leaves a set that works, and says that it may not be the smallest", async () => {
  const { log, search } = service("CAP_BPF", "CAP_KILL");
  const found = await search(candidates({}), { budget: 6 });
  expect(found.complete).toBe(false);
  expect(found.runs).toBe(6);
  expect(log.length).toBe(6);
  expect(found.capabilities).toEqual(expect.arrayContaining(["CAP_KILL", "CAP_BPF"]));
});

test("a service that works with no set is not given a guess as an answer", async () => {
  const never = await searchCapabilities(candidates({ likely: ["CAP_KILL"] }), async () => false);
  expect(never.complete).toBe(false);
});

test("what fails in a trial fails the search", async () => {
  const broken = searchCapabilities(candidates({ likely: ["CAP_KILL"] }), () => Promise.reject(new Error("no box")));
  await expect(broken).rejects.toThrow("no box");
});

test("the drop-in resets the set before it names one", () => {
  expect(boundingSetDropIn([])).toBe("[Service]\nCapabilityBoundingSet=\n");
  expect(boundingSetDropIn(["CAP_KILL", "CAP_SETUID"])).toBe(
    "[Service]\nCapabilityBoundingSet=\nCapabilityBoundingSet=CAP_KILL CAP_SETUID\n",
  );
});
