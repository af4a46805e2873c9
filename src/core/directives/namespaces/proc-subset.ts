/** ProcSubset=. Facts: systemd.exec(5), proc(5) "subset=pid"; together with ProtectKernelTunables= since 250. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall } from "../_mount.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";

type Value = "pid" | "all";

const OF_A_PROCESS = /^\/proc(\/(self|thread-self|\d+|\[pid\])(\/|$)|$)/;

/** Interpreters look at /proc/meminfo, /proc/cpuinfo or /proc/sys in some code paths only: balanced leaves it. */
function candidates({ level, observation }: Situation): readonly Candidate<Value>[] {
  const others = needsOf(observation, "path").some(
    ({ need }) => need.path.startsWith("/proc/") && !OF_A_PROCESS.test(need.path),
  );
  return level === "strict" && !others
    ? [{ value: "pid", reason: "was seen to read nothing in /proc but about processes" }]
    : [];
}

/** Only processes are left in /proc. */
export const procSubset: Directive<Value> = choiceDirective<Value>({
  name: "ProcSubset",
  since: 247,
  group: "namespaces",
  summary: "Leaves nothing in /proc but the directories of processes.",
  breaks: "Language run-times and libraries that ask for memory, processors, mounts or the boot id.",
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
