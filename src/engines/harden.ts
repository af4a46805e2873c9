/**
 * `harden` from end to end: observe, synthesise, rehearse, attack, report. Each stage is one function of the folder that
 * does it; here stands only their order, and what passes between them.
 */
import { createHash } from "node:crypto";
import { hostname, release } from "node:os";
import type { Observation } from "../core/action/action.ts";
import { dataDirectories } from "../core/action/data-directories.ts";
import { writeObservation } from "../core/action/document.ts";
import { inputError } from "../core/diagnostic/input-error.ts";
import { assemble } from "../core/report/assemble.ts";
import { type Provenance, provenanceRows } from "../core/report/provenance.ts";
import type { Report } from "../core/report/report.ts";
import type { SynthesisInput } from "../core/synthesis/input.ts";
import type { SystemdVersion } from "../linux/systemd-version.ts";
import { hashUnitText } from "../linux/unit-text.ts";
import { attackBeforeAndAfter } from "./attack.ts";
import { effects } from "./box/effects.ts";
import { nameLargeFiles, refuseWriters } from "./life/data.ts";
import { earlierOf } from "./life/exercise.ts";
import { lookAtFiles } from "./life/file-findings.ts";
import { rehearse } from "./life/rehearse.ts";
import type { Service } from "./life/service.ts";
import { assertSteady } from "./life/steady.ts";
import { inBox, type Rehearsed, tryLife } from "./life/trial.ts";
import { hostOf, wallsOf } from "./life/walls.ts";
import { assertWorks, observeWhole, refuseUnshown } from "./observe.ts";

/** What is asked. */
export interface HardenRequest extends Rehearsed {
  readonly level: "balanced" | "strict";
  /** Where clients may come from; undefined: anywhere. */
  readonly clients: readonly string[] | undefined;
  /** The systemd that is to read the drop-in; undefined: the one that rehearses it. */
  readonly targetVersion?: number | undefined;
  /** Who asks: the words of the command line but for the workload, and Cloison's version. */
  readonly asked: { readonly command: readonly string[]; readonly version: string };
  readonly say: (step: string) => void;
}

/** What comes out; the drop-in has passed its rehearsal. */
export interface Hardened {
  readonly observation: Observation;
  readonly dropIn: string;
  readonly report: Report;
}

/** What is known of the service and the machine before anything is tried. */
interface Known {
  readonly service: Service;
  readonly ineffective: ReadonlyMap<string, string>;
  /** What the box and its data have to say to the user. */
  readonly notes: readonly string[];
}

/** Hardens a service. Throws SystemError or InputError with nothing left behind. */
export async function hardenService(request: HardenRequest): Promise<Hardened> {
  const { say, level } = request;
  say("reading the unit 1/5");
  const { service, ineffective, notes } = await know(request);
  const { systemd } = service;
  const target = request.targetVersion ?? systemd.version;
  say("running the service as it is 2/5");
  const began = performance.now();
  const first = await tryLife(request, undefined);
  await assertSteady(service.name, first, () => tryLife(request, undefined));
  assertWorks(first, service.name);
  const rehearsed: HardenRequest = { ...request, earlier: earlierOf(first) };
  const toGo = estimate(performance.now() - began);
  say(`observing it, ${toGo("observe")} 3/5`);
  const { life, observation } = await observeWhole(rehearsed, refuseUnshown(service.name));
  const input: SynthesisInput = {
    observation,
    values: wallsOf(service, target).values,
    host: hostOf(service, target),
    level,
    clients: request.clients,
    ineffective,
  };
  const made = madeNow(request, observation);
  const header = [
    `Made by cloison harden for ${service.name}, systemd ${target === systemd.version ? systemd.full : target}, level ${level}.`,
    ...elsewhere(request, systemd),
    ...provenanceRows(made).map(([name, text]) => `${name}: ${text}`),
  ];
  say(`building walls, ${toGo("rehearse")} 4/5`);
  const passed = await rehearse(rehearsed, { life, observation }, input, header, say);
  const { dropIn, synthesis, loosened, flaky } = passed;
  say(`attacking it as it was, and behind its walls, ${toGo("attack")} 5/5`);
  const [attacks, files] = await Promise.all([
    attackBeforeAndAfter(request, service, observation, passed),
    lookAtFiles(request, dropIn),
  ]);
  const report = assemble({
    ...{
      level,
      systemd: systemd.full,
      kernel: release(),
      abi: input.host.machine,
      service,
      observation,
      synthesis,
      attacks,
      loosened,
      flaky,
      notes: [...notes, ...elsewhere(request, systemd)],
    },
    life: { before: life, after: passed.life },
    exposure: files.exposure,
    made,
    hashes: {
      dropIn: sha256(dropIn),
      unit: hashUnitText(service.files),
      executables: files.executables,
      notCovered: files.notCovered,
    },
    ...(files.installed === undefined ? {} : { installed: files.installed }),
  });
  return { observation, dropIn, report };
}

