/** Puts what the stages found together into one report. */
import { createHash } from "node:crypto";
import { release } from "node:os";
import type { Observation } from "../../core/action/action.ts";
import { portraitOf } from "../../core/report/portrait.ts";
import type { DirectiveLine, Door, Report } from "../../core/report/report.ts";
import type { Sandbox } from "../../core/sandbox/wall.ts";
import type { Setting } from "../../core/synthesis/synthesize.ts";
import { hashUnitText } from "../../linux/unit-text.ts";
import type { AttackReport } from "../judges/attack.ts";
import type { Life } from "../life/exercise.ts";
import type { Passed } from "../life/rehearse.ts";
import type { Service } from "../life/service.ts";
import type { FileFindings } from "./exposure.ts";
import { attackable, type HardenRequest, identitiesOf, type Known } from "./request.ts";

/** The findings of all stages. */
export interface Findings {
  readonly request: HardenRequest;
  readonly known: Known;
  /** The life without walls. */
  readonly life: Life;
  readonly observation: Observation;
  readonly passed: Passed;
  readonly attacks: AttackReport;
  readonly files: FileFindings;
}

/** The report. */
export function assemble({ request, known, life, observation, passed, attacks, files }: Findings): Report {
  const { service, systemd, notes } = known;
  const { synthesis, dropIn, loosened } = passed;
  const before = portraitOf(synthesis.before);
  const after = portraitOf(synthesis.after);
  const passes = (lived: Life): "pass" | "fail" =>
    lived.some(({ phase, outcome }) => phase === "workload" && outcome === "failed") ? "fail" : "pass";
  return {
    schema: "cloison.report/1",
    unit: service.name,
    level: request.level,
    systemd: systemd.full,
    kernel: release(),
    exposure: files.exposure,
    workload: { before: passes(life), after: passes(passed.life) },
    syscalls: { before: before.syscalls, after: after.syscalls },
    capabilities: { before: before.capabilities, after: after.capabilities },
    writable: { before: before.writable, after: after.writable },
    namespaces: { before: before.namespaces, after: after.namespaces },
    crossings: { before: before.crossings, after: after.crossings },
    probes: attacks.results,
    notApplicable: attacks.notApplicable,
    directives: synthesis.settings.flatMap((setting) => linesOf(setting, attacks)),
    doors: synthesis.settings.flatMap(doorsOf),
    notEnforced: synthesis.notEnforced,
    warnings: [...synthesis.warnings, ...loosened, ...synthesis.advice, ...notes],
    notKnown: [...notAttacked(service, observation, synthesis.before), ...notKnown(life, observation)],
    hashes: {
      dropIn: createHash("sha256").update(dropIn).digest("hex"),
      unit: hashUnitText(service.files),
      executables: files.executables,
    },
  };
}

function linesOf(setting: Setting, attacks: AttackReport): readonly DirectiveLine[] {
  const { directive: name, reason, lines } = setting;
  const blocks = attacks.results
    .filter(({ stoppedBy = [] }) => stoppedBy.some((wall) => wall.startsWith(`${name}=`)))
    .map(({ id }) => id);
  return lines.map((value) => ({ name, value, reason, ...(value === "" ? {} : { blocks: [...new Set(blocks)] }) }));
}

function doorsOf({ directive, lines, doors }: Setting): readonly Door[] {
  return doors.map((needs) => ({ directive, value: lines.at(-1) ?? "", needs }));
}

function notAttacked(service: Service, observation: Observation, before: Sandbox): readonly string[] {
  const seen = identitiesOf(service, observation);
  const attacked = attackable(seen, before);
  return seen
    .filter((identity) => !attacked.includes(identity))
    .map(
      ({ uid }) =>
        `commands that systemd runs as uid ${uid} beside the main program, which cannot become it, were not attacked`,
    );
}

function notKnown(life: Life, observation: Observation): readonly string[] {
  const absent = life
    .filter(({ outcome }) => outcome === "absent")
    .map(({ phase, detail }) => `${phase} was not seen: ${detail}`);
  const gaps = observation.gaps.map(({ reason, count }) => `${reason} (${count} times)`);
  return [...absent, ...gaps, "what the workload did not make the service do was not seen"];
}
