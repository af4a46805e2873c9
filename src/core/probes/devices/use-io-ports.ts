/** Requests one I/O port without touching it; the permission ends with the probe. Facts: ioperm(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The port of power-on self tests. */
const UNUSED_PORT = 0x80;

/** The attack: reach the hardware's ports. */
export const useIoPorts: Probe = {
  id: "use-io-ports",
  title: "reach the hardware's ports",
  gain: "Devices driven behind the kernel's back.",
  goals: ["take-over"],
  steps: () => [
    step("ioperm", call("ioperm", number(UNUSED_PORT), number(1), number(1)), [
      { kind: "capability", capability: "CAP_SYS_RAWIO", over: "init" },
    ]),
  ],
};
