/** Flags of the *at family of calls. Facts: linux/fcntl.h. */

/** Instead of a directory descriptor: relative to the working directory. */
export const AT_FDCWD = -100;

/** Name → value. AT_EACCESS and AT_REMOVEDIR share a bit: which one is meant depends on the call. */
export const AT_FLAGS = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_EACCESS: 0x200,
  AT_REMOVEDIR: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
  AT_RECURSIVE: 0x8000,
} as const;
