/** What docs/seccomp.md shows is what a user gets: its files are written, its commands run, their output compared. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandLine, commandLine } from "./fixtures/command-line.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/seccomp.md"), "utf8");
const blocks = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, text = ""]) => text);
/** A block whose first line is a comment that names a file is that file. */
const files = blocks.flatMap((text) => {
  const name = /^[;#] (\S+\.\w+)\n/.exec(text)?.[1];
  return name === undefined ? [] : [{ name, text }];
});
const commands = blocks.flatMap((text) => {
  const [, words, output] = /^\$ cloison (.*?)\n(.*)$/s.exec(text) ?? [];
  return words === undefined || output === undefined ? [] : [{ words, output }];
});

let cli: CommandLine;
beforeAll(() => {
  cli = commandLine();
  for (const { name, text } of files) {
    cli.file(name, text);
  }
});
afterAll(() => cli.remove());

test("the page has files and commands, and nothing that is neither", () => {
  expect(files.length).toBeGreaterThan(1);
  expect(commands.length).toBeGreaterThan(2);
  expect(files.length + commands.length).toBe(blocks.length);
});

test.each(commands)("$words", async ({ words, output }) => {
  const { stdout } = await cli.run(words.split(" "));
  // `…` on a line of its own stands for any lines.
  const parts = output.split(/^…\n/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  expect(stdout.trimEnd().concat("\n")).toMatch(new RegExp(`^${parts.join("(?:.*\\n)*?")}$`));
});
