/** One trial of a drop-in: a fresh box, the service with the drop-in, its whole life, watched or not. */
import type { Observation, Peak, Phase } from "../../core/action/action.ts";
import { type Box, type BoxOptions, bootBox } from "../box/box.ts";
import { peersOfMachine } from "../box/peers.ts";
import { OBSERVERS, observeUnit } from "../observers/observe.ts";
import { beneathPath, dropInPath, ownDropIns } from "./drop-in.ts";
import { type Earlier, exercise, type Life, type Workload } from "./exercise.ts";
import { watchPeak } from "./peak.ts";
import { lay, loadService, reload, type Service, type Target } from "./service.ts";

/** What is tried, the same in every trial but for the drop-in. */
export interface Rehearsed {
  readonly target: Target;
  readonly workload: Workload | undefined;
  readonly companions: readonly string[];
  readonly box: BoxOptions;
  /** Whether the kernel is asked which capabilities the bare service is checked for, where it can tell. Default: yes. */
  readonly traceCapabilities?: boolean;
  /** Whether a drop-in of Cloison's that is installed counts as part of the unit; else it is left out, so that it can be loosened. */
  readonly withInstalled?: boolean;
  /** What its first life showed, once there was one. */
  readonly earlier?: Earlier;
  /** What stands beneath every drop-in that is tried: a user of its own. */
  readonly beneath?: Beneath;
}

/** A drop-in that comes before the one on trial, and what the box needs for it. */
export interface Beneath {
  readonly dropIn: string;
  readonly prepare: (box: Box) => Promise<void>;
}

/** A life that was watched. */
export interface Watched {
  readonly service: Service;
  readonly life: Life;
  readonly observation: Observation;
  /** Whether the kernel told which capabilities were checked. */
  readonly capabilitiesTraced: boolean;
}

/**
 * Boots a box with the service in it, and the drop-in if one is given; ends the box whatever happens. `installed` is the
 * drop-in of Cloison's that the machine has now.
 */
export async function inBox<T>(
  rehearsed: Rehearsed,
  dropIn: string | undefined,
  work: (box: Box, service: Service, installed: string | undefined) => Promise<T>,
  more: Pick<BoxOptions, "forAttacks"> = {},
): Promise<T> {
  const box = await bootBox({ ...rehearsed.box, ...more });
  try {
    // First the files, since one that the user named may lie beside a drop-in of ours.
    await lay(box, rehearsed.target);
    const installed = await box.readFile(dropInPath(rehearsed.target.name)).catch(() => undefined);
    if (rehearsed.withInstalled !== true) {
      await box.run(["rm", "-f", ...ownDropIns(rehearsed.target.name)]);
    }
    if (dropIn !== undefined) {
      await box.writeFile(dropInPath(rehearsed.target.name), dropIn);
    }
    if (rehearsed.beneath !== undefined) {
      await box.writeFile(beneathPath(rehearsed.target.name), rehearsed.beneath.dropIn);
      await rehearsed.beneath.prepare(box);
    }
    await reload(box);
    const service = await loadService(box, rehearsed.target, rehearsed.companions);
    const beside = rehearsed.box.root === undefined ? await peersOfMachine() : [];
    return await work(box, { ...service, peers: [...service.peers, ...beside] }, installed?.toString("utf8"));
  } finally {
    await box.down();
  }
}

/** The life of the service with a drop-in, unwatched: fast. */
export function tryLife(rehearsed: Rehearsed, dropIn: string | undefined): Promise<Life> {
  const { workload, earlier } = rehearsed;
  return inBox(rehearsed, dropIn, (box, service) => exercise(box, service, workload, { earlier }));
}

/**
 * The same, watched: also shows what silently does worse. Capabilities are traced of the bare service only: behind walls
 * the calls themselves say what is refused.
 */
export function watchLife(rehearsed: Rehearsed, dropIn: string | undefined): Promise<Watched> {
  return inBox(rehearsed, dropIn, async (box, service) => {
    let life: Life = [];
    let capabilitiesTraced = false;
    let peak: Peak | undefined;
    const script = async (mark: (phase: Phase) => Promise<void>): Promise<void> => {
      const { workload, earlier } = rehearsed;
      const watching = watchPeak(box, service.name);
      try {
        life = await exercise(box, service, workload, { mark, again: false, earlier, watched: true });
      } finally {
        peak = await watching.end();
      }
    };
    const all = dropIn === undefined && rehearsed.traceCapabilities !== false;
    const seen = await observeUnit(box, service.name, script, {
      observers: OBSERVERS.filter(({ tells }) => all || tells === "calls"),
      onStart: (tells) => {
        capabilitiesTraced = tells.has("capabilities");
      },
    });
    const observation = peak === undefined ? seen : { ...seen, peak };
    return { service, life, observation, capabilitiesTraced };
  });
}
