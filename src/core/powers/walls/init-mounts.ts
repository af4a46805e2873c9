/** PID 1's mounts are the machine's: who sees files through them is behind no mount of the service. Facts: setns(2), proc_pid_root(5). */
import { readThroughInitRoot } from "../../probes/files/read-through-init-root.ts";
import { enterInitByPidfd } from "../../probes/namespaces/enter-init-by-pidfd.ts";
import { enterInitMounts } from "../../probes/namespaces/enter-init-mounts.ts";
import { type Power, withoutMounts } from "../power.ts";

/** The power: act on files as PID 1 sees them. */
export const initMounts: Power = {
  id: "init-mounts",
  title: "acts among PID 1's mounts",
  follows: "Files are read, written and run as if nothing had been mounted for this service.",
  ways: [enterInitMounts, enterInitByPidfd, readThroughInitRoot],
  gives: withoutMounts,
};
