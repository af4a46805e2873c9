/** Gathers what a reader understands. Memory grows only with the number of distinct actions. */
import type { Identity, Observation, Phase, Seen, SeenAction } from "../../action/action.ts";
import type { Gap, Loss } from "../../action/gap.ts";
import { canonical } from "../../action/merge.ts";
import { lossKey, seenKey } from "../../action/order.ts";

/** Who did something, and when. */
export interface Origin {
  readonly phase: Phase;
  readonly identity: Identity;
  readonly executable: string;
}

/** Gathers actions; `finish` gives the observation. */
export interface Collector {
  readonly add: (action: SeenAction, result: Seen["result"], origin: Origin, count?: number) => void;
  /** Counts something lost or not understood. */
  readonly gap: (loss: Loss, count?: number) => void;
  /** Records that a phase took place, even if nothing was seen in it. */
  readonly enter: (phase: Phase) => void;
  readonly finish: () => Observation;
}

interface Entry {
  readonly action: SeenAction;
  readonly result: Seen["result"];
  readonly phases: Set<Phase>;
  readonly identities: Map<string, Identity>;
  readonly executables: Set<string>;
  count: number;
}

/** An empty collector for a unit; `host` is the salted hash of the host's id (hexadecimal) if it is to be recorded. */
export function collector(unit: string, host?: string): Collector {
  const entries = new Map<string, Entry>();
  const gaps = new Map<string, Gap>();
  const phases = new Set<Phase>();

  const entryOf = (action: SeenAction, result: Seen["result"]): Entry => {
    const key = seenKey({ action, result });
    const known = entries.get(key);
    if (known !== undefined) {
      return known;
    }
    const made = { action, result, phases: new Set<Phase>(), identities: new Map(), executables: new Set<string>() };
    const entry: Entry = { ...made, count: 0 };
    entries.set(key, entry);
    return entry;
  };
  const seenOf = (entry: Entry): Seen => ({
    action: entry.action,
    result: entry.result,
    phases: [...entry.phases],
    identities: [...entry.identities.values()],
    executables: [...entry.executables],
    count: entry.count,
    hosts: host === undefined ? [] : [host],
  });

  return {
    add: (action, result, { phase, identity, executable }, count = 1) => {
      const entry = entryOf(action, result);
      entry.count += count;
      entry.phases.add(phase);
      entry.identities.set(`${identity.uid}:${identity.gid}`, identity);
      if (executable !== "") {
        entry.executables.add(executable);
      }
    },
    gap: (loss, count = 1) => {
      const key = lossKey(loss);
      gaps.set(key, { ...loss, count: (gaps.get(key)?.count ?? 0) + count });
    },
    enter: (phase) => {
      phases.add(phase);
    },
    finish: () => {
      const seen = [...entries.values()].map(seenOf);
      return canonical({ schema: "cloison.observation/2", unit, seen, gaps: [...gaps.values()], phases: [...phases] });
    },
  };
}
