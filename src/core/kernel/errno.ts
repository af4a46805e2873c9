/**
 * Error numbers by name. Facts: asm-generic/errno-base.h and errno.h, which most architectures use; what differs on mips
 * and PowerPC is in the generated table beside this file.
 */
import { OTHER_ERRNO } from "./errno.generated.ts";
import type { Abi } from "./syscalls/table.ts";

/** Name → number. Names that share a number (EWOULDBLOCK, EDEADLOCK, ENOTSUP) are looked up with `errnoNumber`. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  ENOTBLK: 15,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  EDOM: 33,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENOMSG: 42,
  EIDRM: 43,
  ECHRNG: 44,
  EL2NSYNC: 45,
  EL3HLT: 46,
  EL3RST: 47,
  ELNRNG: 48,
  EUNATCH: 49,
  ENOCSI: 50,
  EL2HLT: 51,
  EBADE: 52,
  EBADR: 53,
  EXFULL: 54,
  ENOANO: 55,
  EBADRQC: 56,
  EBADSLT: 57,
  EBFONT: 59,
  ENOSTR: 60,
  ENODATA: 61,
  ETIME: 62,
  ENOSR: 63,
  ENONET: 64,
  ENOPKG: 65,
  EREMOTE: 66,
  ENOLINK: 67,
  EADV: 68,
  ESRMNT: 69,
  ECOMM: 70,
  EPROTO: 71,
  EMULTIHOP: 72,
  EDOTDOT: 73,
  EBADMSG: 74,
  EOVERFLOW: 75,
  ENOTUNIQ: 76,
  EBADFD: 77,
  EREMCHG: 78,
  ELIBACC: 79,
  ELIBBAD: 80,
  ELIBSCN: 81,
  ELIBMAX: 82,
  ELIBEXEC: 83,
  EILSEQ: 84,
  ERESTART: 85,
  ESTRPIPE: 86,
  EUSERS: 87,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  ESOCKTNOSUPPORT: 94,
  EOPNOTSUPP: 95,
  EPFNOSUPPORT: 96,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ENETRESET: 102,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ESHUTDOWN: 108,
  ETOOMANYREFS: 109,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTDOWN: 112,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
  ESTALE: 116,
  EUCLEAN: 117,
  ENOTNAM: 118,
  ENAVAIL: 119,
  EISNAM: 120,
  EREMOTEIO: 121,
  EDQUOT: 122,
  ENOMEDIUM: 123,
  EMEDIUMTYPE: 124,
  ECANCELED: 125,
  ENOKEY: 126,
  EKEYEXPIRED: 127,
  EKEYREVOKED: 128,
  EKEYREJECTED: 129,
  EOWNERDEAD: 130,
  ENOTRECOVERABLE: 131,
  ERFKILL: 132,
  EHWPOISON: 133,
} as const;

/** The name of an error number. */
export type ErrnoName = keyof typeof ERRNO;

const ALIASES: readonly (readonly [string, number])[] = [
  ["EWOULDBLOCK", ERRNO.EAGAIN],
  ["EDEADLOCK", ERRNO.EDEADLK],
  ["ENOTSUP", ERRNO.EOPNOTSUPP],
];

interface Numbering {
  readonly numbers: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

const usual: Numbering = {
  numbers: new Map([...Object.entries(ERRNO), ...ALIASES]),
  names: new Map(Object.entries(ERRNO).map(([name, number]) => [number, name])),
};

/** The usual names with an architecture's own numbers; aliases follow the names that they stand for. */
function withOwn(own: Readonly<Record<string, number>>): Numbering {
  const numbers = new Map<string, number>([...Object.entries(ERRNO), ...Object.entries(own)]);
  for (const [alias, number] of ALIASES) {
    const name = usual.names.get(number);
    if (!numbers.has(alias) && name !== undefined) {
      numbers.set(alias, numbers.get(name) ?? number);
    }
  }
  // Aliases first, so that proper names overwrite them: an alias stands only for a number that has no other name.
  const aliases = new Set(ALIASES.map(([alias]) => alias));
  const ordered = [...numbers].sort(([a], [b]) => Number(aliases.has(b)) - Number(aliases.has(a)));
  return { numbers, names: new Map(ordered.map(([name, number]) => [number, name])) };
}

const MIPS = withOwn(OTHER_ERRNO.mips);
const PPC = withOwn(OTHER_ERRNO.ppc);

const OTHER: { readonly [abi in Abi]?: Numbering } = {
  mips: MIPS,
  mipsel: MIPS,
  mips64: MIPS,
  mips64el: MIPS,
  mips64_n32: MIPS,
  mips64el_n32: MIPS,
  ppc: PPC,
  ppc64: PPC,
  ppc64le: PPC,
};

/** Whether an ABI numbers some of the usual errors differently from most. */
export function hasOwnErrno(abi: Abi): boolean {
  return OTHER[abi] === MIPS;
}

function numberingOf(abi: Abi | undefined): Numbering {
  return (abi === undefined ? undefined : OTHER[abi]) ?? usual;
}

/**
 * The number of an error name (aliases included) on an ABI, by default one with the usual numbers; undefined for an
 * unknown name.
 */
export function errnoNumber(name: string, abi?: Abi): number | undefined {
  return numberingOf(abi).numbers.get(name);
}

/** Whether a text is the name of an error number; an alias is not. */
export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(ERRNO, name);
}

/**
 * The name of an error number, by the usual numbers; undefined if there is none.
 *
 * @example
 * import { errnoName, errnoNumber } from "cloison";
 * import assert from "node:assert";
 * assert.equal(errnoName(1), "EPERM");
 * assert.equal(errnoNumber("EWOULDBLOCK"), errnoNumber("EAGAIN"));
 */
export function errnoName(number: number): ErrnoName | undefined {
  return usual.names.get(number) as ErrnoName | undefined;
}

/**
 * The name of an error number on an ABI; undefined if there is none. Some names exist on one architecture only.
 *
 * @example
 * import { errnoNameOn, errnoNumber } from "cloison";
 * import assert from "node:assert";
 * assert.equal(errnoNumber("ENOSYS", "mips64el"), 89);
 * assert.equal(errnoNameOn("mips64el", 38), "EL2NSYNC");
 * assert.equal(errnoNameOn("ppc64le", 58), "EDEADLOCK");
 * assert.equal(errnoNameOn("aarch64", 38), "ENOSYS");
 */
export function errnoNameOn(abi: Abi, number: number): string | undefined {
  return numberingOf(abi).names.get(number);
}
