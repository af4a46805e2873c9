/**
 * Asks for a queue of what happens to files, in which each event brings the file itself, opened; and takes a whole file system back out
 * of it that was never in it. Since Linux 6.16 a user namespace's own root may have such a queue, but nothing of the machine in it.
 * Facts: fanotify_init(2), fanotify_mark(2); do_fanotify_mark in the kernel's fs/notify/fanotify/fanotify_user.c.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { call, number, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const FAN_CLOEXEC = 1;
/** Events wait for leave, and bring the file. */
const FAN_CLASS_CONTENT = 4;
/** FAN_MARK_REMOVE and FAN_MARK_FILESYSTEM. */
const OUT_OF_IT = 0x102;
const FAN_OPEN = 0x20;

/** The attack: watch, read and hold up all that is done to files. */
export const watchAllFiles: Probe = {
  id: "watch-all-files",
  title: "watch all that is done to files",
  gain: "Every file that anyone opens, opened for the intruder, too; and the machine at a standstill.",
  goals: ["read-secrets", "spy-or-stop", "switch-off"],
  steps: () => [
    step("queue", call("fanotify_init", number(FAN_CLASS_CONTENT | FAN_CLOEXEC), number(0)), [
      { kind: "capability", capability: "CAP_SYS_ADMIN", over: "own" },
    ]),
    step(
      "watch",
      call("fanotify_mark", resultOf("queue"), number(OUT_OF_IT), number(FAN_OPEN), number(AT_FDCWD), text("/")),
      [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }],
      { past: ["ENOENT"] },
    ),
  ],
};
