/**
 * Opens another service's POSIX message queue as the file that it is in /dev/mqueue, which gives the same as mq_open(3): a mount shows
 * the namespace that it was made in, not that of who looks. Facts: mq_overview(7); mqueue_file_operations in the kernel's ipc/mqueue.c.
 */
import { openFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open a message queue by its file. */
export const openQueueFile: Probe = {
  id: "open-queue-file",
  title: "open another service's message queue by its file",
  gain: "Its messages, past a namespace of one's own.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => openFile(machine, `/dev/mqueue/${machine.kept.queue.name}`, "read"),
};
