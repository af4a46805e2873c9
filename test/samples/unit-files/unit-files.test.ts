/**
 * Whole unit files: what each of `good` means is written beside it by hand (test/live/unit-oracle.test.ts asks systemd the same), and
 * each of `bad` gives the diagnostic named in `bad/expected.json`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkService, commandsOf, parseStrictly } from "../../../src/core/unit/check.ts";
import { parseServiceName } from "../../../src/core/unit/name.ts";
import { parse } from "../../../src/core/unit/parse.ts";
import { expandSpecifiers } from "../../../src/core/unit/specifier.ts";
import { lastOf, listOf, specifiersOf, type Unit } from "../../../src/core/unit/unit.ts";
import { print } from "../../../src/core/unit/unit-file.ts";

const here = import.meta.dirname;

function unitOf(file: string): Unit {
  const text = readFileSync(`${here}/good/${file}`, "utf8");
  const path = `/etc/systemd/system/${file}`;
  const parsed = parse(text, path);
  const name = parseServiceName(file.replace("@.", "@a-b\\x2dc."));
  if (!parsed.ok || !name.ok) {
    throw new Error(`${file}: not parsed`);
  }
  expect(print(parsed.value)).toBe(text);
  return { name: name.value, fragment: path, files: [parsed.value] };
}

/** What the unit sets, in the form of the expectations: argv per command, variables (a later one replaces an earlier), text. */
function meaningOf(unit: Unit, key: string): unknown {
  const context = specifiersOf(unit);
  const expand = (text: string) => expandSpecifiers(text, context).text;
  if (key === "Description") {
    return expand(lastOf(unit, "Unit", key)?.value ?? "");
  }
  if (key.startsWith("Exec")) {
    const { commands } = commandsOf(unit);
    return commands.filter((command) => command.key === key).map((command) => command.argv.map(expand));
  }
  const items = listOf(unit, "Service", key, key === "Environment" ? "command" : "list").items.map(
    (item) => item.value,
  );
  if (key !== "Environment") {
    return items;
  }
  return [...new Map(items.map((item) => [item.split("=")[0], item])).values()];
}

const good = readdirSync(`${here}/good`).filter((name) => name.endsWith(".service"));

test.each(good)("good/%s means what is written beside it", (file) => {
  const expected = JSON.parse(readFileSync(`${here}/good/${file.replace(".service", ".json")}`, "utf8"));
  const unit = unitOf(file);
  expect(Object.keys(expected).length).toBeGreaterThan(0);
  expect(Object.fromEntries(Object.keys(expected).map((key) => [key, meaningOf(unit, key)]))).toEqual(expected);
});

const bad = JSON.parse(readFileSync(`${here}/bad/expected.json`, "utf8")) as Record<
  string,
  { code: string; line?: number }
>;

test("every bad file has an expectation", () => {
  const files = readdirSync(`${here}/bad`).filter((name) => name !== "expected.json");
  expect(files.sort()).toEqual(Object.keys(bad).sort());
});

test.each(Object.keys(bad))("bad/%s is refused with its place", (file) => {
  const text = readFileSync(`${here}/bad/${file}`, "utf8");
  const parsed = parseStrictly(text, file);
  const name = parseServiceName("x.service");
  if (!name.ok) {
    throw new Error("unreachable");
  }
  const diagnostics = parsed.ok ? checkService({ name: name.value, files: [parsed.value] }) : parsed.diagnostics;
  expect(diagnostics.some((each) => each.severity === "error")).toBe(true);
  expect(diagnostics.map(({ code, span }) => ({ code, ...(span ? { line: span.line } : {}) }))).toContainEqual(
    bad[file],
  );
});
