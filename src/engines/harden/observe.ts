/** The first two stages: the service as it is must work, and is then observed. */
import type { Observation } from "../../core/action/action.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { Life } from "../rehearse/exercise.ts";
import type { Baseline } from "../rehearse/rehearse.ts";
import { type Rehearsed, watchLife } from "../rehearse/trial.ts";
import { refuseWriters, writtenDirectories } from "./data.ts";

/** Records what a service does, and nothing more. Throws as `hardenService` does. */
export async function observeService(
  request: Rehearsed & { readonly say: (step: string) => void },
): Promise<Observation> {
  return (await observeWhole(request)).observation;
}

/** The life that was observed beside the observation. */
export async function observeWhole(request: Rehearsed & { readonly say: (step: string) => void }): Promise<Baseline> {
  request.say("observing it");
  const { life, observation } = await watchLife(request, undefined);
  assertWorks(life, request.target.name, "under observation ");
  await refuseWriters(writtenDirectories(observation), request.box);
  return { life, observation };
}

/** Throws a SystemError if the service did not even start, or its workload did not pass, or there was none. */
export function assertWorks(life: Life, unit: string, how = ""): void {
  const unexercised = life.find(({ phase, outcome }) => phase === "workload" && outcome === "absent");
  if (unexercised !== undefined) {
    const help = "give --workload CMD: without one nobody could tell whether the service still works";
    throw new SystemError("harden", { path: unit, reason: "unexercised: no workload was given", help });
  }
  const failed = life.find(({ phase, outcome }) => outcome === "failed" && (phase === "start" || phase === "workload"));
  if (failed !== undefined) {
    const what = failed.phase === "start" ? "it does not start" : "the workload fails";
    const reason = `${what} ${how}before anything is hardened: ${failed.detail}`;
    throw new SystemError("harden", {
      path: unit,
      reason,
      help: "it must work in the box first; see --with, --network, --data",
    });
  }
}
