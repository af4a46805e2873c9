/** Numbers of socket(2) and sendmsg(2), as on every architecture but mips. Facts: linux/net.h, asm-generic/socket.h, linux/socket.h. */

/** Type → value, the low four bits of the second argument. */
export const SOCKET_TYPES = {
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_RDM: 4,
  SOCK_SEQPACKET: 5,
  SOCK_DCCP: 6,
  SOCK_PACKET: 10,
} as const;

/** Flags that are OR-ed to the type. */
export const SOCKET_FLAGS = {
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
} as const;

/** The bits of the second argument that hold the type. */
export const SOCK_TYPE_MASK = 0xf;

/** The level of the options and control messages that all sockets have. */
export const SOL_SOCKET = 1;

/** Control messages of that level. */
export const CONTROL_MESSAGES = {
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
} as const;
