/** Opens another service's POSIX message queue and takes nothing from it. Facts: mq_overview(7), mq_open(3). */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: listen at another service's message queue. */
export const openNeighbourQueue: Probe = {
  id: "open-neighbour-queue",
  title: "open another service's message queue",
  gain: "Its messages, each of which then reaches the intruder instead.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: ({ kept, neighbour }) => {
    const { name, mode } = kept.queue;
    const need = { kind: "ipc", object: "mqueue", uid: neighbour.process.uid, mode } as const;
    const flags = OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_CLOEXEC;
    return [step("open", call("mq_open", text(name), number(flags), number(0), number(0)), [need])];
  },
};
