/** What --json prints, verb by verb, against the schema that it names, by an independent validator. */
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verbs } from "../../src/cli/verbs.ts";
import { encode } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";
import { type CommandLine, commandLine, ended } from "./fixtures/command-line.ts";
import { instruction, noReboot, ret } from "./fixtures/no-reboot.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "docs/schema");
const files = readdirSync(folder);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, formats: { "date-time": true } });
for (const file of files) {
  ajv.addSchema(JSON.parse(readFileSync(join(folder, file), "utf8")), file);
}

const profiles = ensureProfiles((line) => console.log(line));
let cli: CommandLine;

/** Adds up two halves of arguments: nothing that can be followed. */
const opaque = [
  instruction(OPCODES.LD_ABS, 16),
  instruction(0x07, 0),
  instruction(OPCODES.LD_ABS, 24),
  instruction(0x0c, 0),
  instruction(OPCODES.JEQ, 7, 0, 1),
  ret(0x00050001),
  ret(0x7fff0000),
];

beforeAll(() => {
  cli = commandLine();
  cli.file("reboot.bpf", encode(noReboot, true));
  cli.file("opaque.bpf", encode(opaque, true));
  cli.file("reboot.asm", "ld nr\njeq 153, no\nret ALLOW\nno: ret ERRNO(1)\n");
  cli.file("calls.jsonl", '{"arch":"x86_64","nr":"reboot"}\n{"arch":"i386","nr":3,"args":["0x1"]}\n');
  cli.file("app.service", "[Service]\nExecStart=/bin/sleep infinity\nSystemCallFilter=~@clock\n");
  cli.file("once.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n");
  const seen = `{"schema":"cloison.observation/2","unit":"app.service","phases":["start"],"gaps":[],"seen":[]}\n`;
  cli.file("app.json", seen);
  // The demonstration looks for its example beside the program, and seccomp dump for its optional package.
  symlinkSync(join(root, "examples"), join(cli.directory, "package/examples"));
  symlinkSync(join(root, "node_modules"), join(cli.directory, "package/node_modules"));
});
afterAll(() => cli.remove());

/** A demonstration on a busy machine. */
const longest = 300_000;

/** A run: what is typed, the schema of what it prints, how it ends. */
type Row = readonly [words: string, schema: string, ...statuses: number[]];

const cases = (rows: readonly Row[]) => rows.map(([words, schema, ...statuses]) => ({ words, schema, statuses }));
type Case = ReturnType<typeof cases>[number];

const quick: readonly Row[] = [
  ["explain", "catalogue", 0],
  ["explain ProtectClock", "directive", 0],
  ["explain plant-unit", "probe", 0],
  ["completion bash", "completion", 0],
  ["merge app.json app.json", "observation", 0],
  ["synthesize app.json ./app.service", "synthesis", 0],
  ["apply --undo cloison-no-such.service", "apply", 3],
  ["seccomp explain reboot.bpf", "explanation", 1],
  ["seccomp explain opaque.bpf", "explanation", 3],
  [`seccomp explain ${profiles.docker}`, "explanation", 0, 1],
  ["seccomp diff reboot.bpf reboot.bpf", "seccomp-diff", 0],
  ["seccomp diff reboot.bpf reboot.asm", "seccomp-diff", 1],
  [`seccomp diff ${profiles.docker} ${profiles.podman}`, "seccomp-diff", 1],
  ["seccomp diff reboot.bpf opaque.bpf", "seccomp-diff", 1, 3],
  ["seccomp compile app.service", "filter", 0],
  ["seccomp compile opaque.bpf", "undecided", 3],
  ["seccomp prove reboot.bpf reboot.bpf", "proof", 0],
  ["seccomp prove app.service reboot.bpf", "proof", 1],
  ["seccomp prove opaque.bpf opaque.bpf", "proof", 0, 3],
  ["seccomp prove reboot.bpf opaque.bpf", "proof", 1, 3],
  ["seccomp merge reboot.bpf reboot.bpf", "filter", 0],
  ["seccomp merge opaque.bpf reboot.bpf", "undecided", 3],
  ["seccomp decompile reboot.bpf --to oci", "decompiled", 0],
  ["seccomp decompile reboot.bpf --to text", "decompiled", 0],
  ["seccomp decompile app.service --to systemd", "decompiled", 0],
  ["seccomp decompile opaque.bpf --to oci", "undecided", 3],
  ["seccomp dump --json -- setpriv --seccomp-filter reboot.bpf true", "seccomp-dump", 0],
  [`seccomp dump ${process.pid}`, "seccomp-dump", 0],
  ["seccomp disasm reboot.bpf", "filter", 0],
  ["seccomp asm reboot.asm", "filter", 0],
  ["seccomp emulate reboot.bpf --arch x86_64 --nr reboot", "answer", 0],
];