/** Rough cost of each stage, in first lives with their boxes: an estimate that only has to be of the right size. */
const STAGES = { observe: 3, rehearse: 2, attack: 4 };

/** The time from the beginning of a stage to the end, in words. */
function estimate(firstLifeMs: number): (stage: keyof typeof STAGES) => string {
  const order = Object.keys(STAGES) as (keyof typeof STAGES)[];
  return (stage) => {
    const lives = order.slice(order.indexOf(stage)).reduce((sum, each) => sum + STAGES[each], 0);
    return `about ${Math.max(5, Math.round((lives * firstLifeMs) / 5000) * 5)} s to go`;
  };
}

/** Where it was rehearsed, if that is not where it is to be used. */
function elsewhere({ box, targetVersion }: HardenRequest, systemd: SystemdVersion): readonly string[] {
  const root = box.root === undefined ? [] : [`Rehearsed on the system in ${box.root}, not on this machine's.`];
  const older =
    targetVersion === undefined || targetVersion === systemd.version
      ? []
      : [`Made for systemd ${targetVersion}, and rehearsed under systemd ${systemd.full} alone.`];
  return [...root, ...older];
}

function refuseNewer(targetVersion: number | undefined, { version, full }: SystemdVersion): void {
  if (targetVersion !== undefined && targetVersion > version) {
    throw inputError(
      "target-too-new",
      `systemd ${full} cannot rehearse what only systemd ${targetVersion} understands`,
      "give --root the root of a system that has it, or a --target-version that is not newer",
    );
  }
}

function madeNow({ asked, workload }: HardenRequest, observation: Observation): Provenance {
  const { command: text } = workload ?? {};
  return {
    date: new Date().toISOString(),
    host: hostname(),
    ...asked,
    ...(text === undefined ? {} : { workload: { text, sha256: sha256(text) } }),
    observation: {
      sha256: sha256(writeObservation(observation)),
      gaps: observation.gaps.reduce((sum, { count }) => sum + count, 0),
    },
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A setting that nobody knows: written wrong, or for a newer systemd. */
function ignoredBy({ uncatalogued, systemd }: Service): readonly string[] {
  return uncatalogued.ignored.map(
    ({ directive, file, line }) =>
      `${file}:${line}: systemd ${systemd.full} does not know ${directive}= and ignores it.`,
  );
}

/** Boots a box once to read the unit in it, and refuses what could not be rehearsed honestly. */
async function know(request: HardenRequest): Promise<Known> {
  const { service, ineffective, notes } = await inBox(request, undefined, async (box, service) => ({
    service,
    ineffective: (await effects(box)).ineffective,
    notes: box.notes,
  }));
  refuseNewer(request.targetVersion, service.systemd);
  const data = dataDirectories(service.directories);
  await refuseWriters(data, request.box);
  return {
    service,
    ineffective: new Map(ineffective.map(({ directive, reason }) => [directive, reason])),
    notes: [...notes, ...ignoredBy(service), ...(await nameLargeFiles(data, request.box))],
  };
}
