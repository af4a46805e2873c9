/**
 * The workshop in a browser tab: the same core, bundled for one, compiles, proves, compares, explains and merges in a real
 * Chromium exactly as here. Tests src/core/index.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as core from "../../src/core/index.ts";
import { ensureProfiles } from "../../tools/setup/profiles.mjs";

type Core = typeof core;

const profiles = ensureProfiles((line) => console.log(line));
const texts = [profiles.docker, profiles.podman].map((path) => readFileSync(path, "utf8"));
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const entry = join(import.meta.dirname, "../../src/core/index.ts");
  // Without `platform: "node"` anything that a browser lacks is an error here.
  const built = buildSync({ entryPoints: [entry], bundle: true, format: "iife", globalName: "cloison", write: false });
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => complaints.push(request.url()));
  await page.setContent("<!doctype html><title>workshop</title>");
  await page.addScriptTag({ content: built.outputFiles[0]?.text ?? "" });
});

afterAll(() => browser?.close());

/** What the workshop says of two profiles: plain values, so that they can leave the browser. */
function workshop(cloison: Core, inputs: readonly string[]): unknown {
  const must = <T>(parsed: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
    if (!parsed.ok) {
      throw new Error(JSON.stringify(parsed));
    }
    return parsed.value;
  };
  const policies = inputs.map((text) => {
    const profile = must(cloison.readProfile(text, "p.json"));
    return must(cloison.policyOfProfile(profile, { abis: ["x86_64", "i386"] }));
  });
  const programs = policies.map((policy) => must(cloison.compileFilter(policy)).program);
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each));
  const filters = programs.map((program) => ({ kind: "program", program }) as const);
  return {
    listings: programs.map((program) => cloison.disassemble(program)),
    proofs: policies.map((policy) => programs.map((program) => text(cloison.prove(program, policy)))),
    diff: text(cloison.diffFilters(filters[0]!, filters[1]!)),
    merged: cloison.disassemble(must(cloison.mergeFilters(programs)).program),
    explained: cloison.explanationText(cloison.explainFilter(filters[0]!)),
    profile: must(cloison.writeProfile(must(cloison.decompileFilter(filters[0]!)))),
    answer: text(cloison.emulate(programs[0]!, { arch: 0xc000003e, nr: 41, args: [40n] })),
    assembled: text(must(cloison.assembleText("ld nr\njeq 1, no\nret ALLOW\nno: ret ERRNO(1)\n")).program),
  };
}

/** The rest of the workshop: units, other machines, every form to write a filter in, and what is no filter. */
function furtherWork(cloison: Core, lines: readonly (readonly [string, string])[]): unknown {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each));
  const host = {
    systemd: 257,
    machine: "x86_64",
    user: () => undefined,
    directories: [],
    executables: ["/usr/bin/true"],
  };
  const unit = (machine: "x86_64" | "s390x") => {
    const own = (name: string) =>
      lines.filter(([each]) => each === name).map(([, value], line) => ({ value, file: "unit", line: line + 1 }));
    const filter = cloison.filtersOf(cloison.sandboxOf(own, { ...host, machine }).sandbox);
    const merged = cloison.compileFilter(filter);
    if (!merged.ok) {
      throw new Error(JSON.stringify(merged));
    }
    const { program, littleEndian } = merged.value;
    return {
      listing: cloison.disassemble(program, { littleEndian }),
      c: cloison.cArray(program, "filter"),
      lines: text(cloison.systemCallFilterLines({ kind: "program", program, littleEndian })),
      bytes: [...cloison.encodeProgram(program, littleEndian)],
      cache: text(cloison.analyseCache([program], 0xc000003e, [0, 1, 59])),
      figures: machine === "x86_64" ? text(cloison.figuresOf(program, machine)) : "",
    };
  };
  return {
    units: [unit("x86_64"), unit("s390x")],
    nothing: [
      text(cloison.readFilter(new Uint8Array([1, 2, 3]))),
      text(cloison.readProfile("{", "p.json")),
      text(cloison.assembleText("jmp nowhere\n")),
    ],
  };
}

test("a browser reads and writes units, other machines and other forms as Node does", async () => {
  const lines = [
    ["SystemCallFilter", "@system-service"],
    ["RestrictAddressFamilies", "AF_UNIX AF_INET"],
    ["RestrictNamespaces", "yes"],
    ["LockPersonality", "yes"],
  ] as const;
  const there = await page.evaluate(`(${furtherWork.toString()})(cloison, ${JSON.stringify(lines)})`);
  const here = furtherWork(core, lines) as { readonly units: readonly { readonly listing: string }[] };
  expect(there).toEqual(JSON.parse(JSON.stringify(here)));
  expect(here.units.map(({ listing }) => listing.includes("AUDIT_ARCH"))).toEqual([true, true]);
  expect(complaints).toEqual([]);
});

test("a browser says of Docker's and Podman's profiles what Node says", async () => {
  const expression = `(${workshop.toString()})(cloison, ${JSON.stringify(texts)})`;
  const there = await page.evaluate(expression);
  const here = workshop(core, texts);
  expect(there).toEqual(JSON.parse(JSON.stringify(here)));
  expect(here).toMatchObject({
    proofs: [
      ['{"kind":"holds"}', expect.anything()],
      [expect.anything(), '{"kind":"holds"}'],
    ],
  });
  expect(complaints).toEqual([]);
});
