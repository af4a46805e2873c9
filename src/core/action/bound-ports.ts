/** Which TCP ports a service was seen to bind. */
import type { Observation } from "./action.ts";

/** The ports, ascending, each once. */
export function boundPorts(observation: Observation): readonly number[] {
  const needs = observation.seen.filter(({ result }) => result === "ok").flatMap(({ action }) => action.needs);
  const ports = needs.flatMap((need) =>
    need.kind === "address" && need.operation === "bind" && need.port !== undefined && need.transport !== "udp"
      ? [need.port]
      : [],
  );
  return [...new Set(ports)].sort((a, b) => a - b);
}
