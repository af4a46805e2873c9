/**
 * How an io_uring is laid out, and what it can do. Facts: include/uapi/linux/io_uring.h (struct io_uring_sqe, io_uring_cqe,
 * io_uring_params; IORING_OP_*), io_uring_setup(2), io_uring_enter(2); the release of each operation: its history.
 *
 *     an entry, 64 bytes                        a completion, 16 bytes    the parameters of a ring, 120 bytes
 *      0 1  operation     28 4  its flags         0 8  mark of the entry    8 4  flags of the ring
 *      4 4  descriptor    32 8  mark              8 4  result, or -errno   16 4  milliseconds before its thread sleeps
 *      8 8  offset        44 4  a second one                               44 4  where the tail of the entries lies
 *     16 8  address       48 8  a third address                           100 4  where the completions begin
 *     24 4  length
 *
 * The names are those of most operations: each reads some fields as something else.
 */

/** Sizes in bytes. */
export const RING_SIZES = { entry: 64, completion: 16, parameters: 120 } as const;

/** Where the fields of an entry lie. */
export const ENTRY_FIELDS = {
  operation: 0,
  descriptor: 4,
  offset: 8,
  address: 16,
  length: 24,
  flags: 28,
  mark: 32,
  descriptor2: 44,
  address3: 48,
} as const;

/** Where the result of a completion lies. */
export const RESULT_OF_COMPLETION = 8;

/** Where in the parameters of a ring the kernel is told, and says, what is used here. */
export const PARAMETER_FIELDS = { flags: 8, idle: 16, tail: 44, completions: 100 } as const;

/** Flags of a ring: a thread of the kernel's looks for entries, so that nobody has to ask; and not before the ring is enabled. */
export const RING_FLAGS = { SQPOLL: 2, R_DISABLED: 0x40 } as const;

/** What io_uring_register(2) is asked for that enables a ring. */
export const ENABLE_RINGS = 12;

/** Offsets at which a ring's memory is mapped: the rings, since Linux 5.4 both at once, and the entries. */
export const RING_OFFSETS = { rings: 0, entries: 0x1000_0000 } as const;

/**
 * The operations that do what a call does, by the name of that call: their number, and the first release of Linux that has them.
 * Where several do, the one that does no more.
 */
export const RING_OPERATIONS = {
  readv: { number: 1, since: "5.1" },
  writev: { number: 2, since: "5.1" },
  fsync: { number: 3, since: "5.1" },
  sync_file_range: { number: 8, since: "5.2" },
  sendmsg: { number: 9, since: "5.3" },
  recvmsg: { number: 10, since: "5.3" },
  accept4: { number: 13, since: "5.5" },
  connect: { number: 16, since: "5.5" },
  fallocate: { number: 17, since: "5.6" },
  openat: { number: 18, since: "5.6" },
  close: { number: 19, since: "5.6" },
  statx: { number: 21, since: "5.6" },
  read: { number: 22, since: "5.6" },
  write: { number: 23, since: "5.6" },
  fadvise64: { number: 24, since: "5.6" },
  madvise: { number: 25, since: "5.6" },
  sendto: { number: 26, since: "5.6" },
  recvfrom: { number: 27, since: "5.6" },
  openat2: { number: 28, since: "5.6" },
  epoll_ctl: { number: 29, since: "5.6" },
  splice: { number: 30, since: "5.7" },
  tee: { number: 33, since: "5.8" },
  shutdown: { number: 34, since: "5.11" },
  renameat2: { number: 35, since: "5.11" },
  unlinkat: { number: 36, since: "5.11" },
  mkdirat: { number: 37, since: "5.15" },
  symlinkat: { number: 38, since: "5.15" },
  linkat: { number: 39, since: "5.15" },
  fsetxattr: { number: 41, since: "5.19" },
  setxattr: { number: 42, since: "5.19" },
  fgetxattr: { number: 43, since: "5.19" },
  getxattr: { number: 44, since: "5.19" },
  socket: { number: 45, since: "5.19" },
  waitid: { number: 50, since: "6.7" },
  futex_wait: { number: 51, since: "6.7" },
  futex_wake: { number: 52, since: "6.7" },
  ftruncate: { number: 55, since: "6.9" },
  bind: { number: 56, since: "6.11" },
  listen: { number: 57, since: "6.11" },
  epoll_wait: { number: 59, since: "6.15" },
  pipe2: { number: 62, since: "6.16" },
} as const;

/** The name of a call that a ring can do. */
export type RingCallName = keyof typeof RING_OPERATIONS;
