/** Bits of a file mode. Facts: linux/stat.h, inode(7). */

/** Special permission bits: name → value. */
export const MODE_BITS = {
  S_ISUID: 0o4000,
  S_ISGID: 0o2000,
  S_ISVTX: 0o1000,
} as const;
