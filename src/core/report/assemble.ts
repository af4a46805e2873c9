/** Puts what the stages found together into one report. */

import type { Identity, Observation, Phase } from "../action/action.ts";
import { gapText } from "../action/gap.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { directiveOf } from "../sandbox/origin.ts";
import type { Setting, Synthesis } from "../synthesis/synthesize.ts";
import { identitiesOf } from "../verdict/identities.ts";
import { verdictOf } from "../verdict/overall.ts";
import type { AttackReport } from "../verdict/result.ts";
import { notBuiltLines } from "./not-built.ts";
import type { OwnUserReport } from "./own-user.ts";
import { portraitOf } from "./portrait.ts";
import type { Provenance } from "./provenance.ts";
import type { DirectiveLine, Door, Report } from "./report.ts";
import { unusedIn } from "./unused.ts";

/** How one phase of the service's life went. */
export interface LivedPhase {
  readonly phase: Phase;
  /** `absent`: the unit has no such thing. */
  readonly outcome: "passed" | "failed" | "absent";
  /** In our own words. */
  readonly detail: string;
  readonly seconds?: number;
}

/** The findings of all stages. */
export interface Findings {
  readonly level: Report["level"];
  /** As systemd and the kernel name themselves. */
  readonly systemd: string;
  readonly kernel: string;
  /** Of the machine's own programs. */
  readonly abi: Abi;
  readonly service: { readonly name: string; readonly account: Identity };
  /** The life without the new walls, and the one behind them. */
  readonly life: { readonly before: readonly LivedPhase[]; readonly after: readonly LivedPhase[] };
  readonly observation: Observation;
  /** What the drop-in that passed was made of. */
  readonly synthesis: Synthesis;
  readonly attacks: AttackReport;
  readonly exposure: Report["exposure"];
  /** What had to be loosened for the rehearsal to pass. */
  readonly loosened: readonly string[];
  /** What failed behind the walls and passed there when it was tried again. */
  readonly flaky: readonly string[];
  /** What the box and its data have to say to the user. */
  readonly notes: readonly string[];
  readonly hashes: Report["hashes"];
  /** How the drop-in compares with the one that is installed now; absent if none is. */
  readonly installed?: Report["installed"];
  readonly made?: Provenance;
  readonly ownUser?: OwnUserReport;
}

/** The report. */
export function assemble(findings: Findings): Report {
  const { service, life, observation, synthesis, attacks } = findings;
  const before = portraitOf(synthesis.before, findings.abi);
  const after = portraitOf(synthesis.after, findings.abi);
  const workload = { before: workloadOf(life.before), after: workloadOf(life.after) };
  return {
    schema: "cloison.report/3",
    unit: service.name,
    verdict: verdictOf(attacks, {
      behindWalls: workload.after,
      everyTime: findings.flaky.length === 0,
    }),
    level: findings.level,
    systemd: findings.systemd,
    kernel: findings.kernel,
    exposure: findings.exposure,
    workload,
    syscalls: { before: before.syscalls, after: after.syscalls },
    capabilities: { before: before.capabilities, after: after.capabilities },
    writable: { before: before.writable, after: after.writable },
    namespaces: { before: before.namespaces, after: after.namespaces },
    crossings: { before: before.crossings, after: after.crossings },
    goals: attacks.goals,
    probes: attacks.results,
    notApplicable: attacks.notApplicable,
    directives: synthesis.settings.flatMap((setting) => linesOf(setting, attacks)),
    doors: synthesis.settings.flatMap(doorsOf),
    notEnforced: synthesis.notEnforced,
    notBuilt: notBuiltLines(synthesis.notBuilt),
    warnings: [
      ...synthesis.warnings,
      ...findings.loosened,
      ...synthesis.advice,
      ...(attacks.onFiles ?? []),
      ...findings.notes,
    ],
    ...startOf([...life.before, ...life.after]),
    ...(findings.installed === undefined ? {} : { installed: findings.installed }),
    ...(findings.flaky.length === 0 ? {} : { flaky: findings.flaky }),
    notKnown: [
      ...notAttacked(service.account, observation, attacks),
      ...notKnown(life.before, observation),
      ...(findings.hashes.notCovered ?? []),
    ],
    ...(findings.ownUser === undefined ? {} : { ownUser: findings.ownUser }),
    unused: unusedIn(synthesis.after, observation, findings.abi),
    ...(findings.made === undefined ? {} : { made: findings.made }),
    hashes: findings.hashes,
  };
}

/** To the tenth of a second, upwards. */
function startOf(phases: readonly LivedPhase[]): Pick<Report, "life"> {
  const seconds = phases
    .filter(({ phase, outcome }) => (phase === "start" || phase === "restart") && outcome === "passed")
    .flatMap((one) => one.seconds ?? []);
  return seconds.length === 0 ? {} : { life: { startSeconds: Math.ceil(Math.max(...seconds) * 10) / 10 } };
}

function workloadOf(life: readonly LivedPhase[]): "pass" | "fail" {
  return life.some(({ phase, outcome }) => phase === "workload" && outcome === "failed") ? "fail" : "pass";
}

function linesOf(setting: Setting, attacks: AttackReport): readonly DirectiveLine[] {
  const { directive: name, reason, lines } = setting;
  const blocks = attacks.results
    .filter(({ stoppedBy = [] }) => stoppedBy.some((origin) => directiveOf(origin) === name))
    .map(({ id }) => id);
  return lines.map((value) => ({ name, value, reason, ...(value === "" ? {} : { blocks: [...new Set(blocks)] }) }));
}

function doorsOf({ directive, lines, doors }: Setting): readonly Door[] {
  return doors.map((needs) => ({ directive, value: lines.at(-1) ?? "", needs }));
}

function notAttacked(own: Identity, observation: Observation, { results }: AttackReport): readonly string[] {
  const attacked = new Set(results.map(({ identity }) => Number.parseInt(identity, 10)));
  return identitiesOf(own, observation)
    .filter(({ uid }) => results.length > 0 && !attacked.has(uid))
    .map(
      ({ uid }) =>
        `commands that systemd runs as uid ${uid} beside the main program, which cannot become it, were not attacked`,
    );
}

function notKnown(life: readonly LivedPhase[], observation: Observation): readonly string[] {
  const absent = life
    .filter(({ outcome }) => outcome === "absent")
    .map(({ phase, detail }) => `${phase} was not seen: ${detail}`);
  const gaps = observation.gaps.map(gapText);
  return [...absent, ...gaps, "what the workload did not make the service do was not seen"];
}
