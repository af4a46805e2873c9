/** Observations: the laws of merging, and the round trip through the document. Tests src/core/action. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Observation } from "../../src/core/action/action.ts";
import { readObservation, writeObservation } from "../../src/core/action/document.ts";
import { canonical, merge } from "../../src/core/action/merge.ts";
import { observation } from "./observation-values.ts";

function check(...properties: readonly fc.IProperty<[Observation, Observation, Observation]>[]): void {
  for (const property of properties) {
    fc.assert(property, { numRuns: 300 });
  }
}

test("merge is commutative, associative and idempotent, and its results are canonical", () => {
  check(
    fc.property(observation, observation, observation, (a, b, c) => {
      expect(merge(a, b)).toEqual(merge(b, a));
      expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      expect(merge(a, a)).toEqual(canonical(a));
      expect(merge(merge(a, b), b)).toEqual(merge(a, b));
      expect(canonical(merge(a, b))).toEqual(merge(a, b));
    }),
  );
});

// Follows the definition over plain lists, without keys, maps or any of merge's own code.
test("merge loses nothing and invents nothing", () => {
  check(
    fc.property(observation, observation, observation, (a, b, _) => {
      const merged = merge(a, b);
      for (const seen of [...a.seen, ...b.seen]) {
        const found = merged.seen.filter(
          (other) => other.result === seen.result && sameAction(other.action, seen.action),
        );
        expect(found).toHaveLength(1);
        expect(found[0]?.count).toBeGreaterThanOrEqual(seen.count);
        expect(found[0]?.executables).toEqual(expect.arrayContaining([...seen.executables]));
        expect(found[0]?.identities).toEqual(expect.arrayContaining([...seen.identities]));
      }
      for (const seen of merged.seen) {
        const sources = [...a.seen, ...b.seen].filter(
          (other) => other.result === seen.result && sameAction(other.action, seen.action),
        );
        expect(Math.max(...sources.map(({ count }) => count))).toBe(seen.count);
        const hosts = [...new Set(sources.flatMap((source) => source.hosts))].sort();
        expect(seen.hosts).toEqual(hosts.slice(0, 16));
      }
    }),
  );
});

function sameAction(a: Observation["seen"][number]["action"], b: typeof a): boolean {
  const covers = (some: readonly unknown[], all: readonly unknown[]) =>
    some.every((one) => all.some((other) => JSON.stringify(one) === JSON.stringify(other)));
  const plain = (call: typeof a.call) =>
    JSON.stringify("name" in call ? [call.name, call.abi, call.arguments] : [call.kind], (_, value: unknown) =>
      typeof value === "bigint" ? `big ${value}` : value,
    );
  return plain(a.call) === plain(b.call) && covers(a.needs, b.needs) && covers(b.needs, a.needs);
}

test("what is written is read back, and equal observations are equal texts", () => {
  check(
    fc.property(observation, observation, observation, (a, b, _) => {
      const text = writeObservation(a);
      expect(readObservation(text)).toEqual({ ok: true, value: canonical(a), diagnostics: [] });
      expect(writeObservation({ ...a, seen: [...a.seen].reverse(), gaps: [...a.gaps].reverse() })).toBe(text);
      expect(writeObservation(merge(a, b))).toBe(writeObservation(merge(b, a)));
    }),
  );
});

const CODES = ["observation-json", "observation-schema", "observation-shape"];

/** Expects an observation, or an error with a known code and a way out; never an exception. */
function expectAnswer(text: string): boolean {
  const parsed = readObservation(text, "o.json");
  if (parsed.ok) {
    expect(readObservation(writeObservation(parsed.value))).toEqual(parsed);
    return true;
  }
  expect(parsed.diagnostics).toHaveLength(1);
  expect(CODES).toContain(parsed.diagnostics[0]?.code);
  expect(parsed.diagnostics[0]?.help).toBeTruthy();
  expect(parsed.diagnostics[0]?.span?.file).toBe("o.json");
  return false;
}

test("a document that is cut off anywhere is refused", () => {
  const [sample] = fc.sample(observation, { numRuns: 1, seed: 7 });
  const text = writeObservation(sample as Observation).trimEnd();
  for (let length = 0; length < text.length; length++) {
    expect(expectAnswer(text.slice(0, length))).toBe(false);
  }
  expect(expectAnswer(text)).toBe(true);
});

test("10,000 damaged documents are read or refused, never thrown at the user", () => {
  let refused = 0;
  let read = 0;
  const damage = fc.tuple(observation, fc.nat(), fc.nat(12), fc.string({ maxLength: 6 }));
  fc.assert(
    fc.property(damage, ([value, at, length, inserted]) => {
      const text = writeObservation(value);
      const from = at % text.length;
      if (expectAnswer(text.slice(0, from) + inserted + text.slice(from + length))) {
        read++;
      } else {
        refused++;
      }
    }),
    { numRuns: 7000 },
  );
  const anything = fc.json({ maxDepth: 5 }).map((text) => text.replace(/^\{/, '{"schema":"cloison.observation/2",'));
  fc.assert(
    fc.property(anything, (text) => {
      expectAnswer(text);
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(1000);
  expect(read).toBeGreaterThan(10);
});

test("a document nested without end is refused, not recursed into", () => {
  const deep = '{"kind":"pointers","to":['.repeat(5000) + "]}".repeat(5000);
  const text = `{"schema":"cloison.observation/2","unit":"a","phases":[],"gaps":[],"seen":[{"action":{"call":{"abi":"x86_64","name":"read","arguments":[${deep}]},"needs":[]},"result":"ok","phases":[],"identities":[],"executables":[],"count":1,"hosts":[]}]}`;
  const refused = readObservation(text).diagnostics[0];
  expect(refused?.code).toBe("observation-json");
  expect(refused?.message).toBe("not a JSON document: nested more than 100 deep");
});
