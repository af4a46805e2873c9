/** Printing: what is coloured, what is made harmless, how progress looks with and without a terminal. */
import { expect, test } from "vitest";
import { piece } from "../core/report/lines.ts";
import { harmless, paint, terminal, wantsColour } from "./terminal.ts";

function sink(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

test("wantsColour: a terminal, unless NO_COLOR has a value or the terminal is dumb", () => {
  expect(wantsColour(sink(true), {})).toBe(true);
  expect(wantsColour(sink(true), { NO_COLOR: "" })).toBe(true);
  expect(wantsColour(sink(true), { NO_COLOR: "1" })).toBe(false);
  expect(wantsColour(sink(true), { TERM: "dumb" })).toBe(false);
  expect(wantsColour(sink(false), {})).toBe(false);
});

test("paint: a tone is a colour, closed on the same line; without colours the text alone", () => {
  const lines = [[piece("ok", "good"), piece(" done")], []];
  expect(paint(lines, true)).toBe("\u001b[32mok\u001b[0m done\n\n");
  expect(paint(lines, false)).toBe("ok done\n\n");
});

test("harmless: only our own colours pass, and only when colours are on", () => {
  const line = "\u001b[32mok\u001b[0m \u001b[2J\u001b]0;owned\u0007\u202e";
  expect(harmless(line, true)).toBe("\u001b[32mok\u001b[0m \\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{202e}");
  expect(harmless(line, false)).toBe("ok \\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{202e}");
});

test("terminal: without a terminal every step is a line on stderr and the result alone on stdout", () => {
  const [stdout, stderr] = [sink(false), sink(false)];
  let milliseconds = 5000;
  const output = terminal({ stdout, stderr, env: {}, now: () => milliseconds });
  output.say("observing 1/2");
  milliseconds += 127_900;
  output.say("rehearsing 2/2");
  output.note("a\u001b[2Jb");
  output.result("first\nsecond\n\n");
  output.result("");
  output.done();
  expect(stderr.written).toEqual(["  0 s  observing 1/2\n", " 2:07  rehearsing 2/2\n", "a\\u{1b}[2Jb\n"]);
  expect(stdout.written.join("")).toBe("first\nsecond\n");
});

test("terminal: on a terminal progress is one line, out of the way of what is printed, and gone at the end", () => {
  const [stdout, stderr] = [sink(true), sink(true)];
  const output = terminal({ stdout, stderr, env: { NO_COLOR: "1" }, now: () => 0 });
  output.say("attacking 3/6");
  output.tell("told");
  output.done();
  const bar = `${"━".repeat(12)}${"─".repeat(12)} 3/6  attacking  0 s`;
  expect(stderr.written).toEqual([`\r\u001b[K${bar}`, "\r\u001b[K", `\r\u001b[K${bar}`, "\r\u001b[K"]);
  expect(stdout.written).toEqual(["told\n"]);
});

test("terminal: a long step is cut, for a line that wraps could not be rewritten", () => {
  const [stdout, stderr] = [sink(true), sink(true)];
  terminal({ stdout, stderr, env: { NO_COLOR: "1" }, now: () => 0 }).say("x".repeat(200));
  expect(stderr.written.join("").replace("\r\u001b[K", "").length).toBe(59);
});

test("terminal: JSON stays JSON, whatever it holds", () => {
  const stdout = sink(false);
  const value = { path: "/srv/\u001b[2J\u009b\u202e\u2028", list: [1] };
  terminal({ stdout, stderr: sink(false), env: {} }).data(value);
  const text = stdout.written.join("");
  expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  expect(JSON.parse(text)).toEqual(value);
});
