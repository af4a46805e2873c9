/** RemoveIPC=. Facts: systemd.exec(5): when the unit stops, what its user and group own is removed; nothing for root. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import type { Directive } from "../directive.ts";

/** Shared memory and queues do not outlive the service. */
export const removeIpc: Directive<boolean> = booleanDirective({
  name: "RemoveIPC",
  since: 232,
  group: "ipc",
  summary: "Removes the service's shared memory, semaphores and message queues when it stops.",
  breaks: "Services that share a user and hand data over through IPC objects across a restart.",
  weight: 100,
  requires: [],
  ineffective: ["It does nothing for root.", "Objects of other units that run as the same user go too."],
  walls: () => [{ kind: "remove-ipc", by: setting("RemoveIPC", "yes") }],
  ladder: ({ unit, observation }) => {
    const used = observation.seen.some(({ action }) => action.needs.some((need) => need.kind === "ipc"));
    const withheld =
      unit.uid === 0
        ? "It does nothing for root."
        : used
          ? "It was seen to use System V IPC, whose objects may be meant to outlive it."
          : undefined;
    const reason = "runs as a user of its own and was not seen to use System V IPC";
    return [{ value: true, reason, withheld }];
  },
});
