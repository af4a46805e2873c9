/** Switches address randomisation off for the probe's own process. Facts: personality(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const ADDR_NO_RANDOMIZE = 0x40000;

/** The attack: change the execution domain. */
export const changePersonality: Probe = {
  id: "change-personality",
  title: "change the execution domain",
  gain: "Memory laid out predictably, for an exploit that needs its addresses.",
  goals: ["own-program"],
  steps: () => [step("personality", call("personality", number(ADDR_NO_RANDOMIZE)))],
};
