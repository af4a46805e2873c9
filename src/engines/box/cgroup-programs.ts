/**
 * Programs for a box's cgroup, attached above the root that the box sees, so that root inside cannot detach them: which
 * devices may be opened or made, which sysctls written, through whatever node or procfs. Facts: struct bpf_cgroup_dev_ctx,
 * struct bpf_sysctl and bpf_sysctl_get_name() in linux/bpf.h, kernel/bpf/cgroup.c.
 */

/** One eBPF instruction: operation, registers, offset, constant. */
type Instruction = readonly [code: number, destination: number, source: number, offset: number, constant: number];

const [R0, R1, R2, R3, R4, R6, R10] = [0, 1, 2, 3, 4, 6, 10];
const MOVE = 0xb7;
const MOVE_REGISTER = 0xbf;
const ADD = 0x07;
const AND = 0x57;
const LOAD_WORD = 0x61;
const LOAD_WIDE = 0x79;
const UNLESS_EQUAL = 0x55;
const UNLESS_EQUAL_REGISTER = 0x5d;
const IF_SMALLER = 0xa5;
const IF_GREATER = 0x25;
const CALL = 0x85;
const EXIT = 0x95;
const WIDE_CONSTANT = 0x18;

/** Types and attach points of the programs: enum bpf_prog_type, enum bpf_attach_type. */
export const CGROUP_DEVICE = { program: 15, attach: 6 } as const;
export const CGROUP_SYSCTL = { program: 23, attach: 18 } as const;

const BPF_SYSCTL_GET_NAME = 101;

/** Character devices, by major number and a range of minor ones. */
export interface AllowedDevices {
  readonly major: number;
  readonly first: number;
  readonly last: number;
}

/** 1 is yes, 0 is EPERM. */
function answer(value: 0 | 1): readonly Instruction[] {
  return [
    [MOVE, R0, 0, 0, value],
    [EXIT, 0, 0, 0, 0],
  ];
}

/** Only these character devices; struct bpf_cgroup_dev_ctx: access and type, major, minor. */
export function deviceProgram(allowed: readonly AllowedDevices[]): Uint8Array {
  const BLOCK_OR_CHARACTER = 0xffff;
  const CHARACTER = 2;
  const isCharacter: readonly Instruction[] = [
    [LOAD_WORD, R2, R1, 0, 0],
    [AND, R2, 0, 0, BLOCK_OR_CHARACTER],
    [LOAD_WORD, R3, R1, 4, 0],
    [LOAD_WORD, R4, R1, 8, 0],
    [UNLESS_EQUAL, R2, 0, allowed.length * 5, CHARACTER],
  ];
  const ranges = allowed.flatMap(({ major, first, last }): readonly Instruction[] => [
    [UNLESS_EQUAL, R3, 0, 4, major],
    [IF_SMALLER, R4, 0, 3, first],
    [IF_GREATER, R4, 0, 2, last],
    ...answer(1),
  ]);
  return encodeProgram([...isCharacter, ...ranges, ...answer(0)]);
}

/** Reading is free; writing only what belongs to the box's own namespaces. A name ends where it stands: `net/` is all below. */
export function sysctlProgram(writable: readonly string[]): Uint8Array {
  const SIZE = 64;
  const head: readonly Instruction[] = [
    [MOVE_REGISTER, R6, R1, 0, 0],
    [LOAD_WORD, R2, R1, 0, 0],
    [UNLESS_EQUAL, R2, 0, 2, 0],
    ...answer(1),
    // The name goes to the stack, from its far end.
    ...Array.from({ length: SIZE / 8 }, (_, word): Instruction => [0x7a, R10, 0, -SIZE + word * 8, 0]),
    [MOVE_REGISTER, R1, R6, 0, 0],
    [MOVE_REGISTER, R2, R10, 0, 0],
    [ADD, R2, 0, 0, -SIZE],
    [MOVE, R3, 0, 0, SIZE],
    [MOVE, R4, 0, 0, 0],
    [CALL, 0, 0, 0, BPF_SYSCTL_GET_NAME],
  ];
  return encodeProgram([...head, ...writable.flatMap((name) => matches(name, -SIZE)), ...answer(0)]);
}

/** Answers yes if the bytes at `place` of the stack are those of the name, with its NUL unless it ends in a slash. */
function matches(name: string, place: number): readonly Instruction[] {
  const wanted = [...name].map((character) => character.charCodeAt(0));
  if (!name.endsWith("/")) {
    wanted.push(0);
  }
  const words: { value: bigint; mask: bigint; offset: number }[] = [];
  for (let offset = 0; offset < wanted.length; offset += 8) {
    const part = wanted.slice(offset, offset + 8);
    const value = part.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    words.push({ value, mask: (1n << BigInt(part.length * 8)) - 1n, offset });
  }
  const LENGTH = 7; // instructions of one word; a constant of 64 bits takes two
  return [
    ...words.flatMap(({ value, mask, offset }, index): readonly Instruction[] => {
      const rest = (words.length - index - 1) * LENGTH + 2;
      return [
        [LOAD_WIDE, R2, R10, place + offset, 0],
        ...wide(R3, mask),
        [0x5f, R2, R3, 0, 0], // R2 &= R3
        ...wide(R3, value),
        [UNLESS_EQUAL_REGISTER, R2, R3, rest, 0],
      ];
    }),
    ...answer(1),
  ];
}

function wide(register: number, value: bigint): readonly Instruction[] {
  return [
    [WIDE_CONSTANT, register, 0, 0, Number(BigInt.asIntN(32, value))],
    [0, 0, 0, 0, Number(BigInt.asIntN(32, value >> 32n))],
  ];
}

function encodeProgram(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, destination, source, offset, constant]] of instructions.entries()) {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, destination | (source << 4));
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, constant, true);
  }
  return bytes;
}
