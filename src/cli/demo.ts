/**
 * `cloison demo`: a web application is broken into over HTTP, hardened from what it was seen to do, shown to work, and
 * attacked again with the very same requests. The story is told as it happens; every line of it was measured just now.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Report } from "../core/report/report.ts";
import { plural } from "../core/report/summary.ts";
import type { Box } from "../engines/box/box.ts";
import { hardenService } from "../engines/harden.ts";
import { inBox, type Rehearsed } from "../engines/life/trial.ts";
import { assertRoot } from "../linux/root.ts";
import { describeFailure } from "../linux/spawn.ts";
import { SystemError } from "../linux/system-error.ts";
import { checkOutputDirectory } from "./output-directory.ts";
import { writeResults } from "./results.ts";
import { tinted } from "./terminal.ts";
import type { Context, Verb, VerbOutcome } from "./verb.ts";

const example = resolve(import.meta.dirname, "../../examples/vulnerable-app");
const SHOWN = "/opt/cloison-demo";
const NEIGHBOURS = ["169.254.169.254/32", "10.20.0.7/32", "10.20.0.9/32", "203.0.113.66/32"];

export const demo: Verb = {
  name: "demo",
  summary: "The guided demonstration: break in, harden, still works, break in again.",
  usage: "[--out DIR]",
  operands: { min: 0, max: 0, completes: [] },
  schemas: ["cloison.demonstration/1"],
  options: { out: { type: "string", value: "DIR", help: "where the report goes (./cloison-demo)" } },
  examples: ["npm run demo", "npm run demo -- --out /root/demo"],
  run,
};

/** One attempt of the intruder, as examples/vulnerable-app/exploit.mjs prints it. */
interface Attempt {
  readonly id: string;
  readonly hole: string;
  readonly title: string;
  readonly got: boolean;
  /** The application's own: no wall around it can keep that from someone who is inside. */
  readonly own: boolean;
  readonly evidence: string;
}

async function run({ arguments: given, version, say, tell, colour }: Context): Promise<VerbOutcome> {
  assertRoot("the demonstration");
  const out = resolve(given.one("out") ?? "cloison-demo");
  checkOutputDirectory(out);
  const rehearsed = demonstration();
  const strong = (text: string): string => tinted(text, "strong", colour);
  tell(
    strong("A second-hand bookshop: Flask and gunicorn, ImageMagick, a Valkey database; its unit has no wall at all."),
  );
  tell("It has three classic holes. An intruder uses them, over HTTP:");
  say("booting a machine for the bookshop");
  const before = await inBox(rehearsed, undefined, (box) => breakIn(box, rehearsed));
  show(before, tell, colour);
  tell("");
  tell(strong("Now Cloison hardens it, from what the bookshop is seen to do with its everyday visitors:"));
  const hardened = await hardenService({
    ...rehearsed,
    level: "balanced",
    clients: undefined,
    asked: { command: ["demo"], version },
    say,
  });
  tell(`  ${hardened.report.directives.length} lines, each with its reason; the visitors are served as before.`);
  tell(
    `  exposure ${hardened.report.exposure.before} → ${hardened.report.exposure.after}, system calls ${hardened.report.syscalls.before} → ${hardened.report.syscalls.after}`,
  );
  tell("");
  tell(strong("The very same requests again:"));
  say("booting the hardened bookshop");
  const after = await inBox(rehearsed, hardened.dropIn, (box) => breakIn(box, rehearsed));
  show(after, tell, colour);
  await writeResults(out, hardened);
  tell("");
  for (const line of [...conclusion(before, after), ...goalsLeft(hardened.report)]) {
    tell(line);
  }
  const stopped = after.every(({ got, own }) => own || !got);
  return {
    status: stopped ? 0 : 1,
    text: `The whole report: ${out}/report.html`,
    json: { schema: "cloison.demonstration/1", before, after, report: hardened.report },
  };
}

function demonstration(): Rehearsed {
  const layers = (process.env.CLOISON_DEMO_LAYERS ?? "").split(":").filter((path) => path !== "");
  if (layers.length === 0 || !layers.every((path) => existsSync(path))) {
    const help = "type npm run demo in a checkout: it prepares the machine first";
    throw new SystemError("the demonstration", { reason: "its servers are not prepared on this machine", help });
  }
  return {
    target: { kind: "installed", name: "bookshop.service" },
    workload: {
      command: `/usr/bin/node ${SHOWN}/workload.mjs`,
      directory: "/",
      timeoutMs: 120_000,
      environment: {},
    },
    companions: ["neighbours.target"],
    box: { layers, addresses: NEIGHBOURS, bindReadOnly: [{ source: example, target: SHOWN }] },
  };
}

/** Starts the shop, serves its visitors once, then lets the intruder at it. */
async function breakIn(box: Box, rehearsed: Rehearsed): Promise<readonly Attempt[]> {
  for (const unit of [...rehearsed.companions, rehearsed.target.name]) {
    const started = await box.systemctl("start", unit);
    if (started.status !== 0) {
      throw new SystemError("start", { path: unit, reason: describeFailure(started) });
    }
  }
  const result = await box.run(["/usr/bin/node", `${SHOWN}/exploit.mjs`], { timeoutMs: 120_000 });
  if (result.status !== 0) {
    throw new SystemError("attack the bookshop", { reason: describeFailure(result) });
  }
  return result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Attempt);
}

function show(attempts: readonly Attempt[], tell: (line: string) => void, colour: boolean): void {
  const width = Math.max(...attempts.map(({ title }) => title.length));
  for (const { title, got, own, evidence } of attempts) {
    const [word, tone] = got
      ? own
        ? (["inside", "warn"] as const)
        : (["got in", "bad"] as const)
      : (["stopped", "good"] as const);
    const seen = tinted(evidence.replaceAll("\n", " "), "quiet", colour);
    tell(`  ${tinted(word.padEnd(7), tone, colour)}  ${title.padEnd(width)}  ${seen}`);
  }
}

function conclusion(before: readonly Attempt[], after: readonly Attempt[]): readonly string[] {
  const got = (attempts: readonly Attempt[]): number => attempts.filter((attempt) => attempt.got).length;
  const own = after.filter((attempt) => attempt.got && attempt.own).length;
  return [
    `${got(before)} of ${before.length} got in before, ${got(after)} of ${after.length} after.`,
    `What hardening cannot stop: the holes are still holes. Whoever is inside the shop is the shop: ${plural(own, "attempt")} still`,
    "reached what is its own, its secret, its customers, its commands, and nothing else of all that. Mend the holes, too.",
  ];
}

/** What the report says beside what was tried over HTTP: the goals of an intruder, and those that are left. */
function goalsLeft({ goals }: Report): readonly string[] {
  const tried = goals.filter(({ state }) => state !== "untried");
  const left = tried.filter(({ state }) => state !== "closed").map(({ title }) => title);
  return [
    `By all the ways that Cloison knows, ${tried.length - left.length} of ${tried.length} goals of an intruder are out of reach${left.length === 0 ? "." : `; still in reach: ${left.join("; ")}.`}`,
  ];
}
