/** ProcSubset=. Facts: systemd.exec(5), proc(5) "subset=pid"; together with ProtectKernelTunables= since 250. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall } from "../_mount.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";

type Value = "pid" | "all";

const OF_A_PROCESS = /^\/proc(\/(self|thread-self|\d+|\[pid\])(\/|$)|$)/;

/** Interpreters look at /proc/meminfo, /proc/cpuinfo or /proc/sys in some code paths only: at the balanced level that is evidence. */
function candidates({ observation }: Situation): readonly Candidate<Value>[] {
  const other = needsOf(observation, "path").find(
    ({ need }) => need.path.startsWith("/proc/") && !OF_A_PROCESS.test(need.path),
  );
  const withheld = other === undefined ? undefined : `It was seen to use ${other.need.path}.`;
  return [{ value: "pid", reason: "was seen to read nothing in /proc but about processes", withheld }];
}

/** Only processes are left in /proc. */
export const procSubset: Directive<Value> = choiceDirective<Value>({
  name: "ProcSubset",
  since: 247,
  kernel: "5.8",
  group: "namespaces",
  summary: "Leaves nothing in /proc but the directories of processes.",
  breaks: "Language run-times and libraries that ask for memory, processors, mounts or the boot id.",
  broke: [
    {
      sentence: "chronyd could no longer tell whether the machine is in FIPS mode, which gnutls asks for NTS.",
      reference: "mlichvar/chrony@bc76291",
    },
    { sentence: "fwupd's plug-ins read /proc/cmdline and /proc/sys, which were gone.", reference: "fwupd/fwupd#6964" },
    {
      sentence:
        "Apache with mod_php of Ubuntu 26.04: an application read /proc/meminfo and showed 0 B without a word in the log.",
      reference: "marcpope/borgbackupserver#485",
    },
  ],
  weight: 10,
  implies: (value) => (value === "all" ? [] : ["MountAPIVFS=yes", "PrivateMounts=yes"]),
  requires: [],
  ineffective: ["Linux before 5.8 ignores it."],
  values: ["pid", "all"],
  initial: "all",
  impliesApiMounts: true,
  walls: (value) =>
    value === "pid"
      ? [mountWall(setting("ProcSubset", "pid"), "/proc", { kind: "proc", hide: "default", pidOnly: true })]
      : [],
  ladder: candidates,
});
