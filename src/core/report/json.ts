/** The report as a JSON text, `cloison.report/3`, and back. Documented in docs/schema/report.schema.json. */
import { PHASES } from "../action/order.ts";
import type { Parsed } from "../diagnostic/diagnostic.ts";
import {
  byTag,
  type Decode,
  flag,
  integer,
  list,
  map,
  matching,
  number,
  object,
  oneOf,
  readDocument,
  text,
} from "../json/decode.ts";
import { printableJson } from "../json/printable.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import type { DiskChange, Unplaced } from "../own-user/own-user.ts";
import { GOALS } from "../probes/goals.ts";
import type { WallOrigin } from "../sandbox/origin.ts";
import type { GoalResult, GoalWay } from "../verdict/goals.ts";
import type { Later } from "../verdict/later.ts";
import { RUN_VERDICTS } from "../verdict/overall.ts";
import type { Link } from "../verdict/reachable.ts";
import type { Before, ProbeResult } from "../verdict/result.ts";
import { type NotBuiltLine, WHY_NOT } from "./not-built.ts";
import type { ConfigurationLine, OwnUserReport } from "./own-user.ts";
import type { Provenance } from "./provenance.ts";
import type { Crossing, DirectiveLine, Door, Report } from "./report.ts";
import type { Unused } from "./unused.ts";

const state = oneOf("pass", "fail");
const capability = oneOf(...CAPABILITIES);
const digest = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
const exposure = number(0, 10);
const calls = integer(0, 10_000);
/** The largest user id; user_namespaces(7). */
const LARGEST_ID = 0xffff_fffe;
const SCHEMA = "cloison.report/3";

function beforeAndAfter<T>(item: Decode<T>): Decode<{ readonly before: T; readonly after: T }> {
  // The mapped type of a generic field cannot be resolved by the compiler here; both fields are the same shape.
  return object({ before: item, after: item } as never) as Decode<{ readonly before: T; readonly after: T }>;
}

const origin = byTag<"kind", WallOrigin>("kind", {
  setting: object<Extract<WallOrigin, { readonly kind: "setting" }>>(
    { kind: oneOf("setting"), directive: text, value: text, note: text },
    ["note"],
  ),
  default: object<Extract<WallOrigin, { readonly kind: "default" }>>({
    kind: oneOf("default"),
    directive: text,
    value: text,
  }),
  directories: object<Extract<WallOrigin, { readonly kind: "directories" }>>({ kind: oneOf("directories") }),
  service: object<Extract<WallOrigin, { readonly kind: "service" }>>({
    kind: oneOf("service"),
    uid: integer(0, LARGEST_ID),
  }),
});

const before = byTag<"kind", Before>("kind", {
  through: object<Extract<Before, { readonly kind: "through" }>>({ kind: oneOf("through") }),
  stopped: object<Extract<Before, { readonly kind: "stopped" }>>({ kind: oneOf("stopped"), by: list(origin) }),
  unknown: object<Extract<Before, { readonly kind: "unknown" }>>({ kind: oneOf("unknown") }),
});

const goal = oneOf(...GOALS.map((each) => each.goal));
const goalState = oneOf("open", "unknown", "closed", "untried");
const goalResult = object<GoalResult>(
  {
    goal,
    title: text,
    state: goalState,
    ways: list(
      object<GoalWay>({ way: text, identity: text, chain: list(object<Link>({ power: text, way: text })) }, ["chain"]),
    ),
    before: goalState,
  },
  ["before"],
);

const probe = object<ProbeResult>(
  {
    id: text,
    title: text,
    goals: list(goal),
    identity: text,
    control: oneOf("passed", "failed"),
    before,
    predicted: oneOf("allowed", "denied"),
    outcome: oneOf("holds", "violated", "unknown"),
    open: flag,
    reason: text,
    stoppedBy: list(origin),
    until: list(text),
    later: object<Later>({
      after: oneOf("through", "stopped", "unknown", "untried"),
      anew: oneOf("through", "stopped", "unknown"),
    }),
    evidence: text,
  },
  ["before", "stoppedBy", "until", "later"],
);

const crossing = object<Crossing>({
  channel: oneOf("files", "network", "devices", "processes", "ipc", "kernel"),
  state: oneOf("open", "partial", "closed"),
  passes: list(text),
});

const made = object<Provenance>(
  {
    date: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "a date in UTC (ISO 8601)"),
    host: text,
    version: text,
    command: list(text),
    workload: object<NonNullable<Provenance["workload"]>>({ text, sha256: digest }),
    observation: object<Provenance["observation"]>({ sha256: digest, gaps: integer(0, Number.MAX_SAFE_INTEGER) }),
  },
  ["workload"],
);

const change = byTag<"kind", DiskChange>("kind", {
  owner: object<Extract<DiskChange, { readonly kind: "owner" }>>(
    { kind: oneOf("owner"), path: text, user: text, group: text },
    ["group"],
  ),
  file: object<Extract<DiskChange, { readonly kind: "file" }>>({
    kind: oneOf("file"),
    path: text,
    content: text,
    for: oneOf("sysusers", "tmpfiles"),
  }),
  line: object<Extract<DiskChange, { readonly kind: "line" }>>({
    kind: oneOf("line"),
    path: text,
    from: text,
    to: list(text),
  }),
});

