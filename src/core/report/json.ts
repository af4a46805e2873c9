/** The report as a JSON text, `cloison.report/1`, and back. Documented in docs/schema/report.schema.json. */

import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import { type Decode, flag, integer, list, Malformed, matching, object, oneOf, refuse, text } from "../json/decode.ts";
import { printableJson } from "../json/printable.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import type { ProbeResult } from "../verdict/result.ts";
import type { Crossing, DirectiveLine, Door, Report } from "./report.ts";

/** A number with a fraction. */
function number(least: number, most: number): Decode<number> {
  return (value, at) =>
    typeof value === "number" && value >= least && value <= most
      ? value
      : refuse(at, `a number from ${least} to ${most}`);
}

/** An object that maps any name to one shape. */
function map<T>(item: Decode<T>): Decode<{ readonly [name: string]: T }> {
  return (value, at) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, entry]) => [name, item(entry, `${at}[${JSON.stringify(name)}]`)]),
        )
      : refuse(at, "an object");
}

const state = oneOf("pass", "fail");
const capability = oneOf(...CAPABILITIES);
const digest = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
const exposure = number(0, 10);
const calls = integer(0, 10_000);

function beforeAndAfter<T>(item: Decode<T>): Decode<{ readonly before: T; readonly after: T }> {
  // The mapped type of a generic field cannot be resolved by the compiler here; both fields are the same shape.
  return object({ before: item, after: item } as never) as Decode<{ readonly before: T; readonly after: T }>;
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
    stoppedBy: list(text),
    evidence: text,
  },
  ["before", "stoppedBy"],
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
    life: object<NonNullable<Report["life"]>>({ startSeconds: number(0, 86_400) }),
    installed: object<NonNullable<Report["installed"]>>({
      exposure,
      added: list(text),
      dropped: list(text),
    }),
    notKnown: list(text),
    crossings: beforeAndAfter(list(crossing)),
    hashes: object<Report["hashes"]>(
      { dropIn: digest, unit: digest, executables: map(digest), notCovered: list(text) },
      ["notCovered"],
    ),
  },
  ["life", "installed", "notKnown", "crossings"],
);

/**
 * The report as JSON: fields in the order of the contract, two spaces, a newline at the end. The same report always gives the
 * same bytes, and they are safe to show in a terminal: control and direction characters are written as `\uXXXX`.
 * A report that its own reader would refuse is a defect of the caller and throws.
 */
export function writeReport(report: Report): string {
  const json = JSON.stringify(document(report, "report"), undefined, 2);
  return `${printableJson(json)}\n`;
}

/**
 * Reads a report; `name` is the file's name for diagnostics: `report-json` (not JSON, or cut off), `report-shape` (another
 * document, or a field that is missing or wrong). Unknown fields are ignored, so that a later version may add some.
 *
 * @example
 * import { readReport } from "cloison";
 * import assert from "node:assert";
 * const read = readReport('{"schema":"cloison.report/2"}', "a.json");
 * assert.equal(read.diagnostics[0]?.message, "report.schema is not one of cloison.report/1");
 */
export function readReport(source: string, name = "report.json"): Parsed<Report> {
  const top = { file: name, line: 1, column: 1 };
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return refusal("report-json", "not a JSON document", "is the file complete?", top);
  }
  try {
    return { ok: true, value: document(value, "report"), diagnostics: [] };
  } catch (cause) {
    if (!(cause instanceof Malformed)) {
      throw cause;
    }
    return refusal("report-shape", cause.message, "give a report.json that `cloison harden` wrote", top);
  }
}
