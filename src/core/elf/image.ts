/**
 * A static ELF64 file, little-endian: one read-only executable segment, one writable one that is not executable, and a
 * stack that is not executable either. Layout: elf(5).
 *
 *     0x400000  ELF header (64), three program headers (56 each), data, code     R+X
 *     0x600000  the same headers and data again; from 0x700000 zeroed memory     RW
 *
 * Both segments begin with the file, so that it needs no padding: a small program is a few hundred bytes.
 */

/** Where the file is mapped; low, so that every address fits the 32-bit registers of an i386 call. */
export const CODE_BASE = 0x400000;
/** Where the writable segment is mapped. */
const DATA_BASE = 0x600000;
/** Where memory that begins as zero starts. */
export const ROOM_BASE = 0x700000;

const HEADER = 64;
const PROGRAM_HEADER = 56;
const SEGMENTS = 3;
const HEADERS = HEADER + SEGMENTS * PROGRAM_HEADER;
const ALIGNMENT = 16;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474e551;
const READ_EXECUTE = 5;
const READ_WRITE = 6;

/** The address of the first byte of data; a multiple of eight. */
export const DATA_START: number = DATA_BASE + HEADERS;

/** What a file says of the machine that it is for. */
export interface ElfTarget {
  /** `e_machine` of the header; elf(5). */
  readonly elf: number;
  /** The largest page that the machine's kernels use: segments are aligned to it. */
  readonly page: number;
}

/** What goes into a file. The entry is the first byte of the code. */
export interface Image {
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  /** Bytes of zeroed memory at ROOM_BASE. */
  readonly room: number;
}

function programHeader(
  view: DataView,
  index: number,
  header: { type: number; flags: number; address: number; size: number; memory: number; align: number },
): void {
  const at = HEADER + index * PROGRAM_HEADER;
  view.setUint32(at, header.type, true);
  view.setUint32(at + 4, header.flags, true);
  view.setBigUint64(at + 8, 0n, true);
  view.setBigUint64(at + 16, BigInt(header.address), true);
  view.setBigUint64(at + 24, BigInt(header.address), true);
  view.setBigUint64(at + 32, BigInt(header.size), true);
  view.setBigUint64(at + 40, BigInt(header.memory), true);
  view.setBigUint64(at + 48, BigInt(header.align), true);
}

/** The bytes of the file. Throws a RangeError if code or data outgrow the space between the segments. */
export function elfImage(image: Image, machine: ElfTarget): Uint8Array {
  const dataEnd = HEADERS + image.data.length;
  const codeAt = Math.ceil(dataEnd / ALIGNMENT) * ALIGNMENT;
  const codeEnd = codeAt + image.code.length;
  if (codeEnd > DATA_BASE - CODE_BASE || dataEnd > ROOM_BASE - DATA_BASE) {
    throw new RangeError("the program is too large for one image");
  }
  const file = new Uint8Array(codeEnd);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machine.elf, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(CODE_BASE + codeAt), true);
  view.setBigUint64(32, BigInt(HEADER), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(54, PROGRAM_HEADER, true);
  view.setUint16(56, SEGMENTS, true);
  const code = {
    type: PT_LOAD,
    flags: READ_EXECUTE,
    address: CODE_BASE,
    size: codeEnd,
    memory: codeEnd,
    align: machine.page,
  };
  programHeader(view, 0, code);
  const memory = ROOM_BASE - DATA_BASE + image.room;
  programHeader(view, 1, {
    type: PT_LOAD,
    flags: READ_WRITE,
    address: DATA_BASE,
    size: dataEnd,
    memory,
    align: machine.page,
  });
  programHeader(view, 2, { type: PT_GNU_STACK, flags: READ_WRITE, address: 0, size: 0, memory: 0, align: 16 });
  file.set(image.data, HEADERS);
  file.set(image.code, codeAt);
  return file;
}