const ownUser = byTag<"kind", OwnUserReport>("kind", {
  proposed: object<Extract<OwnUserReport, { readonly kind: "proposed" }>>({
    kind: oneOf("proposed"),
    user: text,
    shuts: list(goal),
  }),
  works: object<Extract<OwnUserReport, { readonly kind: "works" }>>({
    kind: oneOf("works"),
    user: text,
    verdict: oneOf(...RUN_VERDICTS),
    exposure,
    goals: list(goalResult),
    lines: list(object<Omit<DirectiveLine, "blocks">>({ name: text, value: text, reason: text })),
    changes: list(change),
    lost: list(text),
    dropIn: digest,
  }),
  refused: object<Extract<OwnUserReport, { readonly kind: "refused" }>>(
    {
      kind: oneOf("refused"),
      user: text,
      phase: oneOf(...PHASES),
      detail: text,
      unplaced: list(object<Unplaced>({ path: text, why: text })),
      configuration: object<ConfigurationLine>({
        file: text,
        line: integer(1, Number.MAX_SAFE_INTEGER),
        text,
        instead: text,
        works: flag,
      }),
    },
    ["configuration"],
  ),
  none: object<Extract<OwnUserReport, { readonly kind: "none" }>>({ kind: oneOf("none"), reason: text }),
});

const document = object<Report>(
  {
    schema: oneOf(SCHEMA),
    unit: text,
    verdict: oneOf(...RUN_VERDICTS),
    level: oneOf("balanced", "strict"),
    systemd: text,
    kernel: text,
    exposure: beforeAndAfter(exposure),
    workload: beforeAndAfter(state),
    syscalls: beforeAndAfter(calls),
    capabilities: beforeAndAfter(list(capability)),
    writable: beforeAndAfter(list(text)),
    namespaces: beforeAndAfter(list(text)),
    goals: list(goalResult),
    probes: list(probe),
    notApplicable: list(object<Report["notApplicable"][number]>({ id: text, reason: text })),
    directives: list(object<DirectiveLine>({ name: text, value: text, reason: text, blocks: list(text) }, ["blocks"])),
    doors: list(object<Door>({ directive: text, value: text, needs: text })),
    notEnforced: list(object<Report["notEnforced"][number]>({ name: text, reason: text })),
    notBuilt: list(object<NotBuiltLine>({ directive: text, value: text, why: oneOf(...WHY_NOT), reason: text })),
    warnings: list(text),
    life: object<NonNullable<Report["life"]>>({ startSeconds: number(0, 86_400) }),
    installed: object<NonNullable<Report["installed"]>>({
      exposure,
      added: list(text),
      dropped: list(text),
    }),
    flaky: list(text),
    notKnown: list(text),
    crossings: beforeAndAfter(list(crossing)),
    made,
    ownUser,
    unused: object<Unused>({ calls: list(text), capabilities: list(capability) }),
    hashes: object<Report["hashes"]>(
      { dropIn: digest, unit: digest, executables: map(digest), notCovered: list(text) },
      ["notCovered"],
    ),
  },
  ["notBuilt", "life", "installed", "flaky", "notKnown", "crossings", "made", "ownUser", "unused"],
);

/**
 * The report as JSON: fields in the order of the contract, two spaces, a newline at the end. The same report always gives the
 * same bytes, and they are safe to show in a terminal: control and direction characters are written as `\uXXXX`.
 * A report that its own reader would refuse is a defect of the caller and throws.
 */
export function writeReport(report: Report): string {
  const read = readReport(JSON.stringify(report));
  if (!read.ok) {
    throw new TypeError(read.diagnostics.map(({ message }) => message).join("; "));
  }
  const json = JSON.stringify(read.value, undefined, 2);
  return `${printableJson(json)}\n`;
}

/**
 * Reads a report; `file` is the file's name for diagnostics: `report-json` (not JSON, or cut off), `report-schema` (another
 * document or version), `report-shape` (a field that is missing or wrong). Unknown fields are ignored, so that a later
 * version may add some.
 *
 * @example
 * import { readReport } from "cloison";
 * import assert from "node:assert";
 * const read = readReport('{"schema":"cloison.report/9"}', "a.json");
 * assert.equal(read.diagnostics[0]?.message, 'the document is of schema "cloison.report/9", not cloison.report/3');
 * assert.deepEqual(read.diagnostics[0]?.span, { file: "a.json", line: 1, column: 2 });
 */
export function readReport(source: string, file = "report.json"): Parsed<Report> {
  return readDocument(source, file, {
    name: "report",
    writer: "cloison harden",
    help: "give a report.json that `cloison harden` wrote",
    versions: [{ schema: SCHEMA, decode: document }],
  });
}
