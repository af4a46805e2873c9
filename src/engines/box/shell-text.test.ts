import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { command, quote, step } from "./shell-text.ts";

test("quote: whatever the words hold, sh hands on just these", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
  const nasty = fc.constantFrom("", "'", "$(id)", "`id`", "a b", "\n", "\\", "-n", "~", "*", "=x", "a'b'c", "#", "!");
  fc.assert(
    fc.property(fc.array(fc.oneof(word, nasty), { minLength: 1, maxLength: 6 }), (words) => {
      const said = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(quote).join(" ")}`], { encoding: "utf8" });
      expect(said.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

test("step names itself when it fails, command does not", () => {
  const run = (line: string) =>
    execFileSync("sh", ["-c", `fail() { echo "error $*"; exit 0; }\n${line}\necho on`], { encoding: "utf8" });
  expect(run(step("test", "a b", "=", "c"))).toBe("error test a b = c\n");
  expect(run(step("true"))).toBe("on\n");
  expect(run(command("false"))).toBe("on\n");
});
