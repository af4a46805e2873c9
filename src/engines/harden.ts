/**
 * `harden` from end to end: observe, synthesise, rehearse, attack, report. Each stage is one function of the folder that
 * does it; here stands only their order, and what passes between them.
 */
import { release } from "node:os";
import type { Observation } from "../core/action/action.ts";
import { dataDirectories } from "../core/action/data-directories.ts";
import { inputError } from "../core/diagnostic/input-error.ts";
import { supposeOwnUser } from "../core/own-user/suppose.ts";
import { assemble } from "../core/report/assemble.ts";
import type { Report } from "../core/report/report.ts";
import type { SynthesisInput } from "../core/synthesis/input.ts";
import { anywhere } from "../core/synthesis/portable.ts";
import { identitiesOf } from "../core/verdict/identities.ts";
import { intrudersReach } from "../core/verdict/intruders-reach.ts";
import { sha256 } from "../linux/sha256.ts";
import type { SystemdVersion } from "../linux/systemd-version.ts";
import { hashUnitText } from "../linux/unit-text.ts";
import { attackBeforeAndAfter } from "./attack.ts";
import type { Box } from "./box/box.ts";
import { effects } from "./box/effects.ts";
import { elsewhere, headerOf, ignoredBy, leftOut, madeNow, type Terms } from "./harden-words.ts";
import { nameLargeFiles, refuseWriters } from "./life/data.ts";
import { earlierOf } from "./life/exercise.ts";
import { lookAtFiles } from "./life/file-findings.ts";
import { rehearse } from "./life/rehearse.ts";
import { secretsOf, secretsOfMachine } from "./life/secrets.ts";
import type { Service } from "./life/service.ts";
import { assertSteady } from "./life/steady.ts";
import { inBox, type Rehearsed, tryLife } from "./life/trial.ts";
import { hostOf, wallsOf } from "./life/walls.ts";
import { assertWorks, observeWhole, refuseSessions, refuseUnshown } from "./observe.ts";
import { tryOwnUser } from "./own-user.ts";
import { ownUserFindings } from "./own-user-report.ts";

/** What is asked. */
export interface HardenRequest extends Rehearsed, Terms {
  /** Where clients may come from; undefined: anywhere. */
  readonly clients: readonly string[] | undefined;
  /** The user that the service is to get, "" for one that Cloison chooses; undefined: none is tried. */
  readonly ownUser?: string | undefined;
  readonly say: (step: string) => void;
}

/** What comes out; the drop-in has passed its rehearsal. */
export interface Hardened {
  readonly observation: Observation;
  readonly dropIn: string;
  readonly report: Report;
  /** The drop-in with a user of its own, if that was asked for and works. */
  readonly ownUser?: string;
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
  const known = await know(request);
  const { service, notes } = known;
  const { systemd } = service;
  say("running the service as it is 2/5");
  const began = performance.now();
  const first = await tryLife(request, undefined);
  await assertSteady(service.name, first, () => tryLife(request, undefined));
  assertWorks(first, service.name);
  const rehearsed: HardenRequest = { ...request, earlier: earlierOf(first) };
  const toGo = estimate(performance.now() - began);
  say(`observing it, ${toGo("observe")} 3/5`);
  const { life, observation } = await observeWhole(rehearsed, refuseUnshown(service.name));
  refuseSessions(service.name, observation, service.account.uid);
  const whole = inputOf(request, known, observation);
  const input = request.portable === true ? anywhere(whole) : whole;
  const made = madeNow(request, observation);
  const header = headerOf(request, service, made);
  say(`building walls, ${toGo("rehearse")} 4/5`);
  const passed = await rehearse(rehearsed, { life, observation }, input, header, say);
  const { dropIn, synthesis, loosened, flaky } = passed;
  say(`attacking it as it was, and behind its walls, ${toGo("attack")} 5/5`);
  const supposed = supposeOwnUser({ ...service, observation }, synthesis.values, hostOf(service));
  const [attacks, files] = await Promise.all([
    attackBeforeAndAfter(request, service, observation, passed, supposed),
    lookAtFiles(request, dropIn),
  ]);
  const asRoot = { service, baseline: { life, observation }, input, header };
  const tried = request.ownUser === undefined ? undefined : await tryOwnUser(rehearsed, request.ownUser, asRoot);
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
      notes: [...notes, ...elsewhere(request, systemd), ...leftOut(request, whole, passed)],
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
    ...ownUserFindings(tried, supposed, attacks),
  });
  return { observation, dropIn, report, ...(tried?.kind === "works" ? { ownUser: tried.dropIn } : {}) };
}

/** What is asked of the synthesis. */
function inputOf(request: HardenRequest, { service, ineffective }: Known, observation: Observation): SynthesisInput {
  const host = hostOf(service, request.targetVersion);
  return {
    observation,
    values: wallsOf(service, request.targetVersion).values,
    host,
    level: request.level,
    clients: request.clients,
    ineffective,
    objective: intrudersReach(identitiesOf(service.account, observation), host.machine),
  };
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

function refuseNewer(targetVersion: number | undefined, { version, full }: SystemdVersion): void {
  if (targetVersion !== undefined && targetVersion > version) {
    throw inputError(
      "target-too-new",
      `systemd ${full} cannot rehearse what only systemd ${targetVersion} understands`,
      "give --root the root of a system that has it, or a --target-version that is not newer",
    );
  }
}

/** Secrets that lie in the box, and those in the /run of this machine if the box is one of it. */
async function secretsAround(box: Box, root: string | undefined): Promise<readonly string[]> {
  const beside = root === undefined ? await secretsOfMachine() : [];
  return [...new Set([...(await secretsOf(box)), ...beside])];
}

/** Boots a box once to read the unit in it, and refuses what could not be rehearsed honestly. */
async function know(request: HardenRequest): Promise<Known> {
  const { service, ineffective, notes } = await inBox(request, undefined, async (box, service) => ({
    service: { ...service, secrets: await secretsAround(box, request.box.root) },
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
