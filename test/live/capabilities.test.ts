import { expect, test } from "vitest";
import type { Capability } from "../../src/core/kernel/capability.ts";
import { capabilityCandidates, withCapabilities } from "../../src/core/synthesis/capabilities.ts";
import { type SmallestCapabilities, smallestCapabilities } from "../../src/engines/life/capabilities.ts";
import { firstBroken } from "../../src/engines/life/first-broken.ts";
import { type Rehearsed, tryLife, watchLife } from "../../src/engines/life/trial.ts";
import { wallsOf } from "../../src/engines/life/walls.ts";
import { checkout, layersOf, sampleOf } from "./fixtures/samples.ts";

function rehearsed(name: string, traceCapabilities: boolean): Rehearsed {
  const sample = sampleOf(name);
  return {
    target: { kind: "installed", name: sample.unit },
    workload: { command: sample.workload.join(" "), directory: checkout, timeoutMs: 280_000, environment: {} },
    companions: sample.start,
    box: {
      layers: layersOf("samples"),
      addresses: sample.addresses,
      bindReadOnly: [{ source: checkout, target: checkout }],
    },
    traceCapabilities,
  };
}

interface Found extends SmallestCapabilities {
  readonly traced: boolean;
  /** The capabilities that the observation names afterwards. */
  readonly named: readonly string[];
}

async function find(name: string, trace: boolean): Promise<Found> {
  const what = rehearsed(name, trace);
  const watched = await watchLife(what, undefined);
  expect(watched.life.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  const { sandbox } = wallsOf(watched.service);
  const traced = watched.capabilitiesTraced;
  const candidates = capabilityCandidates(watched.observation, sandbox, traced);
  const found = await smallestCapabilities(what, watched, candidates, () => undefined, { enough: traced });
  const { seen } = withCapabilities(watched.observation, candidates, found);
  const needs = seen.flatMap(({ action }) => action.needs);
  const names = needs.flatMap((need) => (need.kind === "capability" ? [need.capability] : []));
  return { ...found, traced, named: [...new Set(names)] };
}

// What each does as root: take a low port, give files to its workers' user, write that user's files, become that user.
const PATIENCE = 240_000;
const expected: Readonly<Record<string, readonly Capability[]>> = {
  nginx: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID", "CAP_NET_BIND_SERVICE"],
  "php-fpm": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"],
};

test.each(Object.keys(expected))(
  "%s needs the same set by trial as by the kernel's word",
  async (name) => {
    const [tried, asked] = await Promise.all([find(name, false), find(name, true)]);
    expect(tried.traced).toBe(false);
    expect(tried).toMatchObject({ capabilities: expected[name], complete: true });
    expect(asked).toMatchObject({ capabilities: expected[name], complete: true });
    for (const { named } of [tried, asked]) {
      expect(expected[name]).toEqual(expect.arrayContaining([...named]));
    }
  },
  PATIENCE,
);

test(
  "every capability of the set is needed: without any one of them nginx does not live",
  async () => {
    const what = rehearsed("nginx", false);
    const whole = expected.nginx!;
    const alive = await tryLife(what, `[Service]\nCapabilityBoundingSet=\nCapabilityBoundingSet=${whole.join(" ")}\n`);
    expect(firstBroken(alive, alive)).toBeUndefined();
    expect(alive.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    for (const spared of whole) {
      const rest = whole.filter((each) => each !== spared).join(" ");
      const life = await tryLife(what, `[Service]\nCapabilityBoundingSet=\nCapabilityBoundingSet=${rest}\n`);
      expect([spared, firstBroken(alive, life)?.phase]).toEqual([
        spared,
        expect.stringMatching(/start|workload|reload|restart|stop/),
      ]);
    }
  },
  PATIENCE,
);
