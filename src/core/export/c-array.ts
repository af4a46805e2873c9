/** A filter as C source for any compiler: `struct sock_filter` of linux/filter.h. */
import type { Program } from "../bpf/instruction.ts";

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, "0")}`;

/**
 * An array of instructions and the `struct sock_fprog` around it, ready for prctl(2) or seccomp(2). `name` is a C
 * identifier. The words are numbers, so the text is right for the byte order that the filter was compiled for.
 *
 * @example
 * import { cArray } from "cloison";
 * import assert from "node:assert";
 * const text = cArray([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }], "allow");
 * assert.ok(text.includes("static struct sock_filter allow[] = {\n  { 0x0006, 0, 0, 0x7fff0000 },\n};"));
 */
export function cArray(program: Program, name = "filter"): string {
  return [
    "#include <linux/filter.h>",
    "",
    `static struct sock_filter ${name}[] = {`,
    ...program.map(({ code, jt, jf, k }) => `  { ${hex(code, 4)}, ${jt}, ${jf}, ${hex(k, 8)} },`),
    "};",
    "",
    `static const struct sock_fprog ${name}_program = { ${program.length}, ${name} };`,
    "",
  ].join("\n");
}
