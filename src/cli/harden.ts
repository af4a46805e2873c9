/** `cloison harden`: observe → synthesise → rehearse → attack → report. */
import { resolve } from "node:path";
import { inputError } from "../core/diagnostic/input-error.ts";
import type { Line } from "../core/report/lines.ts";
import type { Report } from "../core/report/report.ts";
import { fileLines, shortLines } from "../core/report/short.ts";
import { headline } from "../core/report/summary.ts";
import { reportLines, verdictLines } from "../core/report/text.ts";
import { hardenService } from "../engines/harden.ts";
import { assertRoot } from "../linux/root.ts";
import { applyDirectory } from "./apply.ts";
import { wordsOf } from "./arguments.ts";
import { boxOptionSpecs, boxOptions, companionOptions, workloadOption } from "./box-options.ts";
import {
  clientsOption,
  clientsSpec,
  levelSpec,
  ownUserOption,
  ownUserSpec,
  portableSpec,
  quietSpec,
  targetOption,
  targetSpec,
} from "./harden-options.ts";
import { checkOutputDirectory } from "./output-directory.ts";
import { writeResults } from "./results.ts";
import { readRunnable } from "./target.ts";
import { paint } from "./terminal.ts";
import type { Arguments, Context, Verb, VerbOutcome } from "./verb.ts";
import { statusOf } from "./verdict-status.ts";

export const harden: Verb = {
  name: "harden",
  summary:
    "Builds the walls a service lacks from what it is seen to do, and proves that they hold and that it still works.",
  usage: "UNIT|FILE.service --workload CMD [--out DIR] [options]",
  operands: { min: 1, max: 1, completes: ["unit", "file"] },
  schemas: ["cloison.report/3"],
  options: {
    ...boxOptionSpecs,
    out: { type: "string", value: "DIR", help: "where the result files go (./cloison-UNIT)" },
    quiet: quietSpec,
    level: levelSpec,
    clients: clientsSpec,
    "target-version": targetSpec,
    portable: portableSpec,
    "own-user": ownUserSpec,
    apply: { type: "boolean", help: "install the drop-in on this machine unless something is violated or not decided" },
    check: { type: "string", value: "CMD", help: "with --apply: see cloison apply --help" },
  },
  examples: [
    "cloison harden nginx.service --workload 'curl -fsS http://127.0.0.1/' --out nginx",
    "cloison harden ./bookshop.service --workload ./visit-the-shop.sh --clients 192.168.0.0/16",
  ],
  run,
};

async function run({ arguments: given, version, say, colour }: Context): Promise<VerbOutcome> {
  const target = await readRunnable(given.operands[0] ?? "");
  const workload = workloadOption(given);
  const companions = companionOptions(given);
  const box = boxOptions(given, say);
  const clients = clientsOption(given);
  if (given.one("check") !== undefined && !given.flag("apply")) {
    throw inputError("usage", "--check goes with --apply", "see cloison harden --help");
  }
  const directory = resolve(given.one("out") ?? `cloison-${target.name.replace(/\.service$/, "")}`);
  assertRoot("harden");
  checkOutputDirectory(directory);
  const hardened = await hardenService({
    target,
    workload,
    companions,
    box,
    level: given.one("level") === "strict" ? "strict" : "balanced",
    clients,
    targetVersion: targetOption(given),
    portable: given.flag("portable"),
    ownUser: ownUserOption(given),
    asked: { command: wordsOf(harden, given), version },
    say,
  });
  await writeResults(directory, hardened);
  const { report } = hardened;
  const status = statusOf(report.verdict);
  const text = paint(linesFor(given, report, directory), colour);
  const ownUser = given.one("own-user") !== undefined;
  const refused = ownUser && report.ownUser?.kind !== "works";
  if (!given.flag("apply") || refused || report.verdict === "violated" || report.verdict === "unknown") {
    return { status, text, json: { ...report } };
  }
  const check = given.one("check");
  const options = { ownUser, check, activeSeconds: 10, windowSeconds: undefined, discardEdits: false, say };
  const applied = await applyDirectory(directory, options);
  return { ...applied, text: `${text}\n${applied.text}`, json: { ...report } };
}

/** As long as was asked for. */
function linesFor(given: Arguments, report: Report, directory: string): readonly Line[] {
  if (given.flag("quiet")) {
    return verdictLines(report.unit, report.verdict, headline(report));
  }
  return given.flag("verbose") ? [...reportLines(report), [], ...fileLines(directory)] : shortLines(report, directory);
}