/** These boot boxes. */
const slow: readonly Row[] = [
  ["observe ./app.service --workload true", "observation", 0],
  ["attack ./app.service", "attack", 0, 1, 3],
  ["harden ./once.service --workload true --out out", "report", 0, 1, 3],
  ["demo --out demo", "demonstration", 0, 1, 3],
];

/** Every name of a field anywhere in a document, but for paths that stand as names. */
function fields(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(fields);
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value)
    .flatMap(([name, inner]) => [name, ...fields(inner)])
    .filter((name) => !name.startsWith("/"));
}

/** Every name of a field that a schema, or one that it refers to, describes. */
function described(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(described);
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "properties") {
      return [...Object.keys(inner), ...Object.values(inner).flatMap(described)];
    }
    const file = name === "$ref" ? String(inner).split("#")[0] : "";
    return file === "" ? described(inner) : described(JSON.parse(readFileSync(join(folder, file ?? ""), "utf8")));
  });
}

function expectDocument(text: string, name: string): void {
  const document = JSON.parse(text);
  // The version is a constant of the schema itself.
  expect(document.schema).toMatch(new RegExp(`^cloison\\.${name}/\\d+$`));
  const accepts = ajv.getSchema(`${name}.schema.json`);
  if (accepts === undefined) {
    throw new Error(`docs/schema has no ${name}.schema.json`);
  }
  expect(accepts(document), JSON.stringify(accepts.errors)).toBe(true);
  const known = new Set(described(accepts.schema));
  expect(fields(document).filter((field) => !known.has(field))).toEqual([]);
}

async function run({ words, schema, statuses }: Case): Promise<void> {
  const env = { CLOISON_DEMO_LAYERS: words.startsWith("demo") ? demoLayers() : "" };
  const end = await cli.run([...words.split(" "), ...(words.includes(" --json ") ? [] : ["--json"])], {
    env,
    timeoutMs: longest,
  });
  expect(statuses, `${words}: ${end.status} ${end.stderr}`).toContain(end.status);
  expectDocument(end.stdout, schema);
}

function demoLayers(): string {
  return (prepare({ want: ["layers:demo"], say: () => {} }).layers.demo ?? []).join(":");
}

test.each(cases(quick))("$words", run);
test.each(cases(slow))("$words", { timeout: longest }, run);

test("seccomp emulate --stdin", async () => {
  const before = ["sh", "-c", 'exec "$@" < calls.jsonl', "sh"];
  const end = await ended(cli.start(["seccomp", "emulate", "reboot.bpf", "--stdin", "--json"], { before }));
  expect(end.status, end.stderr).toBe(0);
  expectDocument(end.stdout, "answers");
});

test("every verb was run, and printed every schema that it names", () => {
  const all: readonly Row[] = [...quick, ...slow, ["seccomp emulate", "answers", 0]];
  const ran = all.map(([words, name]) => `${words} ${name}`);
  for (const each of verbs) {
    for (const verb of "verbs" in each ? each.verbs : [each]) {
      const path = "verbs" in each ? `${each.name} ${verb.name}` : verb.name;
      for (const schema of verb.schemas) {
        const name = schema.slice("cloison.".length, -"/1".length);
        expect(
          ran.some((run) => run.startsWith(`${path} `) && run.endsWith(` ${name}`)),
          `${path}: ${name}`,
        ).toBe(true);
      }
    }
  }
});
