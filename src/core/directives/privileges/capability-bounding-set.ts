/** CapabilityBoundingSet=. Facts: systemd.exec(5), capabilities(7). */

import type { Seen } from "../../action/action.ts";
import { CAPABILITIES, type Capability } from "../../kernel/capability.ts";
import { setting } from "../../sandbox/origin.ts";
import { type CapabilitySet, capabilityDirective } from "../_capabilities.ts";
import { isOwnUid } from "../_identity.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { inWords, needsOf } from "../seen.ts";

/** Capabilities that were needed, each with the first action that needed it. */
function needed({ observation, unit }: Situation): ReadonlyMap<Capability, Seen> {
  const found = new Map<Capability, Seen>();
  const keep = (capability: Capability, seen: Seen) => {
    if (!found.has(capability)) {
      found.set(capability, seen);
    }
  };
  // What one of several capabilities would do is left to those needed anyway, or to the first.
  const either: (() => void)[] = [];
  for (const { need, seen } of needsOf(observation, "capability")) {
    if (need.or === undefined || need.or.length === 0) {
      keep(need.capability, seen);
    } else {
      const all = [need.capability, ...need.or];
      either.push(
        () =>
          all.some((each) => found.has(each)) ||
          keep(all.find((each) => each !== "CAP_SYS_ADMIN") ?? need.capability, seen),
      );
    }
  }
  for (const { need, seen } of needsOf(observation, "become")) {
    if (need.uid !== undefined && !isOwnUid(unit.uid, need.uid)) {
      keep("CAP_SETUID", seen);
    }
    if (need.gid !== undefined && !isOwnUid(unit.gid, need.gid)) {
      keep("CAP_SETGID", seen);
    }
  }
  for (const settle of either) {
    settle();
  }
  return found;
}

/** What managers that run as root need for their files and workers, in the order in which it is given back. */
const USUAL: readonly (readonly [string, readonly Capability[]])[] = [
  ["files of other users", ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_CHOWN", "CAP_FSETID"]],
  ["workers that run as other users", ["CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SYS_CHROOT"]],
  ["ports, limits and priorities", ["CAP_NET_BIND_SERVICE", "CAP_SYS_RESOURCE", "CAP_SYS_NICE", "CAP_IPC_LOCK"]],
];

function setOf(found: ReadonlyMap<Capability, Seen>, more: readonly Capability[]): readonly Capability[] {
  return CAPABILITIES.filter((capability) => found.has(capability) || more.includes(capability));
}

/** Where what was seen is not enough, the usual is given back group by group: a silent need is found by trying. */
function candidates(situation: Situation): readonly Candidate<CapabilitySet>[] {
  const found = needed(situation);
  const none = { value: [], reason: "was not seen to need any capability" };
  const steps: Candidate<CapabilitySet>[] = found.size === 0 ? [exact(found)] : [none, exact(found)];
  if (situation.unit.uid !== 0) {
    return steps;
  }
  const more: Capability[] = [];
  const given: string[] = [];
  for (const [purpose, capabilities] of USUAL) {
    more.push(...capabilities);
    given.push(purpose);
    const reason = `${exact(found).reason}; what is seen is not enough, so it may also do what is usual for ${given.join(", ")}`;
    steps.push({ value: setOf(found, more), reason, doors: setOf(found, more).map((each) => `kept ${each}`) });
  }
  return steps;
}

function exact(found: ReadonlyMap<Capability, Seen>): Candidate<CapabilitySet> {
  const value = setOf(found, []);
  const doors = value.map((capability) => {
    const seen = found.get(capability);
    return `kept ${capability}${seen === undefined ? "" : `: ${inWords(seen)}`}`;
  });
  return { value, reason: doors.length === 0 ? "was not seen to need any capability" : doors.join("; "), doors };
}

/** The most that the service can ever have of root's powers. */
export const capabilityBoundingSet: Directive<CapabilitySet> = capabilityDirective({
  name: "CapabilityBoundingSet",
  since: 21,
  group: "privileges",
  summary: "Takes from the service, and from all that it runs, every power of root that is not listed.",
  breaks:
    "Code paths that need root's powers and were not seen: changing user, binding low ports, reading others' files.",
  broke: [
    {
      sentence:
        "unbound could not be reloaded without CAP_KILL, because kill in ExecReload= signals a process of another user.",
      reference: "NLnetLabs/unbound@6943cab67",
    },
  ],
  weight: 14025,
  requires: [],
  ineffective: ["Root without capabilities still owns root's files."],
  samples: ["", "CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID", "~CAP_SYS_ADMIN"],
  narrowedTo: () => CAPABILITIES.map((capability) => `~${capability}`),
  walls: (value) => {
    if (value === undefined) {
      return [];
    }
    const shown = value.length > 2 ? `${value[0]} …` : value.join(" ");
    return [{ kind: "bounding", by: setting("CapabilityBoundingSet", shown), keep: value }];
  },
  ladder: candidates,
});
