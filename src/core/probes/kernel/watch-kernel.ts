/**
 * Opens a performance counter over a whole processor, kernel included; it counts nothing. Facts: perf_event_open(2);
 * perf_event_paranoid above 0 asks for CAP_PERFMON.
 */
import type { Need } from "../../action/action.ts";
import { littleEndian } from "../../kernel/bytes.ts";
import { bytes, call, number, padded, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const PERF_TYPE_SOFTWARE = 1;
/** PERF_ATTR_SIZE_VER0 */
const SIZE = 64;
/** First bit of the flag word: disabled. */
const DISABLED = 1;

/** The attack: measure what others do. */
export const watchKernel: Probe = {
  id: "watch-kernel",
  title: "watch a processor with performance counters",
  gain: "Timing of other services' secrets, and a favourite place of kernel flaws.",
  goals: ["kernel-code", "spy-or-stop"],
  steps: (machine) => {
    const paranoid = machine.sysctl("kernel.perf_event_paranoid");
    if (paranoid === undefined) {
      return { notApplicable: "this kernel has no performance counters" };
    }
    const attributes = padded([...littleEndian(PERF_TYPE_SOFTWARE, 4), ...littleEndian(SIZE, 4)], 40);
    const structure = padded([...attributes, DISABLED], SIZE);
    const needs: readonly Need[] =
      Number(paranoid) > 0
        ? [{ kind: "capability", capability: "CAP_PERFMON", or: ["CAP_SYS_ADMIN"], over: "init" }]
        : [];
    return [
      step("open", call("perf_event_open", bytes(structure), number(-1), number(0), number(-1), number(0)), needs),
    ];
  },
};
