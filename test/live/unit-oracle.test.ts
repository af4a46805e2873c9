/**
 * Our reading of unit files against systemd's: every service installed on this machine and in the layer of the samples
 * (templates as @test) and every file of test/samples/unit-files/good, in a box. Compared are the files that make up the unit,
 * and each key that they set, in the normal form of unit-oracle-normal-form.ts. Tests src/core/unit.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { type LoadOrder, loadOrder, UNIT_DIRECTORIES } from "../../src/core/unit/load-order.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { printAssignment, printCommand } from "../../src/core/unit/print.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { currentName, lastOf, specifiersOf, type Unit } from "../../src/core/unit/unit.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { hostileText } from "../property/hostile-text.ts";
import { layersOf } from "./fixtures/samples.ts";
import { compareKey, type Property } from "./unit-oracle-normal-form.ts";

const samples = `${import.meta.dirname}/../samples/unit-files/good`;

let box: Box;
let machine: Readonly<Record<string, string>>;
/** Directory → names, of the box. */
const listing = new Map<string, string[]>();
/** Path → target of symbolic links. */
const links = new Map<string, string>();

beforeAll(async () => {
  const layers = layersOf("samples");
  box = await bootBox({ name: "unit-oracle", layers });
  for (const file of readdirSync(samples).filter((name) => name.endsWith(".service"))) {
    await box.writeFile(`/etc/systemd/system/${file}`, readFileSync(`${samples}/${file}`));
  }
  const dropIns: Record<string, string> = {
    "/etc/systemd/system/service.d/50-order.conf": "type",
    "/run/systemd/system/quoting.service.d/50-order.conf": "unit in /run",
    "/etc/systemd/system/specifiers-.service.d/50-order.conf": "family",
    "/usr/lib/systemd/system/specifiers-of@.service.d/50-order.conf": "template",
    "/usr/lib/systemd/system/specifiers-of@.service.d/60-order.conf": "template",
    "/etc/systemd/system/specifiers-of@test.service.d/60-order.conf": "instance",
    "/usr/local/lib/systemd/system/specifiers-@test.service.d/70-order.conf": "instance of the family",
    "/etc/systemd/system/specifiers-@.service.d/70-order.conf": "template of the family",
    "/etc/systemd/system/specifiers-@.service.d/.hidden.conf": "hidden",
    "/etc/systemd/system/specifiers-@.service.d/README": "no drop-in",
  };
  for (const [path, text] of Object.entries(dropIns)) {
    await box.writeFile(path, `[Service]\nEnvironment="ORDER=${text}"\n`);
  }
  await box.systemctl("daemon-reload");
  machine = { m: (await box.readFile("/etc/machine-id")).toString("utf8").trim() };
  const find = await box.run(["find", ...UNIT_DIRECTORIES, "-maxdepth", "2", "-printf", "%h\\0%f\\0%l\\0"]);
  const fields = find.stdout.split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [directory = "", name = "", target = ""] = fields.slice(at, at + 3);
    listing.set(directory, [...(listing.get(directory) ?? []), name]);
    if (target !== "") {
      links.set(`${directory}/${name}`, target);
    }
  }
});

afterAll(() => box?.down());

const list = (path: string) => listing.get(path) ?? [];

/** Names of services with a file of their own, and for each the other names that link to it. */
function services(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const directory of UNIT_DIRECTORIES) {
    for (const name of list(directory).filter((each) => each.endsWith(".service"))) {
      const target = links.get(`${directory}/${name}`)?.split("/").at(-1) ?? name;
      const main = target === "null" ? name : target;
      const aliases = found.get(main) ?? [];
      found.set(main, main === name || aliases.includes(name) ? aliases : [...aliases, name]);
    }
  }
  return found;
}

/** What systemd made of a unit: all properties of both interfaces. */
async function ask(name: string): Promise<Record<string, Property>> {
  const bus = "busctl --json=short call org.freedesktop.systemd1";
  const script = `path=$(${bus} /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager LoadUnit s "$1" | sed 's/.*\\["//; s/"\\].*//')
for interface in Unit Service; do ${bus} "$path" org.freedesktop.DBus.Properties GetAll s org.freedesktop.systemd1.$interface; done`;
  const answer = await box.run(["sh", "-c", script, "ask", name]);
  const lines = answer.stdout.trim().split("\n");
  if (lines.length !== 2) {
    throw new Error(`${name}: ${answer.stderr}`);
  }
  // Masks use all 64 bits: integers that JSON.parse would round become text.
  const exact = lines.map((line) => line.replace(/"data":(\d{16,})/g, '"data":"$1"'));
  return Object.assign({}, ...exact.map((line) => JSON.parse(line).data[0]));
}

