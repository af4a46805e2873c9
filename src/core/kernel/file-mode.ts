/** Bits of a file mode. Facts: linux/stat.h, inode(7). */

/** Special permission bits: name → value. */
export const MODE_BITS = {
  S_ISUID: 0o4000,
  S_ISGID: 0o2000,
  S_ISVTX: 0o1000,
} as const;

/** Type of a file, under the mask S_IFMT. */
export const FILE_TYPES = {
  S_IFSOCK: 0o140000,
  S_IFLNK: 0o120000,
  S_IFREG: 0o100000,
  S_IFBLK: 0o60000,
  S_IFDIR: 0o40000,
  S_IFCHR: 0o20000,
  S_IFIFO: 0o10000,
} as const;

/** The bits of a mode that hold the type. */
export const S_IFMT = 0o170000;
