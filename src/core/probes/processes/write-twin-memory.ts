/** Opens the memory of a service of the same user for writing, and writes nothing. Facts: proc_pid_mem(5). */
import { openStep } from "../act.ts";
import { againstTwin } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: write the memory of another service of the same user. */
export const writeTwinMemory: Probe = {
  id: "write-twin-memory",
  title: "write the memory of another service of the same user",
  gain: "Code of one's own in that service, behind its walls and not behind these.",
  goals: ["become-another", "change-data"],
  steps: (machine) =>
    againstTwin(machine, ({ pid, process }) => [
      openStep(machine, `/proc/${pid}/mem`, "write", {
        place: "/proc/[pid]/mem",
        process,
        needs: [{ kind: "process", operation: "trace", target: process }],
      }),
    ]),
};