async function load(file: string, aliases: readonly string[]): Promise<{ unit: Unit; order: LoadOrder }> {
  const name = parseServiceName(file.replace("@.service", "@test.service"));
  if (!name.ok) {
    throw new Error(file);
  }
  const others = aliases.map((alias) => parseServiceName(alias.replace("@.service", "@test.service")));
  const order = loadOrder(name.value, list, { aliases: others.flatMap((each) => (each.ok ? [each.value] : [])) });
  const files = [];
  for (const path of [order.fragment ?? "", ...order.dropIns]) {
    const text = links.get(path) === "/dev/null" ? "" : (await box.readFile(path)).toString("utf8");
    const parsed = parse(text, path);
    if (!parsed.ok) {
      throw new Error(`${path}: ${JSON.stringify(parsed.diagnostics)}`);
    }
    files.push(parsed.value);
  }
  return { unit: { name: name.value, files, machine, ...(order.fragment ? { fragment: order.fragment } : {}) }, order };
}

function keysOf(unit: Unit): readonly string[] {
  const entries = unit.files.flatMap((file) => file.entries);
  const keys = entries.map((entry) =>
    entry.kind === "assignment" && entry.section === "Service" ? currentName(entry.key) : "",
  );
  return [...new Set(keys)].filter((key) => key !== "");
}

test("every installed service is read as systemd reads it", async () => {
  const differences: string[] = [];
  const compared = new Map<string, number>();
  const uncompared = new Map<string, number>();
  const note = (name: string, key: string, ours: unknown, theirs: unknown) => {
    const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs)];
    if (left !== right) {
      differences.push(`${name} ${key}\n  ours   ${left}\n  theirs ${right}`);
    }
  };
  const found = services();
  for (const [file, aliases] of found) {
    const { unit, order } = await load(file, aliases);
    const name = unit.name.name;
    const theirs = await ask(name);
    note(name, "FragmentPath", order.fragment ?? "", theirs.FragmentPath?.data);
    // Of a masked unit systemd reads no drop-in.
    if (theirs.LoadState?.data === "masked") {
      note(name, "masked", "/dev/null", links.get(order.fragment ?? ""));
      continue;
    }
    note(name, "DropInPaths", order.dropIns, theirs.DropInPaths?.data);
    note(name, "LoadState", "loaded", theirs.LoadState?.data);
    const context = specifiersOf(unit);
    const description = lastOf(unit, "Unit", "Description")?.value;
    if (description) {
      note(name, "Description", expandSpecifiers(description, context).text, theirs.Description?.data);
    }
    for (const key of keysOf(unit)) {
      const pair = compareKey(unit, key, context, theirs);
      const counter = pair === undefined ? uncompared : compared;
      counter.set(key, (counter.get(key) ?? 0) + 1);
      if (pair !== undefined) {
        note(name, key, pair.ours, pair.theirs);
      }
    }
  }
  console.log(`${found.size} services; compared ${[...compared].map(([key, n]) => `${key} ${n}`).join(", ")}`);
  console.log(`not compared: ${[...uncompared].map(([key, n]) => `${key} ${n}`).join(", ")}`);
  expect(found.size).toBeGreaterThan(50);
  // All that a drop-in of ours may hold; the folding of every directive is held against systemd in directives-oracle.test.ts.
  const written = catalogue.filter(({ ladder }) => typeof ladder === "function").map(({ name }) => name);
  const keys = ["ExecStart", "ExecStop", "Environment", ...written];
  expect(keys.filter((key) => !compared.has(key))).toEqual([]);
  expect(differences.join("\n")).toBe("");
});

test("systemd reads back what printAssignment and printCommand write", async () => {
  const samples = fc.sample(fc.array(hostileText, { minLength: 1, maxLength: 3 }), { numRuns: 600, seed: 257 });
  const lines: string[] = ["[Service]\nType=oneshot\n"];
  const variables: string[] = [];
  const paths: string[] = [];
  const argv: string[][] = [];
  for (const words of samples) {
    // Slashes and dots are left out: systemd tidies paths, which is another matter.
    const named = words.map((word, index) => `/srv/${argv.length}-${index}${word.replace(/[/.]/g, "")}`);
    const set = words.map((word, index) => `V${argv.length}_${index}=${word}`);
    const [list, environment, command] = [
      printAssignment("ReadOnlyPaths", named),
      printAssignment("Environment", set),
      printCommand("ExecStart", ["/bin/echo", ...words]),
    ];
    if (!list.ok || !environment.ok || !command.ok) {
      continue;
    }
    lines.push(list.value, environment.value, command.value);
    paths.push(...named);
    variables.push(...set);
    argv.push(["/bin/echo", ...words]);
  }
  expect(argv.length).toBeGreaterThan(150);
  await box.writeFile("/etc/systemd/system/written.service", lines.join(""));
  await box.systemctl("daemon-reload");
  const theirs = await ask("written.service");
  expect(theirs.LoadState?.data).toBe("loaded");
  expect(theirs.ReadOnlyPaths?.data).toEqual(paths);
  // The drop-ins of the other test add a variable of their own.
  expect(theirs.Environment?.data.filter((each: string) => !each.startsWith("ORDER="))).toEqual(variables);
  const commands = theirs.ExecStart?.data.map(([, words]: [string, string[]]) => words);
  expect(commands.map((words: string[]) => words.map((word) => word.replaceAll("$$", "$")))).toEqual(argv);
});
