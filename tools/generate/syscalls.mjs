/**
 * src/core/kernel/syscalls/<abi>.ts from the kernel's unistd headers (Debian: linux-libc-dev, which has those of every
 * architecture). Another ABI is one more line of `tables`, and its name in `Abi` (src/core/kernel/syscalls/table.ts).
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const X32_SYSCALL_BIT = 0x40000000;

/**
 * `audit`: linux/audit.h (machine | 0x80000000 for 64 bits | 0x40000000 for little-endian). `bits`: width of a register.
 * `base`: what the names of bases in the header stand for. `cache`: SECCOMP_ARCH_NATIVE or _COMPAT of
 * arch/…/include/asm/seccomp.h; x32 and mips have none. `clone`: CLONE_BACKWARDS and CLONE_BACKWARDS2 of
 * arch/…/Kconfig, clone(2). `like`: another table has the same names, in the other byte order.
 */
const tables = [
  { abi: "x86_64", header: "x86_64-linux-gnu/asm/unistd_64.h", audit: "0xc000003e" },
  { abi: "i386", header: "i386-linux-gnu/asm/unistd_32.h", audit: "0x40000003", bits: 32, clone: "backwards" },
  {
    abi: "x32",
    header: "x86_64-linux-gnu/asm/unistd_x32.h",
    audit: "0xc000003e",
    base: X32_SYSCALL_BIT,
    cache: false,
  },
  { abi: "aarch64", header: "aarch64-linux-gnu/asm/unistd_64.h", audit: "0xc00000b7", clone: "backwards" },
  {
    abi: "arm",
    header: "arm-linux-gnueabihf/asm/unistd-eabi.h",
    privates: "arm-linux-gnueabihf/asm/unistd.h",
    audit: "0x40000028",
    bits: 32,
    base: 0,
    clone: "backwards",
  },
  { abi: "riscv64", header: "riscv64-linux-gnu/asm/unistd_64.h", audit: "0xc00000f3", clone: "backwards" },
  { abi: "ppc64le", header: "powerpc64le-linux-gnu/asm/unistd_64.h", audit: "0xc0000015", clone: "backwards" },
  {
    abi: "s390x",
    header: "s390x-linux-gnu/asm/unistd_64.h",
    audit: "0x80000016",
    little: false,
    clone: "stack-first",
  },
  {
    abi: "mips64el",
    header: "mips64el-linux-gnuabi64/asm/unistd_n64.h",
    audit: "0xc0000008",
    base: 5000,
    cache: false,
    clone: "backwards",
  },
  { abi: "loongarch64", header: "loongarch64-linux-gnu/asm/unistd_64.h", audit: "0xc0000102" },
  {
    abi: "s390",
    header: "s390x-linux-gnu/asm/unistd_32.h",
    audit: "0x16",
    bits: 32,
    little: false,
    clone: "stack-first",
  },
  {
    abi: "ppc64",
    like: true,
    header: "powerpc64-linux-gnu/asm/unistd_64.h",
    audit: "0x80000015",
    little: false,
    clone: "backwards",
  },
  {
    abi: "ppc",
    header: "powerpc-linux-gnu/asm/unistd_32.h",
    audit: "0x14",
    bits: 32,
    little: false,
    clone: "backwards",
  },
  {
    abi: "mips64",
    like: true,
    header: "mips64-linux-gnuabi64/asm/unistd_n64.h",
    audit: "0x80000008",
    little: false,
    base: 5000,
    cache: false,
    clone: "backwards",
  },
  {
    abi: "mips64el_n32",
    header: "mips64el-linux-gnuabi64/asm/unistd_n32.h",
    audit: "0xe0000008",
    base: 6000,
    cache: false,
    clone: "backwards",
  },
  {
    abi: "mips64_n32",
    like: true,
    header: "mips64-linux-gnuabi64/asm/unistd_n32.h",
    audit: "0xa0000008",
    little: false,
    base: 6000,
    cache: false,
    clone: "backwards",
  },
  {
    abi: "mipsel",
    like: true,
    header: "mipsel-linux-gnu/asm/unistd_o32.h",
    audit: "0x40000008",
    bits: 32,
    base: 4000,
    cache: false,
    clone: "backwards",
  },
  {
    abi: "mips",
    header: "mips-linux-gnu/asm/unistd_o32.h",
    audit: "0x8",
    bits: 32,
    little: false,
    base: 4000,
    cache: false,
    clone: "backwards",
  },
];

