/**
 * Laws of synthesis over random units and observations: what worked still works, no wall is weaker, and the drop-in's text,
 * parsed again together with the unit's own lines, builds exactly the sandbox that the search found. Tests src/core/synthesis.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action, Argument, Observation, Seen } from "../../src/core/action/action.ts";
import { foldUnit, sandboxOf } from "../../src/core/directives/sandbox.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { behind, outcomeOf } from "../../src/core/sandbox/judge.ts";
import { printDropIn } from "../../src/core/synthesis/print.ts";
import { synthesize } from "../../src/core/synthesis/synthesize.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { host, levels, observation, reader, unit } from "./random-units.ts";

/** How many units each law is asked of; a third as many where each is long work. */
const RUNS = Number(process.env.RUNS ?? 12);

function numbers(...values: readonly bigint[]): readonly Argument[] {
  return values.map((value) => ({ kind: "number", value }));
}

function seenOnce(action: Action): Seen {
  const [identities, executables] = [[{ uid: 0, gid: 0 }], ["/usr/bin/app"]];
  return { action, result: "ok", phases: ["start"], identities, executables, count: 1, hosts: [] };
}

function written(path: string): Seen {
  const call = { abi: "x86_64", name: "openat", arguments: numbers(0n, 0n, 0n, 420n) } as const;
  return seenOnce({ call, needs: [{ kind: "path", path, access: "write" }] });
}

/** Here two walls are given back, the second of which had opened /run/app in a third. */
const givenBack: Observation = {
  schema: "cloison.observation/2",
  unit: "app.service",
  seen: [
    written("/run/app/z"),
    written("/home/x/a"),
    seenOnce({
      call: { abi: "x86_64", name: "mmap", arguments: numbers(0n, 4096n, 0n, 34n) },
      needs: [{ kind: "memory", operation: "map", writable: false, executable: false }],
    }),
  ],
  gaps: [],
  phases: ["start"],
};

test("synthesize: what worked still works, and no wall is weaker", () => {
  let kept = 0;
  fc.assert(
    fc.property(unit, observation, levels, (own, what, level) => {
      const { values } = foldUnit(reader(own), host);
      const { before, after } = synthesize({ observation: what, values, host, level });
      expect(loosened(before, after)).toEqual([]);
      for (const { action, result, identities } of what.seen) {
        const who = identities[0];
        if (result !== "ok" || who === undefined) {
          continue;
        }
        if (outcomeOf(behind(before, who).walls, action) !== "allowed") {
          continue;
        }
        kept += 1;
        const made = () => true;
        expect(outcomeOf(behind(after, who).walls, action, { made })).toBe("allowed");
      }
    }),
    { numRuns: RUNS, examples: [[[], givenBack, "balanced"]] },
  );
  expect(kept).toBeGreaterThan(12);
}, 120_000);

test("printDropIn: read back beside the unit's lines it builds the sandbox that was searched, whatever the paths", () => {
  fc.assert(
    fc.property(unit, observation, levels, (own, what, level) => {
      const { values } = foldUnit(reader(own), host);
      const result = synthesize({ observation: what, values, host, level });
      const text = printDropIn(result, ["header"]);
      const built = sandboxOf(reader(own, text), host);
      expect(built.sandbox).toEqual(result.after);
      const read = parse(text, "zz-cloison.conf");
      expect(read.diagnostics).toEqual([]);
      const entries = read.ok ? read.value.entries : [];
      const known = new Set(result.settings.map(({ directive }) => directive));
      for (const entry of entries) {
        if (entry.kind === "section") {
          expect(entry.name).toBe("Service");
        }
        if (entry.kind === "assignment") {
          expect(known).toContain(entry.key);
        }
      }
      expect(text).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\u2028\u2029]/u);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

test("synthesize: the order in which things were seen does not matter", () => {
  fc.assert(
    fc.property(observation, (what) => {
      const { values } = foldUnit(reader([]), host);
      const walls = (each: Observation) =>
        synthesize({ observation: each, values, host, level: "balanced" }).settings.map(({ directive, lines }) => [
          directive,
          lines,
        ]);
      expect(walls({ ...what, seen: what.seen.toReversed() })).toEqual(walls(what));
    }),
    { numRuns: Math.ceil(RUNS / 3) },
  );
}, 120_000);
