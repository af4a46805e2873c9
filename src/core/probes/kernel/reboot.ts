/** Asks for a reboot with wrong magic numbers: EINVAL comes after the permission check (kernel/reboot.c). Facts: reboot(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: reboot the machine. */
export const reboot: Probe = {
  id: "reboot",
  title: "reboot the machine",
  gain: "Every service of the machine stopped at once.",
  goals: ["switch-off"],
  steps: () => [
    step(
      "reboot",
      call("reboot", number(0), number(0), number(0), number(0)),
      [{ kind: "capability", capability: "CAP_SYS_BOOT", over: "pid" }],
      { past: ["EINVAL"] },
    ),
  ],
};
