/** The first two stages: the service as it is must work, and is then observed. */
import type { Observation } from "../core/action/action.ts";
import { writtenDirectories } from "../core/action/data-directories.ts";
import { began, exercised } from "../core/action/exercised.ts";
import { lacksCapabilities } from "../core/action/gap.ts";
import { sessionSigns, sessionText } from "../core/action/sessions.ts";
import { capabilityCandidates, withCapabilities } from "../core/synthesis/capabilities.ts";
import { SystemError } from "../linux/system-error.ts";
import { smallestCapabilities } from "./life/capabilities.ts";
import { refuseWriters } from "./life/data.ts";
import type { Life } from "./life/exercise.ts";
import type { Baseline } from "./life/problem.ts";
import { assertSteady } from "./life/steady.ts";
import { type Rehearsed, type Watched, watchLife } from "./life/trial.ts";
import { wallsOf } from "./life/walls.ts";

type Observed = Rehearsed & { readonly say: (step: string) => void };

/** Records what a service does, and nothing more; `warn` hears if that is nothing. Throws as `hardenService` does. */
export async function observeService(request: Observed, warn?: (text: string) => void): Promise<Observation> {
  request.say("observing it");
  const { observation } = await observeWhole(request, ({ reason, help }) => warn?.(`${reason}: ${help}`));
  return observation;
}

/** Why nothing follows from an observation, and the way out. */
interface Unshown {
  readonly reason: string;
  readonly help: string;
}

/** The error for a workload that shows nothing. */
export function refuseUnshown(unit: string): (unshown: Unshown) => never {
  return (unshown) => {
    throw new SystemError("exercise", { path: unit, ...unshown });
  };
}

/**
 * Throws a SystemError for a service that opens sessions for others: walls made of what a workload shows would shut people and their
 * jobs out of what they do.
 */
export function refuseSessions(unit: string, observation: Observation, own: number): void {
  const reason = sessionText(sessionSigns(observation, own));
  if (reason !== undefined) {
    const help = "harden what is started in sessions by units of its own; cloison attack says what is open as it is";
    throw new SystemError("harden", { path: unit, reason, help });
  }
}

/** The life that was observed beside the observation. `unshown` hears if the workload showed nothing. */
export async function observeWhole(request: Observed, unshown: (unshown: Unshown) => void): Promise<Baseline> {
  const watched = await watchLife(request, undefined);
  await assertSteady(request.target.name, watched.life, async () => (await watchLife(request, undefined)).life);
  assertWorks(watched.life, request.target.name, "under observation ");
  if (!began(watched.observation)) {
    throw new SystemError("observe", {
      path: request.target.name,
      reason: "none of its programs was seen to start, so that nothing is known of what it does",
      help: "report it, with the output of systemctl --version: this is a defect of Cloison",
    });
  }
  const shown = exercisedIn(watched);
  if (shown.kind === "nothing") {
    unshown({
      reason: `not decided: the workload shows nothing, ${shown.missing} while it ran`,
      help: shown.help,
    });
  }
  await refuseWriters(writtenDirectories(watched.observation), request.box);
  return { life: watched.life, observation: await withSmallestCapabilities(request, watched) };
}

/** What the workload made of the service. A oneshot's own run is its workload. */
function exercisedIn({ service, life, observation }: Watched): ReturnType<typeof exercised> & { help: string } {
  const { listens = [] } = life.find(({ phase }) => phase === "start") ?? {};
  const bus = life.find(({ phase }) => phase === "workload")?.bus ?? { names: [], called: false };
  const places = [...listens.map(({ name }) => name), ...bus.names, ...service.sockets].join(", ");
  const help =
    places === ""
      ? "give --workload a command that makes the service do its work, and that fails when it does not"
      : `give --workload a command that uses ${places}, and that fails when the service does not answer`;
  if (service.type === "oneshot") {
    return { kind: "shown", help };
  }
  const found = exercised(observation, {
    streams: listens.some(({ kind }) => kind === "stream"),
    datagrams: listens.some(({ kind }) => kind === "datagram"),
    activated: service.sockets.length > 0,
    bus,
  });
  return { ...found, help };
}

/**
 * The observation with the capabilities that are needed. What the kernel was asked for is enough unless some of that was
 * lost; without the kernel's word it is tried. The rehearsal checks both.
 */
async function withSmallestCapabilities(request: Observed, watched: Watched): Promise<Observation> {
  const { service, observation, capabilitiesTraced: traced } = watched;
  const { sandbox } = wallsOf(service);
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
    throw new SystemError("run", {
      path: unit,
      reason: `${what} ${how}before anything is hardened: ${failed.detail}`,
      lines: failed.words ?? [],
      help: failed.help ?? "it must work in the box first; see --with, --network, --data",
    });
  }
}
