/** Prints what was seen as lines that a person can check against the program that was traced. */
import { type Argument, callOf, type Need, type Observation, type Seen } from "../../../src/core/action/action.ts";
import { lossText } from "../../../src/core/action/gap.ts";

function argumentText(argument: Argument): string {
  return argument.kind === "number" ? `0x${argument.value.toString(16)}` : "_";
}

function needText(need: Need): string {
  switch (need.kind) {
    case "path":
      return `${need.access} ${JSON.stringify(need.path)}`;
    case "capability":
      return `${need.capability} over ${need.over}`;
    case "become":
      return `become ${need.uid === undefined ? `group ${need.gid}` : `user ${need.uid}`}`;
    case "namespace":
      return `namespaces ${need.namespaces.join("+")}`;
    case "address": {
      const port = need.port === undefined ? "" : ` port ${need.port}`;
      return `${need.operation} ${need.family} ${need.transport ?? "-"} ${JSON.stringify(need.address)}${port}`;
    }
    case "memory":
      return `${need.operation} ${need.writable ? "w" : "-"}${need.executable ? "x" : "-"}`;
    case "process":
      return `${need.operation} ${need.target.relation} of ${need.target.uid}:${need.target.gid}`;
    default:
      return JSON.stringify(need).replaceAll('"', "");
  }
}

/** One line: count, call, result, who, needs. */
export function seenText(seen: Seen): string {
  const { needs } = seen.action;
  const call = callOf(seen.action);
  const what = call === undefined ? "no call" : `${call.name}(${call.arguments.map(argumentText).join(", ")})`;
  const who = seen.identities.map(({ uid, gid }) => `${uid}:${gid}`).join(" ");
  const needed = needs.map(needText).join(", ");
  return `${seen.count} ${what} ${seen.result} by ${who}${needed === "" ? "" : `: ${needed}`}`;
}

/** All of an observation, its gaps last. */
export function observationText(observation: Observation): string {
  const gaps = observation.gaps.map((gap) => `gap ${gap.count}: ${lossText(gap)}`);
  return `${[...observation.seen.map(seenText), ...gaps].join("\n")}\n`;
}
