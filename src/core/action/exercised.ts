/**
 * Whether a workload made a service show anything. One that did not says nothing about what the service needs, so that
 * nothing may be concluded from it. Facts: accept(2), recv(2).
 */
import { callOf, EXECUTING, type Observation, type Seen } from "./action.ts";

/** How a service can be reached, as was found out from outside. */
export interface Reachable {
  /** Whether it listens for connections. */
  readonly streams: boolean;
  /** Whether datagrams can be sent to it. */
  readonly datagrams: boolean;
  /** Whether systemd listens in its place, and starts it when somebody comes. */
  readonly activated: boolean;
  /** Its names on the system bus; `called`: whether one of them was called while the workload ran. */
  readonly bus: { readonly names: readonly string[]; readonly called: boolean };
}

/** `missing`: what the workload would have to do. */
export type Exercised = { readonly kind: "shown" } | { readonly kind: "nothing"; readonly missing: string };

const ACCEPTING: ReadonlySet<string> = new Set(["accept", "accept4"]);
const RECEIVING: ReadonlySet<string> = new Set(["recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64"]);

/**
 * Whether the workload used what the service offers; of a service that offers nothing, whether it made the service do
 * something that it did not do before, where it was left alone. What is done through io_uring is not seen, so that a
 * service with rings is judged by the rest that it does.
 */
export function exercised(observation: Observation, reachable: Reachable): Exercised {
  const during = observation.seen.filter(({ phases }) => phases.includes("workload"));
  const rings = observation.gaps.some(({ code }) => code === "io-uring");
  if (reachable.activated) {
    return during.length > 0 ? { kind: "shown" } : nothing("nothing reached the socket that starts it");
  }
  const { streams, datagrams, bus } = reachable;
  const connected = streams && during.some((seen) => did(seen, ACCEPTING));
  const received = datagrams && during.some((seen) => did(seen, RECEIVING));
  if (connected || received || bus.called) {
    return { kind: "shown" };
  }
  const unused = [
    ...((streams || datagrams) && !rings ? ["none of the sockets was used on which the service listens"] : []),
    ...(bus.names.length > 0 ? [`none of its names on the bus was called (${bus.names.join(", ")})`] : []),
  ];
  if (unused.length > 0) {
    return nothing(unused.join(", and "));
  }
  return during.some(isNew)
    ? { kind: "shown" }
    : nothing("the service did nothing that it does not do when left alone");
}

/** Whether a program of the service was seen to start. If none was, the observation shows nothing at all. */
export function began({ seen }: Observation): boolean {
  return seen.some((each) => did(each, EXECUTING));
}

function did({ action, result }: Seen, calls: ReadonlySet<string>): boolean {
  return result === "ok" && calls.has(callOf(action)?.name ?? "");
}

/** Something done to the world, and not only waiting for it, that was not done at the start or idle. */
function isNew({ action, phases }: Seen): boolean {
  return action.needs.length > 0 && !phases.includes("start");
}

function nothing(missing: string): Exercised {
  return { kind: "nothing", missing };
}
