/** The first two stages: the service as it is must work, and is then observed. */
import type { Observation } from "../core/action/action.ts";
import { writtenDirectories } from "../core/action/data-directories.ts";
import { lacksCapabilities } from "../core/action/gap.ts";
import { capabilityCandidates, withCapabilities } from "../core/synthesis/capabilities.ts";
import { SystemError } from "../linux/system-error.ts";
import { systemdVersion } from "../linux/systemd-version.ts";
import { smallestCapabilities } from "./life/capabilities.ts";
import { refuseWriters } from "./life/data.ts";
import type { Life } from "./life/exercise.ts";
import type { Baseline } from "./life/rehearse.ts";
import { type Rehearsed, type Watched, watchLife } from "./life/trial.ts";
import { wallsOf } from "./life/walls.ts";

/** Records what a service does, and nothing more. Throws as `hardenService` does. */
export async function observeService(
  request: Rehearsed & { readonly say: (step: string) => void },
): Promise<Observation> {
  return (await observeWhole(request)).observation;
}

/** The life that was observed beside the observation. */
export async function observeWhole(request: Rehearsed & { readonly say: (step: string) => void }): Promise<Baseline> {
  request.say("observing it");
  const watched = await watchLife(request, undefined);
  assertWorks(watched.life, request.target.name, "under observation ");
  await refuseWriters(writtenDirectories(watched.observation), request.box);
  return { life: watched.life, observation: await withSmallestCapabilities(request, watched) };
}

/**
 * The observation with the capabilities that are needed. What the kernel was asked for is enough unless some of that was
 * lost; without the kernel's word it is tried. The rehearsal checks both.
 */
async function withSmallestCapabilities(
  request: Rehearsed & { readonly say: (step: string) => void },
  watched: Watched,
): Promise<Observation> {
  const { service, observation, capabilitiesTraced: traced } = watched;
  const { sandbox } = wallsOf(service, (await systemdVersion()).version);
  const candidates = capabilityCandidates(observation, sandbox, traced);
  const enough = traced && !lacksCapabilities(observation.gaps);
  const found = await smallestCapabilities(request, watched, candidates, request.say, { enough });
  return withCapabilities(observation, candidates, found);
}

/** Throws a SystemError if the service did not even start, or its workload did not pass, or there was none. */
export function assertWorks(life: Life, unit: string, how = ""): void {
  const unexercised = life.find(({ phase, outcome }) => phase === "workload" && outcome === "absent");
  if (unexercised !== undefined) {
    const help = "give --workload CMD: without one nobody could tell whether the service still works";
    throw new SystemError("exercise", { path: unit, reason: "unexercised: no workload was given", help });
  }
  const failed = life.find(({ phase, outcome }) => outcome === "failed" && (phase === "start" || phase === "workload"));
  if (failed !== undefined) {
    const what = failed.phase === "start" ? "it does not start" : "the workload fails";
    const reason = `${what} ${how}before anything is hardened: ${failed.detail}`;
    throw new SystemError("run", {
      path: unit,
      reason,
      help: "it must work in the box first; see --with, --network, --data",
    });
  }
}
