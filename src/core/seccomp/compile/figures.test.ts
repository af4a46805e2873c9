import { expect, test } from "vitest";
import { assembleText } from "../../bpf/assemble-text.ts";
import type { Program } from "../../bpf/instruction.ts";
import { tableOf } from "../../kernel/syscalls/syscall.ts";
import { denyList, policyOf } from "../policy/build.ts";
import { figuresOf, longestPath, optimumOf } from "./figures.ts";

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

/** Counted by hand: how many instructions run for which call. */
const program = programOf(`
.abi x86_64
        ld nr
        jeq read, yes           ; read: 3 instructions
        jeq write, yes          ; write: 4
        ld args[0].lo
        jeq 1, yes              ; arguments of zeros: 6
        ret ERRNO(1)
yes:    ret ALLOW
`);

test("longestPath counts instructions on the longest way, jumps over others included", () => {
  expect(longestPath(program)).toBe(6);
  expect(longestPath(programOf("ret ALLOW\n"))).toBe(1);
  expect(longestPath(programOf("ja end\nret LOG\nend: ret ALLOW\n"))).toBe(2);
});

test("figuresOf: the mean is that of the calls that were counted, else of all calls of the table", () => {
  const counts = new Map([
    [0, 6],
    [1, 3],
    [2, 1],
  ]);
  expect(figuresOf(program, "x86_64", { x86_64: counts })).toEqual({
    instructions: 7,
    longest: 6,
    mean: (6 * 3 + 3 * 4 + 1 * 6) / 10,
  });
  const calls = Object.keys(tableOf("x86_64").numbers).length;
  expect(figuresOf(program, "x86_64").mean).toBeCloseTo((3 + 4 + 6 * (calls - 2)) / calls);
  expect(figuresOf(program, "x86_64", {}).mean).toBe(0);
});

test("optimumOf: four instructions and the tests of the best tree; the bound lies below", () => {
  // One `==` tells the one call from all others.
  const one = optimumOf(denyList(["reboot"], { kind: "errno", errno: "EPERM" }, ["x86_64"]), "x86_64");
  expect(one.tree).toBe(5);
  expect(one.bound).toBeGreaterThan(4);
  expect(one.bound).toBeLessThan(5);
  // All calls of the table get the same, but x32's numbers get something else.
  const all = optimumOf(policyOf([], { kind: "log" }, ["x86_64"]), "x86_64");
  expect(all).toEqual({ bound: 4, tree: 5 });
});
