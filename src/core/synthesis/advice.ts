/** What would help and is not Cloison's to change silently: said, with the reason. */
import type { Observation } from "../action/action.ts";
import type { UnitFacts } from "../directives/directive.ts";
import { needsOf, peopleOf } from "../directives/seen.ts";

/** Advice in whole sentences. */
export function adviceFor(observation: Observation, facts: UnitFacts): readonly string[] {
  return [...adviceOnPeople(observation, facts), ...adviceOnRoot(observation, facts)];
}

/** Who logs in through a service does more in a session than any workload shows. */
function adviceOnPeople(observation: Observation, facts: UnitFacts): readonly string[] {
  const people = peopleOf(observation, facts.uid);
  if (people.length === 0) {
    return [];
  }
  return [
    `It acts as people of this machine (uid ${people.join(", ")}): their sessions live behind the same walls, with a /tmp of their own, and will do more than the workload did.`,
  ];
}

function adviceOnRoot(observation: Observation, facts: UnitFacts): readonly string[] {
  if (facts.uid !== 0) {
    return [];
  }
  const leaves = observation.seen.some((seen) => seen.identities.some(({ uid }) => uid !== 0));
  const powers = new Set(needsOf(observation, "capability").map(({ need }) => need.capability));
  if (leaves) {
    return [
      "It starts as root and changes to another user by itself: its master stays root, so holes there weigh more.",
    ];
  }
  if (powers.size === 0) {
    return [
      "It runs as root and was not seen to need it: give it a user of its own with User= or DynamicUser=yes, and its files to that user.",
    ];
  }
  const names = [...powers].sort().join(" ");
  return [`It runs as root for ${names}: with User= and AmbientCapabilities=${names} it would not own root's files.`];
}
