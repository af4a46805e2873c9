/** ProtectHostname=. Facts: systemd.exec(5), uts_namespaces(7); that it alone makes no mount namespace: measured, systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { refuseCalls } from "../_filter.ts";
import { mountWalls, READ_ONLY } from "../_mount.ts";
import type { Directive, PlainWall, UnitFacts } from "../directive.ts";

const BY = setting("ProtectHostname", "yes");

const UNSTARTABLE: PlainWall = {
  kind: "unstartable",
  by: BY,
  status: 226,
  reason: "this systemd cannot mount over /proc/sys/kernel/hostname, which ProcSubset=pid takes away",
};

/**
 * Measured: 247 mounts over files that ProcSubset=pid has taken away, and exits with 226; 252 does not.
 */
const FAILS_WITHOUT_PROC_SYS = 247;

/** Below ProtectKernelTunables=, which makes all of /proc/sys read-only, nothing is left to be mounted here (measured). */
function failsToStart(facts: UnitFacts): boolean {
  const covered = facts.setting("ProtectKernelTunables") === "yes";
  return facts.systemd <= FAILS_WITHOUT_PROC_SYS && facts.setting("ProcSubset") === "pid" && !covered;
}

/** The host's name stays as it was when the service started. */
export const protectHostname: Directive<boolean> = booleanDirective({
  name: "ProtectHostname",
  since: 242,
  group: "kernel",
  summary: "Gives the service a host name of its own that it cannot change.",
  breaks: "Programs that set the host name, and those that must notice when it changes.",
  weight: 50,
  requires: [],
  ineffective: ["The files in /proc/sys/kernel become read-only only when another directive makes a mount namespace."],
  walls: (facts) => [
    { kind: "namespace", by: BY, namespace: "uts" },
    ...(failsToStart(facts) ? [UNSTARTABLE] : []),
    ...(facts.mountNamespace
      ? mountWalls(BY, READ_ONLY, "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname")
      : []),
  ],
  filter: {
    turn: 10,
    walls: (facts) => [refuseCalls(BY, ["sethostname", "setdomainname"], "EPERM", facts)],
  },
  ladder: worthTrying("was not seen to change the host name"),
});
