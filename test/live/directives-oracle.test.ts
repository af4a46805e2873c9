/**
 * Our folding of directives against systemd's. A unit of random lines and one of what we print for the folded values must look
 * the same to systemd: the oracle is its own reading of both, no normal form of ours. So must a unit with our drop-in below its
 * own lines and one with the joined values alone. Tests src/core/directives.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue as all } from "../../src/core/directives/catalogue.ts";
import type { AnyDirective } from "../../src/core/directives/directive.ts";
import { foldUnit, type Host } from "../../src/core/directives/sandbox.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { type Line, linesOf } from "../property/directive-lines.ts";
import { compared, type Pair } from "./fixtures/same-to-systemd.ts";

const host: Host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
const UNITS = 60;

/** Those that the systemd of the box knows. */
const catalogue = all.filter(({ since }) => since <= host.systemd);

/** Of these systemctl shows nothing, or what other directives make of them. */
const UNSHOWN = new Set(["BindLogSockets", "LoadCredential", "LoadCredentialEncrypted", "NFTSet", "SetCredential"]);

let box: Box;

beforeAll(async () => {
  // The guard of the host's hardware is a drop-in on every unit; nothing is started here.
  box = await bootBox({ name: "directives", allowHost: ["modules", "clock", "raw-io", "boot", "devices"] });
});

afterAll(() => box?.down());

function fold(lines: readonly Line[]): ReadonlyMap<string, unknown> {
  return foldUnit(
    (name) =>
      lines.filter((line) => line.name === name).map(({ value }, line) => ({ value, file: "oracle", line: line + 1 })),
    host,
  ).values;
}

function valueIn(values: ReadonlyMap<string, unknown>, directive: AnyDirective): unknown {
  return values.has(directive.name) ? values.get(directive.name) : directive.initial;
}

function printed(values: ReadonlyMap<string, unknown>, below?: ReadonlyMap<string, unknown>): readonly Line[] {
  return catalogue.flatMap((directive) => {
    const before = below === undefined ? directive.initial : valueIn(below, directive);
    return directive
      .print(valueIn(values, directive), before, host.machine)
      .map((value) => ({ name: directive.name, value }));
  });
}

/** Every directive in one unit: some lines of each. */
const unit = fc.tuple(...catalogue.map(linesOf)).map((lines) => lines.flat());

async function compare(prefix: string, pairs: readonly Pair[]): Promise<readonly string[]> {
  const { differences, telling } = await compared(box, prefix, catalogue, pairs);
  const constant = catalogue.filter(({ name }) => !telling.has(name) && !UNSHOWN.has(name));
  expect(
    constant.map(({ name }) => name),
    "what differs from unit to unit",
  ).toEqual([]);
  return differences;
}

test("what we fold and print means the same to systemd", async () => {
  const units = fc.sample(unit, { numRuns: UNITS, seed: 257 });
  const pairs = units.map((first) => ({ first, second: printed(fold(first)) }));
  expect(await compare("fold", pairs)).toEqual([]);
}, 120_000);

test("a drop-in of ours below a unit's lines means the joined values to systemd", async () => {
  const units = fc.sample(fc.tuple(unit, unit), { numRuns: UNITS, seed: 258 });
  const pairs = units.map(([own, wanted]) => {
    const [below, candidate] = [fold(own), fold(wanted)];
    const joined = new Map(
      catalogue.map((each) => [each.name, each.meet(valueIn(candidate, each), valueIn(below, each), host.machine)]),
    );
    return { first: [...own, ...printed(joined, below)], second: printed(joined) };
  });
  expect(await compare("meet", pairs)).toEqual([]);
}, 120_000);
