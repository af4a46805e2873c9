/** Asks for a limit of a service of the same user, which takes the same permission as lowering it. Facts: prlimit(2). */
import { call, number, room, step } from "../act.ts";
import { againstTwin } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** Of asm-generic/resource.h. */
const RLIMIT_NOFILE = 7;
/** struct rlimit64. */
const LIMIT_SIZE = 16;

/** The attack: change the limits of another service of the same user. */
export const limitTwin: Probe = {
  id: "limit-twin",
  title: "take the resource limits away from another service of the same user",
  gain: "That service left without open files or memory: it runs on, and answers nobody.",
  goals: ["spy-or-stop"],
  steps: (machine) =>
    againstTwin(machine, ({ pid, process }) => [
      step("ask", call("prlimit64", number(pid), number(RLIMIT_NOFILE), number(0), room(LIMIT_SIZE)), [
        { kind: "process", operation: "limit", target: process },
      ]),
    ]),
};
