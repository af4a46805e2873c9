import { expect, test } from "vitest";
import { parseArguments, wordsOf } from "./arguments.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

const all: readonly Verb[] = verbs.flatMap((each) => ("verbs" in each ? each.verbs : [each]));

/** Every option of every verb that takes a value, with one that it takes. */
const valued = all.flatMap((verb) => {
  const operands = Array(verb.operands.min).fill("x");
  return Object.entries(verb.options)
    .filter(([, { type, bare }]) => type === "string" && bare !== true)
    .map(([name, { choices, multiple }]) => ({ verb, operands, name, value: choices?.[0] ?? "1", multiple }));
});

test("parseArguments refuses a second value where an option has one, of every verb", () => {
  const single = valued.filter(({ multiple }) => multiple !== true);
  expect(single.length).toBeGreaterThan(20);
  for (const { verb, operands, name, value } of single) {
    const twice = (): unknown => parseArguments(verb, [...operands, `--${name}`, value, `--${name}=${value}`]);
    expect(twice, `${verb.name} --${name}`).toThrow(`--${name} is given twice`);
    expect(parseArguments(verb, [...operands, `--${name}`, value]).one(name)).toBe(value);
  }
});

test("parseArguments: an option that may stand alone has an empty value then, and takes no word that follows", () => {
  const [harden] = all.filter(({ name }) => name === "harden");
  if (harden === undefined) {
    throw new Error("no harden");
  }
  const alone = parseArguments(harden, ["--own-user", "a.service"]);
  expect([alone.one("own-user"), alone.operands]).toEqual(["", ["a.service"]]);
  const given = parseArguments(harden, ["a.service", "--own-user=web"]);
  expect(given.one("own-user")).toBe("web");
  expect([alone, given].map((each) => wordsOf(harden, each))).toEqual([
    ["harden", "a.service", "--own-user"],
    ["harden", "a.service", "--own-user=web"],
  ]);
  expect(parseArguments(harden, ["a.service"]).one("own-user")).toBeUndefined();
});

test("parseArguments keeps every value where an option may be repeated, and one flag of two", () => {
  const repeated = valued.filter(({ multiple }) => multiple === true);
  expect(repeated.length).toBeGreaterThan(5);
  for (const { verb, operands, name, value } of repeated) {
    const given = parseArguments(verb, [...operands, `--${name}`, value, `--${name}`, value]);
    expect(given.many(name)).toEqual([value, value]);
  }
  const [verb] = all;
  if (verb === undefined) {
    throw new Error("no verb");
  }
  const operands = Array(verb.operands.min).fill("x");
  expect(parseArguments(verb, [...operands, "--json", "--json"]).flag("json")).toBe(true);
});
