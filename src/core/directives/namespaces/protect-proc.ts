/** ProtectProc=. Facts: systemd.exec(5), proc(5) "hidepid". */
import { setting } from "../../sandbox/origin.ts";
import { PROC_HIDING, type ProcHiding } from "../../sandbox/wall.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWall } from "../_mount.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";

/** From root without CAP_SYS_PTRACE only `ptraceable` hides anything: members of group root see what is invisible to others. */
function candidates({ level, unit }: Situation): readonly Candidate<ProcHiding>[] {
  const invisible: Candidate<ProcHiding> = {
    value: "invisible",
    reason: "was not seen to look at other users' processes",
  };
  const ptraceable: Candidate<ProcHiding> = {
    value: "ptraceable",
    reason: "was not seen to look at others' processes",
  };
  // Of its own user's processes it hides those that gave up privileges, such as workers that a master looks after.
  const withheld = "It hides a service's own processes that changed their user; only the level strict tries it.";
  return [level === "strict" || unit.uid === 0 ? ptraceable : { ...ptraceable, withheld }, invisible];
}

/** What other users run is not shown. */
export const protectProc: Directive<ProcHiding> = choiceDirective<ProcHiding>({
  name: "ProtectProc",
  since: 247,
  kernel: "5.8",
  group: "namespaces",
  summary: "Hides the processes of other users in /proc: their arguments, their environment, that they exist.",
  breaks: "Monitors and supervisors that watch the processes of others.",
  weight: 1000,
  implies: (value) => (value === "default" ? [] : ["MountAPIVFS=yes", "PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    "Whoever has CAP_SYS_PTRACE sees everything all the same, and so does group root unless the value is ptraceable.",
    "Linux before 5.8 ignores it.",
  ],
  values: PROC_HIDING.toReversed(),
  initial: "default",
  impliesApiMounts: true,
  walls: (value) =>
    value === "default"
      ? []
      : [mountWall(setting("ProtectProc", value), "/proc", { kind: "proc", hide: value, pidOnly: false })],
  ladder: candidates,
});
