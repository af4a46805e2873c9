/** Moves the clock by nothing: adjtimex with ADJ_SETOFFSET and an offset of zero. Facts: adjtimex(2), struct timex of x86-64. */
import { littleEndian } from "../../elf/bytes.ts";
import { bytes, call, padded, step } from "../_act.ts";
import type { Probe } from "../probe.ts";

const ADJ_SETOFFSET = 0x100;
const SIZE_OF_TIMEX = 208;

/** The attack: set the clock. */
export const setClock: Probe = {
  id: "set-clock",
  title: "set the clock",
  gain: "Expired certificates and tokens valid again, log entries out of order.",
  steps: () => [
    step("adjust", call("adjtimex", bytes(padded(littleEndian(ADJ_SETOFFSET, 4), SIZE_OF_TIMEX))), [
      { kind: "capability", capability: "CAP_SYS_TIME", over: "init" },
    ]),
  ],
};
