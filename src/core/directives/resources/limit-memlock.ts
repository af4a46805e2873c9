/** LimitMEMLOCK=. Facts: systemd.exec(5), RLIMIT_MEMLOCK in getrlimit(2), mlock(2). */
import type { Directive } from "../directive.ts";
import { limitDirective } from "./_limit.ts";

/** Memory that cannot be swapped out, and since Linux 5.11 no longer that of BPF. */
export const limitMemlock: Directive<string> = limitDirective({
  name: "LimitMEMLOCK",
  summary: "Limits how much memory each process may lock, so that it cannot be swapped out.",
  breaks: "Programs that keep keys in locked memory, and io_uring before Linux 5.12.",
  ineffective: ["A process with CAP_IPC_LOCK is not held to it."],
  unit: "bytes",
  samples: ["64K"],
});
