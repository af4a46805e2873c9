/**
 * `harden` from end to end: observe, synthesise, rehearse, attack, report. Each stage is one function of the folder that
 * does it; here stands only their order, and what passes between them.
 */
import type { SynthesisInput } from "../../core/synthesis/synthesize.ts";
import { systemdVersion } from "../../linux/systemd-version.ts";
import { effects } from "../box/effects.ts";
import { rehearse } from "../life/rehearse.ts";
import { inBox, tryLife } from "../life/trial.ts";
import { hostOf, wallsOf } from "../life/walls.ts";
import { assemble } from "./assemble.ts";
import { attackBeforeAndAfter } from "./attacks.ts";
import { dataDirectories, nameLargeFiles, refuseWriters } from "./data.ts";
import { lookAtFiles } from "./exposure.ts";
import { assertWorks, observeWhole } from "./observe.ts";
import type { Hardened, HardenRequest, Known } from "./request.ts";

/** Hardens a service. Throws SystemError or InputError with nothing left behind. */
export async function hardenService(request: HardenRequest): Promise<Hardened> {
  const { say } = request;
  say("reading the unit");
  const known = await know(request);
  say("running the service as it is");
  assertWorks(await tryLife(request, undefined), request.target.name);
  const { life, observation } = await observeWhole(request);
  const built = wallsOf(known.service, known.systemd.version);
  const input: SynthesisInput = {
    observation,
    values: built.values,
    host: hostOf(known.service, known.systemd.version),
    level: request.level,
    clients: request.clients,
    ineffective: known.ineffective,
  };
  const header = [
    `Made by cloison harden for ${known.service.name}, systemd ${known.systemd.full}, level ${request.level}.`,
  ];
  const passed = await rehearse(request, { life, observation }, input, header, say);
  const [attacks, files] = await Promise.all([
    attackBeforeAndAfter(request, known, observation, passed),
    lookAtFiles(request, passed.dropIn),
  ]);
  const report = assemble({ request, known, life, observation, passed, attacks, files });
  return { observation, dropIn: passed.dropIn, report };
}

/** Boots a box once to read the unit in it, and refuses what could not be rehearsed honestly. */
async function know(request: HardenRequest): Promise<Known> {
  const { service, ineffective, notes } = await inBox(request, undefined, async (box, service) => ({
    service,
    ineffective: (await effects(box)).ineffective,
    notes: box.notes,
  }));
  const data = dataDirectories(service.directories);
  await refuseWriters(data, request.box);
  return {
    service,
    systemd: await systemdVersion(),
    ineffective: new Map(ineffective.map(({ directive, reason }) => [directive, reason])),
    notes: [...notes, ...(await nameLargeFiles(data))],
  };
}
