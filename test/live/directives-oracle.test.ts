/**
 * Our folding of directives against systemd's. A unit of random lines and one of what we print for the folded values must look
 * the same to systemd: the oracle is its own reading of both, no normal form of ours. So must a unit with our drop-in below its
 * own lines and one with the joined values alone. Tests src/core/directives.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sectionOf } from "../../src/core/directives/assignments.ts";
import { catalogue as all } from "../../src/core/directives/catalogue.ts";
import type { AnyDirective } from "../../src/core/directives/directive.ts";
import { unitePrefixes } from "../../src/core/directives/network/_prefix-list.ts";
import { foldUnit, type Host } from "../../src/core/directives/sandbox.ts";
import { isSyscallName } from "../../src/core/kernel/syscalls/syscall.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { type Line, linesOf } from "../property/directive-lines.ts";

const host: Host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
const UNITS = 60;

/** Those that the systemd of the box knows. */
const catalogue = all.filter(({ since }) => since <= host.systemd);

/** Names under which systemd shows the text of which the plain property is a boolean. */
const SHOWN: Readonly<Record<string, string>> = {
  PrivateTmp: "PrivateTmpEx",
  PrivateUsers: "PrivateUsersEx",
  ProtectControlGroups: "ProtectControlGroupsEx",
};

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

interface Pair {
  readonly first: readonly Line[];
  readonly second: readonly Line[];
}

/** Of sets, what makes no difference: words that another covers, calls of other machines, the unit's own name. */
function comparable(name: string, text: string, unitName: string): string {
  const words = text.split(" ").filter((word) => word !== "");
  switch (name) {
    case "User":
    case "Group":
      return text === unitName ? "" : text;
    case "SystemCallArchitectures":
      return words.filter((word) => word !== "native").join(" ");
    case "RestrictNetworkInterfaces":
      return text === "~" ? "" : text;
    case "SystemCallLog":
    case "SystemCallFilter": {
      const mode = text.includes("~") ? "~" : "";
      const calls = words.map((word) => word.replace("~", ""));
      if (name === "SystemCallLog" && text === "~") {
        // Also shown for none at all.
        return "";
      }
      return [mode, ...calls.filter((word) => isSyscallName(word.replace(/:.*/, ""))).sort()].join(" ");
    }
    case "DeviceAllow": {
      const access = new Map<string, string>();
      for (const word of words) {
        const [device = "", letters = ""] = word.split(":");
        access.set(device, [...new Set((access.get(device) ?? "") + letters)].sort().join(""));
      }
      return JSON.stringify([...access]);
    }
    case "IPAddressAllow":
    case "IPAddressDeny":
      return unitePrefixes(words).join(" ");
    default:
      return name.endsWith("Paths") && !name.startsWith("Bind")
        ? words.filter((word) => !words.includes(word.replace("-", "")) || !word.startsWith("-")).join(" ")
        : text;
  }
}

/** What systemd shows of a unit, by directive; order and repetition inside lists have no meaning. */
async function shown(names: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const wanted = ["Id", ...catalogue.map(({ name }) => SHOWN[name] ?? name)];
  const { stdout } = await box.systemctl("show", `--property=${wanted.join(",")}`, ...names);
  const units = stdout.split("\n\n").map((block) => {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const at = line.indexOf("=");
      const [key, value] = [line.slice(0, at), line.slice(at + 1)];
      const words = key === "DeviceAllow" ? [value.replace(" ", ":")] : value.split(" ");
      const all = [...(fields.get(key)?.split(" ") ?? []), ...words].sort();
      if (at > 0) {
        fields.set(key, [...new Set(all)].join(" ").trim());
      }
    }
    return [fields.get("Id") ?? "", fields] as const;
  });
  return new Map(units);
}

async function compare(prefix: string, pairs: readonly Pair[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [index, { first, second }] of pairs.entries()) {
    for (const [side, lines] of [
      ["a", first],
      ["b", second],
    ] as const) {
      const name = `${prefix}-${index}-${side}.service`;
      const text = (section: string) =>
        lines.map((line) => (sectionOf(line.name) === section ? `${line.name}=${line.value}\n` : "")).join("");
      const unit = `[Unit]\n${text("Unit")}[Service]\nExecStart=/bin/true\n${text("Service")}`;
      await box.writeFile(`/run/systemd/system/${name}`, unit);
      names.push(name);
    }
  }
  await box.systemctl("daemon-reload");
  const all = await shown(names);
  expect(all.size).toBe(names.length);
  const constant = catalogue.filter(({ name }) => {
    const values = new Set([...all.values()].map((fields) => fields.get(SHOWN[name] ?? name)));
    return values.size < 2 && !UNSHOWN.has(name);
  });
  expect(
    constant.map(({ name }) => name),
    "what differs from unit to unit",
  ).toEqual([]);
  return pairs.flatMap(({ first, second }, index) => {
    const [a, b] = ["a", "b"].map((side) => all.get(`${prefix}-${index}-${side}.service`));
    return catalogue.flatMap(({ name }) => {
      const key = SHOWN[name] ?? name;
      // An empty list of some kinds is not shown at all.
      const [was, is] = [a, b].map((fields) => {
        const unitName = fields?.get("Id")?.replace(".service", "") ?? "";
        return comparable(name, fields?.get(key) ?? "", unitName);
      });
      const of = (lines: readonly Line[]) => lines.filter((line) => line.name === name).map(({ value }) => value);
      return was === is
        ? []
        : [`${name}: ${JSON.stringify(of(first))} is ${was}\n  ${JSON.stringify(of(second))} is ${is}`];
    });
  });
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
