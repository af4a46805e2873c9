/**
 * Enters PID 1's mount namespace, until the probe ends. In a PID namespace of its own the service is PID 1 itself: that it is not is the
 * first step. Facts: setns(2), mntns_install() in the kernel's fs/namespace.c, "Ptrace access mode checking" in ptrace(2).
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, INIT, number, resultOf, step, text } from "../act.ts";
import { MAY_ENTER, notPidOneStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: enter PID 1's mount namespace. */
export const enterInitMounts: Probe = {
  id: "enter-init-mounts",
  title: "enter the mount namespace of PID 1",
  gain: "All files as PID 1 sees them: every mount of the service is left behind.",
  goals: ["read-secrets", "change-data"],
  steps: () => {
    const path = "/proc/1/ns/mnt";
    const flags = OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_CLOEXEC;
    // Everybody may search the directory of PID 1 below /proc, unless /proc hides it; proc(5).
    const file = { uid: 0, gid: 0, mode: 0o444, parent: { uid: 0, gid: 0, mode: 0o555 }, type: "file" } as const;
    return [
      notPidOneStep(),
      step("open", call("openat", number(AT_FDCWD), text(path), number(flags), number(0)), [
        { kind: "path", path, access: "read", file, process: INIT },
        { kind: "process", operation: "enter", target: INIT },
      ]),
      step("enter", call("setns", resultOf("open"), number(0)), MAY_ENTER),
    ];
  },
};
