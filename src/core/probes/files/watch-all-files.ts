/**
 * Asks for a queue of what happens to files, in which each event brings the file itself, opened; no file is named. Facts:
 * fanotify_init(2); FANOTIFY_ADMIN_INIT_FLAGS in the kernel's include/linux/fanotify.h.
 */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const FAN_CLOEXEC = 1;
/** Events wait for leave, and bring the file. */
const FAN_CLASS_CONTENT = 4;

/** The attack: watch, read and hold up all that is done to files. */
export const watchAllFiles: Probe = {
  id: "watch-all-files",
  title: "watch all that is done to files",
  gain: "Every file that anyone opens, opened for the intruder, too; and the machine at a standstill.",
  goals: ["read-secrets", "spy-or-stop", "switch-off"],
  steps: () => [
    step("watch", call("fanotify_init", number(FAN_CLASS_CONTENT | FAN_CLOEXEC), number(0)), [
      { kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" },
    ]),
  ],
};
