/**
 * PrivatePIDs=. Facts: systemd.exec(5), pid_namespaces(7). Measured on 257.13 and 262.1: 257 takes the main process of about every
 * other start for somebody else's child and kills it at stop without waiting for it to end, and it gives each command of ExecReload=
 * and ExecStop= a process table of its own, in which $MAINPID is nobody; 262 does neither.
 */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import { mountWall } from "../_mount.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";

const BY = setting("PrivatePIDs", "yes");

/** The first version known to stop a service with it as it stops others; what is between it and 257 is not known here. */
const STOPS_SINCE = 262;

/** Why it is not tried. What becomes of reload, stop and children that nobody waits for is seen in the rehearsal. */
function whyNot({ unit, observation }: Situation): string | undefined {
  if (unit.type === "forking") {
    return "systemd refuses it with Type=forking.";
  }
  if (unit.systemd < STOPS_SINCE) {
    return `systemd ${unit.systemd} often kills the main process with it at stop, without waiting for it to end.`;
  }
  const aims = needsOf(observation, "process").filter(({ need }) =>
    ["neighbour", "init"].includes(need.target.relation),
  );
  return aims.length > 0 ? "It was seen to look for processes of others, or to signal them." : undefined;
}

function candidates(situation: Situation): readonly Candidate<boolean>[] {
  const reason = "starts in the foreground, and was not seen to look for other processes";
  const withheld = whyNot(situation);
  return [{ value: true, reason, withheld }];
}

/** The service sees no process but its own, and is the first of them. */
export const privatePids: Directive<boolean> = booleanDirective({
  name: "PrivatePIDs",
  since: 257,
  group: "namespaces",
  summary: "Gives the service a process table of its own, in which it is process 1.",
  breaks:
    "Daemons that fork into the background, signal other services, do not wait for children that are not theirs, or handle no SIGTERM: the first process of a table does not die of it.",
  breaksIn: ["workload", "restart", "stop"],
  implies: (value) => (value ? ["MountAPIVFS=yes", "PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [
    "systemd 257 kills the main process of about every other start at stop, without waiting for it, and runs ExecReload= and ExecStop= where $MAINPID is nobody.",
  ],
  impliesApiMounts: true,
  walls: () => [
    { kind: "namespace", by: BY, namespace: "pid" },
    mountWall(BY, "/proc", { kind: "proc", hide: "default", pidOnly: false }),
  ],
  ladder: candidates,
});
