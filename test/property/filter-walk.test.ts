/**
 * Walking a program symbolically against running it, for programs of every kind. CLOISON_RUNS=n tries more. Tests
 * src/core/seccomp/diagram and src/core/seccomp/walk.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { emulateWords } from "../../src/core/bpf/emulate.ts";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import { createDiagrams } from "../../src/core/seccomp/diagram/diagram.ts";
import { leafAt } from "../../src/core/seccomp/diagram/value-at.ts";
import { offsetOfWord } from "../../src/core/seccomp/diagram/words.ts";
import { walk } from "../../src/core/seccomp/walk/walk.ts";
import { ordinaryProgram, wildProgram, words } from "./random-program.ts";

const runs = { numRuns: Number(process.env.CLOISON_RUNS ?? 150) };

/** How often the walk knew the answer; whenever it does, the emulator must agree. */
function known(program: Program, inputs: readonly Uint32Array[], littleEndian: boolean, atoms: boolean): number {
  expect(validate(program)).toEqual([]);
  const { diagrams, root } = walk(program, { littleEndian, diagrams: createDiagrams(undefined, atoms) });
  let count = 0;
  for (const input of inputs) {
    const leaf = leafAt(diagrams, root, (word) => input[offsetOfWord(word, littleEndian) / 4]!);
    const outcome = emulateWords(program, input);
    if (leaf?.kind !== "return") {
      continue;
    }
    expect(outcome.kind === "return" && outcome.value).toBe(leaf.value);
    count += 1;
  }
  return count;
}

const inputs = fc.array(words, { minLength: 30, maxLength: 30 });

test("walk: programs of loads, comparisons and masks are known everywhere, in both byte orders", () => {
  fc.assert(
    fc.property(ordinaryProgram, inputs, fc.boolean(), fc.boolean(), (program, list, littleEndian, atoms) => {
      expect(known(program, list, littleEndian, atoms)).toBe(list.length);
    }),
    runs,
  );
});

test("walk: programs with every operation are never told wrong, and mostly told", () => {
  let [told, all] = [0, 0];
  fc.assert(
    fc.property(wildProgram, inputs, fc.boolean(), fc.boolean(), (program, list, littleEndian, atoms) => {
      told += known(program, list, littleEndian, atoms);
      all += list.length;
    }),
    runs,
  );
  expect(told / all).toBeGreaterThan(0.8);
});
