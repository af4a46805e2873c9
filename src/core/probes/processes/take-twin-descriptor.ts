/** Takes a copy of a descriptor of a service of the same user: its standard output. Facts: pidfd_getfd(2). */
import { call, number, resultOf, step } from "../act.ts";
import { againstTwin, pidDescriptorStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

const STANDARD_OUTPUT = 1;

/** The attack: take the files and connections of another service of the same user. */
export const takeTwinDescriptor: Probe = {
  id: "take-twin-descriptor",
  title: "take the open files and connections of another service of the same user",
  gain: "What that service was let in to: its sessions with a database, its secrets, its listening sockets.",
  goals: ["become-another", "read-secrets"],
  steps: (machine) =>
    againstTwin(machine, (twin) => [
      pidDescriptorStep(twin),
      step("take", call("pidfd_getfd", resultOf("open"), number(STANDARD_OUTPUT), number(0)), [
        { kind: "process", operation: "trace", target: twin.process },
      ]),
    ]),
};
