/**
 * Every mount wall can be taken down by who may mount in the namespace that has it. Each of these calls takes down some of them by
 * itself, and which ones depends on what is mounted; they are reckoned as one. Facts: mount(2), umount2(2), open_tree(2), move_mount(2),
 * mount_setattr(2), mount_namespaces(7).
 */
import { changeMountAttributes } from "../../probes/namespaces/change-mount-attributes.ts";
import { cloneMounts } from "../../probes/namespaces/clone-mounts.ts";
import { cloneMountsAnew } from "../../probes/namespaces/clone-mounts-anew.ts";
import { mount } from "../../probes/namespaces/mount.ts";
import { moveMount } from "../../probes/namespaces/move-mount.ts";
import { remount } from "../../probes/namespaces/remount.ts";
import { unmount } from "../../probes/namespaces/unmount.ts";
import { type Power, withoutMounts } from "../power.ts";

/** The power: change the mounts. */
export const changeMounts: Power = {
  id: "change-mounts",
  title: "changes the mounts",
  follows: "Read-only places are mounted writable again, hidden ones laid open.",
  ways: [mount, remount, unmount, cloneMounts, cloneMountsAnew, moveMount, changeMountAttributes],
  gives: withoutMounts,
};
