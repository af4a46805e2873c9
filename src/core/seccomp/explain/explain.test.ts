/** Filters in words: nothing is made up, and nothing is too long to be read. Tests src/core/seccomp/explain. */
import { expect, test } from "vitest";
import { assembleText } from "../../bpf/assemble-text.ts";
import { explain, explanationText } from "./explain.ts";

/** The explanation of a listing. */
function said(text: string): readonly string[] {
  const assembled = assembleText(text);
  if (!assembled.ok) {
    throw new TypeError(assembled.diagnostics[0]?.message);
  }
  return explanationText(explain({ kind: "program", program: assembled.value.program })).split("\n");
}

/** The explanation of a filter for x86_64; `body` may jump to `yes` and `no` and finds the number in A. */
function told(body: string): readonly string[] {
  return said(
    `ld arch\njne AUDIT_ARCH_X86_64, no\nld nr\njge 0x40000000, no\n${body}\nyes: ret ALLOW\nno: ret ERRNO(1)\n`,
  );
}

test("what depends on more than arguments is told by its outcomes", () => {
  expect(told("jne 9, yes\nld ip.hi\njeq 0x7fff, no")).toContain("    mmap: in some cases → ALLOW, else ERRNO(EPERM)");
});

test("what cannot be followed is said to be so, and no action is made up", () => {
  const lines = told(
    "jeq 1, write\njne 2, yes\nld args[0].lo\nadd 3\ntax\nld args[1].lo\nadd x\njeq 3, no\nret ALLOW\nwrite: ld args[0].lo\nret a",
  );
  expect(lines).toContain("    write: not followed");
  expect(lines.join("\n")).not.toContain("KILL");
});

test("long conditions are folded", () => {
  const lines = told(
    ["jne 3, yes", "ld args[0].lo", ...Array.from({ length: 40 }, (_, place) => `jeq ${2 * place + 1}, no`)].join("\n"),
  );
  const start = lines.findIndex((line) => line.startsWith("    close: fd not in 1, 3, "));
  expect(lines[start + 1]).toMatch(/^ {8}\S/);
  expect(Math.max(...lines.slice(start, start + 3).map(({ length }) => length))).toBeLessThanOrEqual(110);
});

test("-1 is called so, and a group without a name is no group of calls", () => {
  const lines = said("ld nr\njeq 0xffffffff, out\nret ALLOW\nout: ret LOG\n");
  const start = lines.indexOf("  LOG (numbers without a name):");
  expect(lines[start + 1]).toBe("    -1");
});

test("numbers that are told apart by their bits are told call by call", () => {
  const lines = said("ld arch\njne AUDIT_ARCH_X86_64, no\nld nr\nand 1\njeq 0, no\nret ALLOW\nno: ret ERRNO(1)\n");
  // The holes come first: nobody reads on after four hundred calls.
  expect(lines[0]).toMatch(/^high: /);
  expect(lines.findLastIndex((line) => /^(high|medium|low): /.test(line))).toBe(
    lines.indexOf("x86_64 (0xc000003e), every other number: it depends") - 1,
  );
  const [allowed, denied] = ["  ALLOW (", "  ERRNO(EPERM) ("].map((head) => {
    const start = lines.findIndex((line) => line.startsWith(head));
    const end = lines.findIndex((line, place) => place > start && !line.startsWith("    "));
    return lines
      .slice(start + 1, end)
      .join(" ")
      .split(/[ ,]+/);
  });
  // write is 1, read 0.
  expect([allowed?.includes("write"), denied?.includes("write")]).toEqual([true, false]);
  expect([allowed?.includes("read"), denied?.includes("read")]).toEqual([false, true]);
});
