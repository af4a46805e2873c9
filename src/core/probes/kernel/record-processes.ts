/** Names a file that does not exist: ENOENT comes after the permission check (kernel/acct.c). Facts: acct(2). */
import { call, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: switch process accounting on. */
export const recordProcesses: Probe = {
  id: "record-processes",
  title: "switch process accounting on",
  gain: "A record of every command of every user.",
  goals: ["spy-or-stop", "logs"],
  steps: (machine) => {
    if (machine.file("/proc/sys/kernel/acct") === undefined) {
      return { notApplicable: "this kernel has no process accounting" };
    }
    return [
      step(
        "acct",
        call("acct", text(`/nonexistent-${machine.token}`)),
        [{ kind: "capability", capability: "CAP_SYS_PACCT", over: "init" }],
        { past: ["ENOENT"] },
      ),
    ];
  },
};
