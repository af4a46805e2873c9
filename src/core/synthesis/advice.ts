/** What would help but is not for Cloison to change silently: it is only recommended, with the reason. */
import type { Observation } from "../action/action.ts";
import { sessionSigns, sessionText } from "../action/sessions.ts";
import type { UnitFacts } from "../directives/directive.ts";
import { needsOf, peopleOf } from "../directives/seen.ts";

/** Advice in whole sentences. */
export function adviceFor(observation: Observation, facts: UnitFacts): readonly string[] {
  return [...adviceOnPeople(observation, facts), ...adviceOnRoot(observation, facts), ...adviceOnLimits(observation)];
}

const MEBIBYTE = 2 ** 20;

/** What ways to use up the machine have no wall for: a limit that is learned from one run ends the service on a busier day. */
function adviceOnLimits({ peak }: Observation): readonly string[] {
  if (peak === undefined) {
    return [];
  }
  const used = `${peak.tasks} tasks, ${Math.ceil(peak.memory / MEBIBYTE)} MiB and ${peak.files} open files`;
  return [
    `Nothing keeps it from using up memory, processes and files: it used at most ${used} of one process here; TasksMax=, MemoryMax= and LimitNOFILE= well above what a busy day takes would.`,
  ];
}

/** People who log in through a service do more in a session than any workload shows. */
function adviceOnPeople(observation: Observation, facts: UnitFacts): readonly string[] {
  const sessions = sessionText(sessionSigns(observation, facts.uid));
  if (sessions !== undefined) {
    return [`${sessions[0]?.toUpperCase()}${sessions.slice(1)}. harden refuses such a service.`];
  }
  const people = peopleOf(observation, facts.uid);
  if (people.length === 0) {
    return [];
  }
  return [
    `It acts as users who log in here (uid ${people.join(", ")}): their sessions get the same walls and a private /tmp, and will do more than the workload did.`,
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
      "It starts as root and switches to another user by itself: its main process stays root, so a hole there is worse.",
    ];
  }
  if (powers.size === 0) {
    return [
      "It runs as root but was not seen to need it: give it its own user with User= or DynamicUser=yes, and give that user its files.",
    ];
  }
  const names = [...powers].sort().join(" ");
  return [`It runs as root for ${names}: with User= and AmbientCapabilities=${names} it would not own root's files.`];
}
