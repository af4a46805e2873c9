/** A value written to a drop-in is read back unchanged and adds nothing else. Tests src/core/unit. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExec } from "../../src/core/unit/exec.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { printAssignment, printCommand, quoteValue } from "../../src/core/unit/print.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { assignmentsOfFile, listOf } from "../../src/core/unit/unit.ts";
import { nextWord, splitWords } from "../../src/core/unit/words.ts";
import { hostileText } from "./hostile-text.ts";

const found = parseServiceName("app@x-y.service");
if (!found.ok) {
  throw new Error("unreachable");
}
const name = found.value;
const context = { name };
const CONTROL = /\p{Control}/u;
/** What Unicode excludes from text: surrogates and noncharacters. */
const NO_TEXT = /[\p{Surrogate}\p{Noncharacter_Code_Point}]/u;

/** Reads a drop-in back as systemd would, and insists that it holds one assignment and no more. */
function readBack(line: string, key: string, syntax: "list" | "command"): readonly string[] {
  const text = `[Service]\n${line}`;
  const parsed = parse(text, "zz-cloison.conf");
  expect(parsed.diagnostics).toEqual([]);
  if (!parsed.ok) {
    throw new Error("not parsed");
  }
  expect(parsed.value.entries.length).toBe(2);
  return listOf({ name, files: [parsed.value] }, "Service", key, syntax).items.map((item) => item.value);
}

test("printAssignment: words read back the same, in lists and in commands, or are refused", () => {
  let refused = 0;
  let written = 0;
  const property = fc.property(fc.array(hostileText, { minLength: 1, maxLength: 4 }), (words) => {
    const line = printAssignment("ReadWritePaths", words);
    const writable = words.every((word) => !CONTROL.test(word) && !NO_TEXT.test(word));
    expect(line.ok).toBe(writable);
    if (!line.ok) {
      refused++;
      expect(line.diagnostics[0]?.severity).toBe("error");
      return;
    }
    written++;
    expect(readBack(line.value, "ReadWritePaths", "list")).toEqual(words);
    expect(readBack(line.value, "ReadWritePaths", "command")).toEqual(words);
  });
  fc.assert(property, { numRuns: 3000 });
  expect(refused).toBeGreaterThan(100);
  expect(written).toBeGreaterThan(100);
});

test("printCommand: one command with the same arguments, no variable, no prefix", () => {
  const property = fc.property(
    fc.array(
      hostileText.filter((text) => !CONTROL.test(text)),
      { maxLength: 4 },
    ),
    (words) => {
      const line = printCommand("ExecStart", ["/bin/true", ...words]);
      if (!line.ok) {
        return;
      }
      const parsed = parse(`[Service]\n${line.value}`, "a.service");
      if (!parsed.ok) {
        throw new Error("not parsed");
      }
      const [assignment, ...others] = assignmentsOfFile(parsed.value, "Service", "ExecStart");
      expect(others).toEqual([]);
      const span = { file: "a.service", line: 2, column: 1 };
      const commands = parseExec(assignment?.value ?? "", span);
      if (!commands.ok) {
        throw new Error("not parsed");
      }
      expect(commands.value.length).toBe(1);
      const argv = commands.value[0]?.argv.slice(1).map((word) => expandSpecifiers(word, context).text);
      // systemd reads $$ as a dollar sign that begins no variable.
      expect(argv?.map((word) => word.replaceAll("$$", "$"))).toEqual(words);
      expect(argv?.every((word) => !/\$/.test(word.replaceAll("$$", "")))).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test("quoteValue: two words with a colon between them are told apart", () => {
  const text = hostileText.filter((each) => !CONTROL.test(each));
  const property = fc.property(text, text, (source, target) => {
    const [left, right] = [quoteValue(source, ":"), quoteValue(target, ":")];
    if (!left.ok || !right.ok) {
      return;
    }
    const joined = `${left.value}:${right.value}`;
    const first = nextWord(joined, 0, "list", ": \t\n\r");
    const second = nextWord(joined, first.next, "list", ": \t\n\r");
    const expand = (word: string | undefined) => expandSpecifiers(word ?? "", context).text;
    expect([expand(first.word), expand(second.word)]).toEqual([source, target]);
    expect(splitWords(joined).words.length).toBe(1);
  });
  fc.assert(property, { numRuns: 2000 });
});
