/**
 * The page as text: its policy, that nothing observed becomes markup, and that it is the same every time. Tests
 * src/core/report/html.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { visible } from "../../diagnostic/visible.ts";
import { readReport } from "../json.ts";
import type { Report } from "../report.ts";
import { writePage } from "./page.ts";
import { STYLE, STYLE_HASH } from "./style.ts";

const samples = join(import.meta.dirname, "../../../../test/samples/report");

function sample(name: string): Report {
  const parsed = readReport(readFileSync(join(samples, `${name}.json`), "utf8"));
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}

/**
 * A tokenizer for the small HTML that the page may consist of, written from the HTML standard (13.2.5) and not from the printer: a
 * tag is `<name a="…" b>` or `</name>`; anything else that begins with `<`, or an unquoted value, is an error.
 */
function tokens(page: string): { readonly tags: readonly string[]; readonly text: string } {
  const tags: string[] = [];
  let text = "";
  let rest = page;
  while (rest !== "") {
    const tag = /^<(?:!doctype html|\/?[a-z][a-z0-9]*(?:\s+[a-z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*\s*\/?)>/.exec(rest);
    if (tag !== null) {
      tags.push(tag[0].replace(/="[^"]*"/g, "="));
      rest = rest.slice(tag[0].length);
      continue;
    }
    if (rest.startsWith("<")) {
      throw new Error(`not a tag of ours: ${rest.slice(0, 80)}`);
    }
    const end = rest.indexOf("<");
    text += rest.slice(0, end === -1 ? undefined : end);
    rest = end === -1 ? "" : rest.slice(end);
  }
  return { tags, text: text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => REFERENCES[name]!) };
}

const REFERENCES: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };

/** The page without its style sheet, which is a constant. */
function body(report: Report): string {
  const page = writePage(report);
  expect(page).toContain(`<style>${STYLE}</style>`);
  return page.replace(STYLE, "");
}

/** Every text of a report that may be observed, with something put after it. */
function infected(report: Report, tail: string): Report {
  const add = (text: string): string => text + tail;
  return {
    ...report,
    unit: add(report.unit),
    systemd: add(report.systemd),
    kernel: add(report.kernel),
    writable: { before: report.writable.before, after: report.writable.after.map(add) },
    namespaces: { before: report.namespaces.before, after: [...report.namespaces.after, tail] },
    probes: report.probes.map((probe) => ({
      ...probe,
      id: add(probe.id),
      title: add(probe.title),
      identity: add(probe.identity),
      reason: add(probe.reason),
      evidence: add(probe.evidence),
    })),
    notApplicable: report.notApplicable.map(({ id, reason }) => ({ id: add(id), reason: add(reason) })),
    directives: report.directives.map((line) => ({
      ...line,
      name: add(line.name),
      value: add(line.value),
      reason: add(line.reason),
      ...(line.blocks === undefined ? {} : { blocks: line.blocks.map(add) }),
    })),
    doors: report.doors.map((door) => ({
      directive: add(door.directive),
      value: add(door.value),
      needs: add(door.needs),
    })),
    notEnforced: report.notEnforced.map(({ name, reason }) => ({ name: add(name), reason: add(reason) })),
    notBuilt: [
      { directive: add("PrivateTmp"), value: add("yes"), why: "seen", reason: add("it would refuse what was seen") },
      { directive: add("TasksMax"), value: "", why: "never", reason: add("A limit.") },
    ],
    warnings: report.warnings.map(add),
    ...(report.notKnown === undefined ? {} : { notKnown: report.notKnown.map(add) }),
    hashes: {
      ...report.hashes,
      executables: Object.fromEntries(
        Object.entries(report.hashes.executables).map(([path, hash]) => [add(path), hash]),
      ),
    },
  };
}

test("STYLE_HASH: is the hash of the style sheet that stands in the page", () => {
  expect(STYLE_HASH).toBe(`sha256-${createHash("sha256").update(STYLE).digest("base64")}`);
});

test.each(["hardened", "hostile"])(
  "writePage: %s has a strict policy, no script, no handler, no reference outside",
  (name) => {
    const page = writePage(sample(name));
    expect(page).toContain(
      `content="default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'"`,
    );
    const { tags } = tokens(page.replace(STYLE, ""));
    expect(tags.filter((tag) => /<(script|link|img|iframe|object|embed|form|base|a?udio|video)\b/.test(tag))).toEqual(
      [],
    );
    expect(tags.filter((tag) => /\s(on[a-z]+|style|src|srcset|action)=/.test(tag))).toEqual([]);
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, target]) => !/^#[a-z0-9-]+$/.test(target!))).toEqual([]);
    expect(page).not.toMatch(/https?:/);
    expect(writePage(sample(name))).toBe(page);
  },
);

test("writePage: whatever was observed, the markup stays the same and the text is all there", () => {
  const fragments = [
    "<script>",
    "</style>",
    '"',
    "'",
    "-->",
    "&",
    "&lt;",
    "\u0000",
    "\u202e",
    "<!--",
    "x",
    "]]>",
    "`",
    "=",
  ];
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...fragments)).map((parts) => parts.join("")),
  );
  const report = sample("hardened");
  const harmless = tokens(body(infected(report, "x")));
  fc.assert(
    fc.property(hostile, (tail) => {
      // A carriage return or newline ends a step of the evidence; everywhere else it is made visible.
      const { tags, text } = tokens(body(infected(report, tail)));
      expect(tags).toEqual(harmless.tags);
      expect(text).toContain(visible(`${report.warnings[0]}${tail}`));
      expect(text).toContain(visible(`${report.doors[0]!.needs}${tail}`));
      expect(text).not.toMatch(/[\p{Cs}\p{Bidi_Control}]/u);
    }),
    { numRuns: 200 },
  );
});
