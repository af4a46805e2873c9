/** Adds a swap file that does not exist: ENOENT comes after the permission check (mm/swapfile.c). Facts: swapon(2). */
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: add a swap area. */
export const addSwap: Probe = {
  id: "add-swap",
  title: "add a swap area",
  gain: "Memory of other processes, written to a file of the intruder's.",
  goals: ["spy-or-stop", "use-up"],
  steps: (machine) => [
    step(
      "swapon",
      call("swapon", text(`/nonexistent-${machine.token}`), number(0)),
      [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }],
      { past: ["ENOENT"] },
    ),
  ],
};
