/**
 * Opens a file by a handle that leads to no file: the kernel says so (ESTALE) after it has asked for the permission. A handle leads to any
 * file of a file system, whatever is mounted over it and whoever may search the directories above it. Facts: open_by_handle_at(2),
 * handle_to_path() in the kernel's fs/fhandle.c, which in some kernels looks at the handle first.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { littleEndian } from "../../kernel/bytes.ts";
import { bytes, call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** FILEID_INO32_GEN: an inode and its generation; linux/exportfs.h. */
const BY_INODE = 1;
/** struct file_handle: length, type, and inode 0, which is no file. */
const HANDLE: readonly number[] = [8, BY_INODE, 0, 0].flatMap((value) => littleEndian(value, 4));

/** The attack: open files by handle. */
export const openByHandle: Probe = {
  id: "open-by-handle",
  title: "open files by handle",
  gain: "Every file of the disk, past mounts and directories that hide it.",
  goals: ["read-secrets"],
  steps: () => [
    step(
      "open",
      call("open_by_handle_at", number(AT_FDCWD), bytes(HANDLE), number(0)),
      [{ kind: "capability", capability: "CAP_DAC_READ_SEARCH", over: "init" }],
      { past: ["ESTALE"] },
    ),
  ],
};
