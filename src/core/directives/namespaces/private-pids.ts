/** PrivatePIDs=. Facts: systemd.exec(5), pid_namespaces(7). Read and judged; not proposed: a service that forks away from its first process ends with it. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import { mountWall } from "../_mount.ts";
import { type Directive, never } from "../directive.ts";

const BY = setting("PrivatePIDs", "yes");

/** The service sees no process but its own, and is the first of them. */
export const privatePids: Directive<boolean> = booleanDirective({
  name: "PrivatePIDs",
  since: 257,
  group: "namespaces",
  summary: "Gives the service a process table of its own, in which it is process 1.",
  breaks: "Daemons that fork into the background, signal other services, or do not reap children.",
  implies: (value) => (value ? ["MountAPIVFS=yes", "PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [],
  impliesApiMounts: true,
  walls: () => [
    { kind: "namespace", by: BY, namespace: "pid" },
    mountWall(BY, "/proc", { kind: "proc", hide: "default", pidOnly: false }),
  ],
  ladder: never("Reload and stop by signals from other processes have to be rehearsed with it first."),
});
