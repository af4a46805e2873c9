/** The report as a JSON text, `cloison.report/1`, and back. Documented in docs/schema/report.schema.json. */
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import type { Crossing, DirectiveLine, Door, ProbeResult, Report } from "./report.ts";
import { flag, list, map, matching, number, object, oneOf, type Shape, text } from "./shape.ts";

const state = oneOf("pass", "fail");
const capability = oneOf(...CAPABILITIES);
const digest = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
const exposure = number(0, 10);
const calls = number(0, 10_000, true);

function beforeAndAfter<T>(shape: Shape<T>): Shape<{ readonly before: T; readonly after: T }> {
  // The mapped type of a generic field cannot be resolved by the compiler here; both fields are the same shape.
  return object({ before: shape, after: shape } as never) as Shape<{ readonly before: T; readonly after: T }>;
}

const probe = object<ProbeResult>(
  {
    id: text,
    title: text,
    identity: text,
    control: oneOf("passed", "failed"),
    before: oneOf("through", "stopped", "unknown"),
    predicted: oneOf("allowed", "denied"),
    outcome: oneOf("holds", "violated", "unknown"),
    open: flag,
    reason: text,
    evidence: text,
  },
  ["before"],
);

const crossing = object<Crossing>({
  channel: oneOf("files", "network", "devices", "processes", "ipc", "kernel"),
  state: oneOf("open", "partial", "closed"),
  passes: list(text),
});

const document = object<Report>(
  {
    schema: oneOf("cloison.report/1"),
    unit: text,
    level: oneOf("balanced", "strict"),
    systemd: text,
    kernel: text,
    exposure: beforeAndAfter(exposure),
    workload: beforeAndAfter(state),
    syscalls: beforeAndAfter(calls),
    capabilities: beforeAndAfter(list(capability)),
    writable: beforeAndAfter(list(text)),
    namespaces: beforeAndAfter(list(text)),
    probes: list(probe),
    notApplicable: list(object<Report["notApplicable"][number]>({ id: text, reason: text })),
    directives: list(object<DirectiveLine>({ name: text, value: text, reason: text, blocks: list(text) }, ["blocks"])),
    doors: list(object<Door>({ directive: text, value: text, needs: text })),
    notEnforced: list(object<Report["notEnforced"][number]>({ name: text, reason: text })),
    warnings: list(text),
    notKnown: list(text),
    crossings: beforeAndAfter(list(crossing)),
    hashes: object<Report["hashes"]>({ dropIn: digest, unit: digest, executables: map(digest) }),
  },
  ["notKnown", "crossings"],
);

/** What a terminal would act upon or not show, and JSON.stringify leaves as it is. Outside of texts a JSON text has none of these. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The report as JSON: fields in the order of the contract, two spaces, a newline at the end. The same report always gives the
 * same bytes, and they are safe to show in a terminal: control and direction characters are written as `\uXXXX`.
 */
export function writeReport(report: Report): string {
  const ordered = document(report, "", []);
  const json = JSON.stringify(ordered, undefined, 2);
  return `${json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}

/**
 * Reads a report. Anything else than a `cloison.report/1` gives diagnostics, at most ten, never an exception; unknown fields
 * are ignored, so that a later version may add some.
 *
 * @example
 * import { readReport } from "cloison";
 * import assert from "node:assert";
 * assert.equal(readReport("{").ok, false);
 */
export function readReport(json: string, file = "report.json"): Parsed<Report> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse(file, "report-syntax", ["not a JSON text, or cut off"]);
  }
  const problems: string[] = [];
  const report = document(value, "", problems);
  return problems.length === 0
    ? { ok: true, value: report, diagnostics: [] }
    : refuse(file, "report-shape", problems.slice(0, 10));
}

function refuse(file: string, code: string, problems: readonly string[]): Parsed<Report> {
  const span = { file, line: 1, column: 1 };
  const help = "give a report.json that `cloison harden` wrote";
  const diagnostics = problems.map((message): Diagnostic => ({ code, severity: "error", message, span, help }));
  return { ok: false, diagnostics };
}
