/**
 * Reads PID 1's environment. In a PID namespace of its own the service is PID 1 itself, and would read its own: that it is
 * not is the first step. Facts: proc_pid_environ(5), pid_namespaces(7).
 */
import { INIT, openStep, readStep } from "../act.ts";
import { notPidOneStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: read PID 1's environment. */
export const readInitEnvironment: Probe = {
  id: "read-init-environment",
  title: "read the environment of PID 1",
  gain: "Tokens handed to the machine or the container at boot.",
  goals: ["read-secrets"],
  steps: (machine) => {
    const path = "/proc/1/environ";
    if (machine.file(path) === undefined) {
      return { notApplicable: `there is no ${path}` };
    }
    return [
      notPidOneStep(),
      openStep(machine, path, "read", { needs: [{ kind: "process", operation: "inspect", target: INIT }] }),
      readStep(),
    ];
  },
};
