/**
 * Enters the mounts of a service of the same user. Facts: setns(2); validate_nsset in the kernel's kernel/nsproxy.c, mntns_install in
 * fs/namespace.c.
 */
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { call, number, resultOf, step } from "../act.ts";
import { againstTwin, MAY_ENTER, pidDescriptorStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: enter the namespaces of another service of the same user. */
export const enterTwin: Probe = {
  id: "enter-twin",
  title: "enter the namespaces of another service of the same user",
  gain: "All files as that service sees them.",
  goals: ["change-data"],
  steps: (machine) =>
    againstTwin(machine, (twin) => [
      pidDescriptorStep(twin),
      step("enter", call("setns", resultOf("open"), number(CLONE_FLAGS.CLONE_NEWNS)), [
        { kind: "process", operation: "enter", target: twin.process },
        ...MAY_ENTER,
      ]),
    ]),
};
