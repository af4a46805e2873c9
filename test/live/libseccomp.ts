/**
 * libseccomp as an oracle, called through koffi: builds its filter of some rules and gives the bytes. Constants and
 * prototypes: seccomp(2) and libseccomp's header seccomp.h. Values only; nothing is loaded into any process.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { decode, type Program } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";

const library = koffi.load("libseccomp.so.2");
const init = library.func("void *seccomp_init(uint32_t action)");
const release = library.func("void seccomp_release(void *context)");
const archAdd = library.func("int seccomp_arch_add(void *context, uint32_t token)");
const archRemove = library.func("int seccomp_arch_remove(void *context, uint32_t token)");
const resolveName = library.func("int seccomp_syscall_resolve_name(const char *name)");
const ruleAdd = library.func(
  "int seccomp_rule_add_array(void *context, uint32_t action, int syscall, unsigned int count, void *tests)",
);
const ruleAddExact = library.func(
  "int seccomp_rule_add_exact_array(void *context, uint32_t action, int syscall, unsigned int count, void *tests)",
);
const resolveNameOn = library.func("int seccomp_syscall_resolve_name_arch(uint32_t token, const char *name)");
const nameOfNumber = library.func("char *seccomp_syscall_resolve_num_arch(uint32_t token, int number)");
const exportBpf = library.func("int seccomp_export_bpf(void *context, int fd)");
const attrSet = library.func("int seccomp_attr_set(void *context, int attribute, uint32_t value)");

/** SCMP_FLTATR_ACT_BADARCH: what calls of other architectures get. */
const BAD_ARCH = 2;
/** SCMP_FLTATR_CTL_OPTIMIZE: 1 by priority, 2 a balanced tree. */
const OPTIMIZE = 8;

/** `enum scmp_compare`. */
export const COMPARISONS = ["", "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"] as const;

/** x32 has a token of its own; all others are the AUDIT_ARCH values. */
const tokens: { readonly [abi in Abi]?: number } = { x32: 0x4000003e };

/** Its name for an ABI. */
export function tokenOf(abi: Abi): number {
  return tokens[abi] ?? tableOf(abi).audit;
}

/** One test of an argument as profiles write it: of MASKED_EQ `value` is the mask. */
export interface LibraryTest {
  readonly index: number;
  readonly comparison: (typeof COMPARISONS)[number];
  readonly value: bigint;
  readonly valueTwo: bigint;
}

/** One rule; `action` is the value that the filter is to return. */
export interface LibraryRule {
  readonly name: string;
  readonly action: number;
  readonly tests: readonly LibraryTest[];
  /** A rule that libseccomp refuses is left out, as if it had not been there. */
  readonly optional?: boolean;
}

/** Without SECCOMP_RET_KILL_THREAD's zero libseccomp knows the same values as the kernel. */
export interface LibraryOptions {
  readonly abis: readonly Abi[];
  readonly otherwise: number;
  readonly rules: readonly LibraryRule[];
  readonly optimize?: 1 | 2;
  /** Rules are added as seccomp_rule_add_exact(3) does: refused where they cannot be kept to the letter. */
  readonly exact?: boolean;
  /** The value for other architectures; by default libseccomp's own choice. */
  readonly foreign?: number;
}

/** `struct scmp_arg_cmp`: argument, comparison, two data. */
function testsBuffer(tests: readonly LibraryTest[]): Buffer {
  const buffer = Buffer.alloc(24 * Math.max(tests.length, 1));
  for (const [place, { index, comparison, value, valueTwo }] of tests.entries()) {
    buffer.writeUInt32LE(index, 24 * place);
    buffer.writeUInt32LE(COMPARISONS.indexOf(comparison), 24 * place + 4);
    buffer.writeBigUInt64LE(value, 24 * place + 8);
    buffer.writeBigUInt64LE(valueTwo, 24 * place + 16);
  }
  return buffer;
}

/** The other byte order of a word. */
function swapped(word: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(word);
  return bytes.readUInt32BE();
}

/**
 * Built on a little-endian machine for a big-endian one, the copies of returns that libseccomp 2.6 puts where a jump
 * would be too long have their value in the wrong order (the others have it right): they are put right here.
 */
export function repaired(program: Program, values: readonly number[]): Program {
  const wrong = new Map(values.map((value) => [swapped(value), value]));
  return program.map((each) => (each.code === OPCODES.RET ? { ...each, k: wrong.get(each.k) ?? each.k } : each));
}

function exported(context: unknown, littleEndian: boolean): Program {
  const directory = mkdtempSync(join(tmpdir(), "cloison-libseccomp-"));
  try {
    const path = join(directory, "filter");
    const fd = openSync(path, "w");
    const status = exportBpf(context, fd);
    closeSync(fd);
    if (status !== 0) {
      throw new Error(`seccomp_export_bpf: ${status}`);
    }
    const parsed = decode(readFileSync(path), littleEndian);
    if (!parsed.ok) {
      throw new Error("libseccomp wrote no filter");
    }
    return parsed.value;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Whether libseccomp, running on a machine of this ABI, has a number for a call that is no stand-in. */
export function hasNumberOn(abi: Abi, name: string): boolean {
  return resolveNameOn(tokenOf(abi), name) >= 0;
}

/** Whether libseccomp takes this name for itself here: of two names for which it has one stand-in it knows the other only. */
export function isToldApart(name: string): boolean {
  const number = resolveName(name);
  return number === -1 || nameOfNumber(tokenOf("x86_64"), number) === name;
}

/** The filter that libseccomp builds, or the errno with which it refuses a rule. */
export function buildWithLibrary({
  abis,
  otherwise,
  rules,
  optimize,
  exact = false,
  foreign,
}: LibraryOptions): Program | { refused: number } {
  const context = init(otherwise);
  if (context === null) {
    throw new Error("seccomp_init failed");
  }
  try {
    if (foreign !== undefined) {
      attrSet(context, BAD_ARCH, foreign);
    }
    if (optimize !== undefined) {
      attrSet(context, OPTIMIZE, optimize);
    }
    // The native architecture is in every new filter, and one filter has one byte order only.
    const native = tokenOf("x86_64");
    if (!abis.includes("x86_64")) {
      if (archRemove(context, native) !== 0) {
        throw new Error("seccomp_arch_remove failed");
      }
    }
    for (const abi of abis) {
      const status = abi === "x86_64" ? 0 : archAdd(context, tokenOf(abi));
      if (status !== 0) {
        throw new Error(`seccomp_arch_add ${abi}: ${status}`);
      }
    }
    for (const { name, action, tests, optional = false } of rules) {
      const number = resolveName(name);
      if (number === -1) {
        continue;
      }
      const add = exact ? ruleAddExact : ruleAdd;
      const status = add(context, action, number, tests.length, testsBuffer(tests));
      if (status !== 0 && !optional) {
        return { refused: -status };
      }
    }
    const { littleEndian } = tableOf(abis[0] ?? "x86_64");
    const program = exported(context, littleEndian);
    return littleEndian ? program : repaired(program, [otherwise, ...rules.map(({ action }) => action)]);
  } finally {
    release(context);
  }
}
