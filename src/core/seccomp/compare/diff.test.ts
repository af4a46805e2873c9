import { expect, test } from "vitest";
import { assembleText } from "../../bpf/assemble-text.ts";
import type { Filter } from "../filter/filter.ts";
import { diff } from "./diff.ts";

function filter(body: string): Filter {
  const text = `ld arch\njne AUDIT_ARCH_X86_64, no\nld nr\njge 0x40000000, no\n${body}ret ALLOW\nno: ret ERRNO(1)\n`;
  const assembled = assembleText(text);
  if (!assembled.ok) {
    throw new TypeError(assembled.diagnostics[0]?.message);
  }
  return { kind: "program", program: assembled.value.program };
}

test("of numbers that are told apart by their bits those that differ are named, and no others", () => {
  const compared = diff(filter(""), filter("jset 1, no\n"));
  if (compared.kind !== "compared") {
    throw new TypeError(compared.reason);
  }
  expect(compared.relation).toBe("stricter");
  const calls = compared.differences.flatMap((difference) => difference.calls);
  // read is 0, write 1, open 2, close 3.
  expect(["read", "write", "open", "close"].filter((call) => calls.includes(call))).toEqual(["write", "close"]);
});
