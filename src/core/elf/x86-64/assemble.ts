/**
 * A small assembler for x86-64: only the instructions that straight-line system calls need, and labels.
 * Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
import { littleEndian } from "../../kernel/bytes.ts";

/** A 64-bit register; the index is its number in the encoding. */
export const REGISTERS = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
] as const;

/** A register's name. */
export type Register = (typeof REGISTERS)[number];

/** When a jump is taken; compares are signed. */
export type Jump = "always" | "equal" | "not-equal" | "greater-or-equal" | "less";

const JUMPS: Readonly<Record<Jump, readonly number[]>> = {
  always: [0xe9],
  equal: [0x0f, 0x84],
  "not-equal": [0x0f, 0x85],
  "greater-or-equal": [0x0f, 0x8d],
  less: [0x0f, 0x8c],
};

/** Code in the making. Addresses of data are absolute and below 2 GiB, so that they fit every instruction and i386. */
export interface Assembler {
  /** A register gets a number; the shortest form that sets all 64 bits. */
  readonly load: (register: Register, value: bigint) => void;
  /** A register gets the 64-bit word at an address. */
  readonly loadFrom: (register: Register, address: number) => void;
  /** The 64-bit word at an address gets a register. */
  readonly storeTo: (address: number, register: Register) => void;
  /** A register gets the 32-bit word at an address, and no other bits. */
  readonly loadHalfFrom: (register: Register, address: number) => void;
  /** One register is added to another. */
  readonly add: (to: Register, register: Register) => void;
  /** rax gets the 32-bit word that lies so far behind where it points, sign-extended. */
  readonly loadSignedBehind: (offset: number) => void;
  /** 4 or 8 bytes so far behind where rax points get a register. */
  readonly storeBehind: (offset: number, register: Register, size: 4 | 8) => void;
  /** A register is added to the 64-bit word at an address, or subtracted from it. */
  readonly addTo: (address: number, register: Register) => void;
  readonly subtractFrom: (address: number, register: Register) => void;
  /** The 16-bit word at an address gets a number. */
  readonly storeWord: (address: number, value: number) => void;
  /** The low half of rax, sign-extended to all of it. */
  readonly signExtend: () => void;
  readonly compare: (a: Register, b: Register) => void;
  /** Compares with a number of 32 bits, sign-extended. */
  readonly compareWith: (register: Register, value: number) => void;
  readonly jump: (when: Jump, label: string) => void;
  readonly label: (name: string) => void;
  /** Instructions given as bytes, for what occurs once. */
  readonly bytes: (...bytes: readonly number[]) => void;
  /** The code; a jump to a label that does not exist is a mistake of the compiler and throws. */
  readonly finish: () => Uint8Array;
}

function numberOfRegister(register: Register): number {
  return REGISTERS.indexOf(register);
}

/** ModRM and SIB of an absolute 32-bit address: no base, no index. */
function absolute(register: number, address: number): readonly number[] {
  return [((register & 7) << 3) | 4, 0x25, ...littleEndian(address, 4)];
}

function wide(register: number, base = 0): number {
  return 0x48 | (register >= 8 ? 4 : 0) | (base >= 8 ? 1 : 0);
}

function loadBytes(register: Register, value: bigint): readonly number[] {
  const index = numberOfRegister(register);
  const word = BigInt.asUintN(64, value);
  const short = word <= 0xffffffffn;
  const opcode = 0xb8 | (index & 7);
  if (short) {
    return [...(index >= 8 ? [0x41] : []), opcode, ...littleEndian(word, 4)];
  }
  return [wide(0, index), opcode, ...littleEndian(word, 8)];
}

/**
 * Starts a piece of code.
 *
 * @example
 * import { assembler } from "cloison";
 * import assert from "node:assert";
 * const code = assembler();
 * code.load("rax", 60n);
 * code.jump("always", "end");
 * code.label("end");
 * assert.deepEqual([...code.finish()], [0xb8, 60, 0, 0, 0, 0xe9, 0, 0, 0, 0]);
 */
export function assembler(): Assembler {
  const out: number[] = [];
  const labels = new Map<string, number>();
  const jumps: { readonly at: number; readonly label: string }[] = [];
  const emit = (...bytes: readonly number[]): void => {
    for (const byte of bytes) {
      out.push(byte);
    }
  };
  const emitToMemory = (opcode: number, address: number, register: Register): void => {
    const index = numberOfRegister(register);
    emit(wide(index), opcode, ...absolute(index, address));
  };
  return {
    load: (register, value) => emit(...loadBytes(register, value)),
    loadFrom: (register, address) => {
      const index = numberOfRegister(register);
      emit(wide(index), 0x8b, ...absolute(index, address));
    },
    loadHalfFrom: (register, address) => {
      const index = numberOfRegister(register);
      emit(...(index >= 8 ? [0x44] : []), 0x8b, ...absolute(index, address));
    },
    add: (to, register) => {
      const [left, right] = [numberOfRegister(to), numberOfRegister(register)];
      emit(wide(right, left), 0x01, 0xc0 | ((right & 7) << 3) | (left & 7));
    },
    loadSignedBehind: (offset) => emit(0x48, 0x63, 0x80, ...littleEndian(offset, 4)),
    storeBehind: (offset, register, size) => {
      const index = numberOfRegister(register);
      const prefix = size === 8 ? [wide(index)] : index >= 8 ? [0x44] : [];
      emit(...prefix, 0x89, 0x80 | ((index & 7) << 3), ...littleEndian(offset, 4));
    },
    storeTo: (address, register) => emitToMemory(0x89, address, register),
    addTo: (address, register) => emitToMemory(0x01, address, register),
    subtractFrom: (address, register) => emitToMemory(0x29, address, register),
    storeWord: (address, value) => emit(0x66, 0xc7, ...absolute(0, address), ...littleEndian(value, 2)),
    signExtend: () => emit(0x48, 0x63, 0xc0),
    compare: (a, b) => {
      const [left, right] = [numberOfRegister(a), numberOfRegister(b)];
      emit(wide(right, left), 0x39, 0xc0 | ((right & 7) << 3) | (left & 7));
    },
    compareWith: (register, value) => {
      const index = numberOfRegister(register);
      emit(wide(0, index), 0x81, 0xf8 | (index & 7), ...littleEndian(value, 4));
    },
    jump: (when, label) => {
      emit(...JUMPS[when]);
      jumps.push({ at: out.length, label });
      emit(0, 0, 0, 0);
    },
    label: (name) => {
      if (labels.has(name)) {
        throw new RangeError(`label ${name} stands twice`);
      }
      labels.set(name, out.length);
    },
    bytes: emit,
    finish: () => {
      for (const { at, label } of jumps) {
        const target = labels.get(label);
        if (target === undefined) {
          throw new RangeError(`no label ${label}`);
        }
        for (const [offset, byte] of littleEndian(target - (at + 4), 4).entries()) {
          out[at + offset] = byte;
        }
      }
      return Uint8Array.from(out);
    },
  };
}
