/** Every mount wall can be taken down by who may mount in the namespace that has it. Facts: mount(2), mount_namespaces(7). */
import { mount } from "../../probes/namespaces/mount.ts";
import type { Power } from "../power.ts";

/** The power: change the mounts. */
export const changeMounts: Power = {
  id: "change-mounts",
  title: "changes the mounts",
  follows: "Read-only places are mounted writable again, hidden ones laid open.",
  ways: [mount],
  gives: ({ walls }) => ({ walls: walls.filter(({ kind }) => kind !== "mount") }),
};
