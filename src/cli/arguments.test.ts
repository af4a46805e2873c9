import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

const all: readonly Verb[] = verbs.flatMap((each) => ("verbs" in each ? each.verbs : [each]));

/** Every option of every verb that takes a value, with one that it takes. */
const valued = all.flatMap((verb) => {
  const operands = Array(verb.operands.min).fill("x");
  return Object.entries(verb.options)
    .filter(([, { type }]) => type === "string")
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
