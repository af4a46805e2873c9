/**
 * Long programs with too many paths to enumerate: chains in which every test may end the program, braids whose branches
 * join again, words that are masked, shifted and stored for later.
 */
import fc from "fast-check";
import type { Instruction, Program } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";

const plain = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 });
const load = (word: number): Instruction => plain(OPCODES.LD_ABS, 4 * word);
const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k: k >>> 0 });
const give = (errno: number): Instruction => plain(OPCODES.RET, 0x50000 + errno);

/** Random numbers below a bound, reproducible by their seed: fast-check is slow for thousands of values. */
type Below = (bound: number) => number;

function below(seed: number): Below {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
}

const any = (random: Below): number => random(0x10000) * 0x10000 + random(0x10000);
const argument = (random: Below): Instruction => load(4 + random(12));

/** A few instructions that can be chained; jumps skip at most six instructions. */
const links = {
  "a test of masked bits, each with a return": (random: Below) => [
    argument(random),
    plain(OPCODES.AND, any(random)),
    jump(OPCODES.JEQ, 0, 1, 0),
    give(random(200)),
  ],
  "a test of any bit, each with a return": (random: Below) => [
    argument(random),
    jump(OPCODES.JSET, any(random), 0, 1),
    give(random(200)),
  ],
  "a comparison, each with a return": (random: Below) => [
    argument(random),
    jump(OPCODES.JGT, any(random), 0, 1),
    give(random(200)),
  ],
  "braided comparisons": (random: Below) => [argument(random), jump(OPCODES.JGT, any(random), random(4), random(4))],
  "braided bits": (random: Below) => [argument(random), jump(OPCODES.JSET, any(random), random(6), random(6))],
  "bits of the number": (random: Below) => [load(random(2)), jump(OPCODES.JSET, any(random), random(5), random(5))],
  "shifted words": (random: Below) => [
    argument(random),
    plain(OPCODES.RSH, random(20)),
    jump(OPCODES.JGT, any(random) >>> random(20), random(5), random(5)),
  ],
  "words that are kept": (random: Below) => [
    plain(OPCODES.LD_MEM, random(16)),
    jump(OPCODES.JSET, any(random), random(3), random(3)),
    plain(OPCODES.AND, any(random)),
    plain(OPCODES.ST, random(16)),
  ],
} satisfies Record<string, (random: Below) => readonly Instruction[]>;

/** How to generate such a program; small, so that a counterexample can be read. */
export interface Recipe {
  readonly link: keyof typeof links;
  readonly length: number;
  readonly seed: number;
}

/** Recipes for programs of up to about `longest` instructions. */
export function recipe(longest: number): fc.Arbitrary<Recipe> {
  return fc.record({
    link: fc.constantFrom(...(Object.keys(links) as Recipe["link"][])),
    length: fc.integer({ min: 60, max: longest }),
    seed: fc.nat(),
  });
}

/** The program of a recipe; valid for the kernel. */
export function written({ link, length, seed }: Recipe): Program {
  const random = below(seed);
  const kept = Array.from({ length: 16 }, (_, cell) => [load(cell), plain(OPCODES.ST, cell)]).flat();
  const body: Instruction[] = [];
  while (body.length + 40 < length) {
    body.push(...links[link](random));
  }
  const ends = Array.from({ length: 7 }, (_, place) => give(place + 1));
  return [...kept, ...body, ...ends];
}