/**
 * Calls that are newer than the headers, by the number that they have in every table, before its base: the kernel's
 * scripts/syscall.tbl of Linux 6.15.
 */
const NEWER = [["open_tree_attr", 467]];

const read = (header) => readFileSync(`/usr/include/${header}`, "utf8");

/** `#define __NR_read 0`, or a sum of a base and a number. */
const LINE = /^#define __NR_(\w+) (?:(\d+)|\((?:__X32_SYSCALL_BIT|__NR_SYSCALL_BASE|__NR_Linux) \+ (\d+)\))$/gm;

/** The private calls of arm: `#define __ARM_NR_cacheflush (__ARM_NR_BASE+2)`. */
const PRIVATE = /^#define __ARM_NR_(\w+)\s+\(__ARM_NR_BASE\+(\d+)\)$/gm;
const ARM_PRIVATE_BASE = 0x0f0000;

/** What headers define beside calls. */
const NO_CALLS = new Set(["Linux", "N32_Linux", "64_Linux", "O32_Linux"]);

function numbersOf({ header, privates, base }) {
  const text = read(header);
  const numbers = [];
  for (const [line, name, plain, offset] of text.matchAll(LINE)) {
    if (NO_CALLS.has(name)) {
      continue;
    }
    if (offset !== undefined && base === undefined) {
      throw new Error(`${header}: no base is known for ${line}`);
    }
    numbers.push([name, plain === undefined ? base + Number(offset) : Number(plain)]);
  }
  const defined = [...text.matchAll(/^#define __NR_/gm)].length;
  if (defined !== numbers.length) {
    throw new Error(`${header}: ${defined} lines, ${numbers.length} understood`);
  }
  if (numbers.length < 300) {
    throw new Error(`${header}: only ${numbers.length} system calls found`);
  }
  for (const [name, number] of NEWER.filter(([name]) => numbers.every(([known]) => known !== name))) {
    numbers.push([name, (base ?? 0) + number]);
  }
  if (privates !== undefined) {
    for (const [, name, offset] of read(privates).matchAll(PRIVATE)) {
      numbers.push([name, ARM_PRIVATE_BASE + Number(offset)]);
    }
  }
  return numbers.toSorted((a, b) => a[1] - b[1]);
}

function source(table, from) {
  const { abi, header, privates, audit, like = false, bits = 64, little = true, cache = true, clone = "plain" } = table;
  const constant = abi.toUpperCase();
  const literal = (number) => (number >= ARM_PRIVATE_BASE ? `0x${number.toString(16)}` : String(number));
  const headers = [header, privates].filter((each) => each !== undefined).map((each) => `/usr/include/${each}`);
  return `/**
 * The system calls of ${abi}: name → number, as the kernel sees it in the system-call register.
 * Generated by tools/generate/syscalls.mjs from ${from}.
 * Source: ${headers.join(", ")}; do not edit.
 */
import type { SyscallTable } from "./table.ts";

const numbers = {
${numbersOf(table)
  .map(([name, number]) => `  ${name}: ${literal(number)},`)
  .join("\n")}
} as const;

${
  like
    ? ""
    : `/** Every system call that ${abi} has a number for. */
export type ${constant}Name = keyof typeof numbers;
`
}
/** The system-call table of ${abi}. */
export const ${constant}: SyscallTable = {
  abi: "${abi}",
  audit: ${audit},
  littleEndian: ${little},
  bits: ${bits},
  cache: ${cache},
  clone: "${clone}",
  numbers,
};
`;
}

export function generate() {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const version = execFileSync("dpkg-query", ["-W", "-f=${Version}", "linux-libc-dev"], { encoding: "utf8" });
  const from = `linux-libc-dev ${version}`;
  return tables.map((table) => ({
    path: `src/core/kernel/syscalls/${table.abi}.ts`,
    from,
    text: source(table, from),
  }));
}
