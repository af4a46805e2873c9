/**
 * LimitMEMLOCK=. Facts: systemd.exec(5), RLIMIT_MEMLOCK in getrlimit(2), mlock(2); that the rings of io_uring count again since
 * Linux 6.14: io_create_region() in the kernel's io_uring/memmap.c, and measured on 6.18.
 */
import { setting } from "../../sandbox/origin.ts";
import { type Directive, never } from "../directive.ts";
import { asNumber } from "./_amount.ts";
import { limitDirective, limitOf } from "./_limit.ts";

/** Memory that cannot be swapped out, and since Linux 5.11 no longer that of BPF. */
export const limitMemlock: Directive<string> = limitDirective({
  name: "LimitMEMLOCK",
  summary: "Limits how much memory each process may lock, so that it cannot be swapped out.",
  breaks: "Programs that keep keys in locked memory, and io_uring before Linux 5.12 and since 6.14.",
  ineffective: ["A process with CAP_IPC_LOCK is not held to it."],
  unit: "bytes",
  samples: ["0", "64K"],
  walls: (value) => {
    const limit = limitOf(value);
    const by = setting("LimitMEMLOCK", value);
    return limit === undefined
      ? []
      : [{ kind: "locked-memory", by, soft: asNumber(limit.soft), hard: asNumber(limit.hard) }];
  },
  ladder: never("A limit learned from one run ends the service on a busier day."),
});
