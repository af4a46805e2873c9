/**
 * Sets a time zone that no clock can have: EINVAL comes after the permission check (kernel/time/time.c), and nothing is set.
 * adjtimex(2) would not do: even an offset of zero marks the clock as unsynchronised. Facts: settimeofday(2).
 */
import { littleEndian } from "../../kernel/bytes.ts";
import { bytes, call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** More minutes west of Greenwich than the fifteen hours that the kernel takes. */
const NOWHERE = 9999;

/** The attack: set the clock. */
export const setClock: Probe = {
  id: "set-clock",
  title: "set the clock",
  gain: "Expired certificates and tokens valid again, log entries out of order.",
  goals: ["pose", "logs"],
  steps: () => [
    step(
      "set",
      call("settimeofday", number(0), bytes([...littleEndian(NOWHERE, 4), ...littleEndian(0, 4)])),
      [{ kind: "capability", capability: "CAP_SYS_TIME", over: "init" }],
      { past: ["EINVAL"] },
    ),
  ],
};
