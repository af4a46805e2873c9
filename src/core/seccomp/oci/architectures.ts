/**
 * The names of architectures in container profiles: `SCMP_ARCH_*` of libseccomp's header, and the words that `includes`
 * and `excludes` are compared with: Docker's goToNative (github.com/moby/profiles, seccomp/seccomp_linux.go), Podman's
 * ScmpArch.String() (github.com/seccomp/libseccomp-golang, asked by github.com/containers/common, pkg/seccomp).
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";

/** ABIs by libseccomp's name for them. */
const BY_SCMP: Readonly<Record<string, Abi>> = {
  SCMP_ARCH_X86_64: "x86_64",
  SCMP_ARCH_X86: "i386",
  SCMP_ARCH_X32: "x32",
  SCMP_ARCH_AARCH64: "aarch64",
  SCMP_ARCH_ARM: "arm",
  SCMP_ARCH_RISCV64: "riscv64",
  SCMP_ARCH_PPC64LE: "ppc64le",
  SCMP_ARCH_S390X: "s390x",
  SCMP_ARCH_MIPSEL64: "mips64el",
  SCMP_ARCH_LOONGARCH64: "loongarch64",
  SCMP_ARCH_S390: "s390",
  SCMP_ARCH_PPC64: "ppc64",
  SCMP_ARCH_PPC: "ppc",
  SCMP_ARCH_MIPS64: "mips64",
  SCMP_ARCH_MIPSEL64N32: "mips64el_n32",
  SCMP_ARCH_MIPS64N32: "mips64_n32",
  SCMP_ARCH_MIPSEL: "mipsel",
  SCMP_ARCH_MIPS: "mips",
};

/** libseccomp's names of architectures that have no table here. */
const WITHOUT_TABLE: ReadonlySet<string> = new Set([
  "SCMP_ARCH_NATIVE",
  "SCMP_ARCH_PARISC",
  "SCMP_ARCH_PARISC64",
  "SCMP_ARCH_M68K",
  "SCMP_ARCH_SH",
  "SCMP_ARCH_SHEB",
]);

/**
 * The words of `includes` and `excludes`: Docker's first, then Podman's if it differs. Docker has no `mips` and writes
 * `loong64` for loongarch64 in the other of its two tables.
 */
const NATIVE_WORDS: Readonly<Record<Abi, readonly string[]>> = {
  x86_64: ["amd64"],
  i386: ["x86"],
  x32: ["x32"],
  aarch64: ["arm64"],
  arm: ["arm"],
  riscv64: ["riscv64"],
  ppc64le: ["ppc64le"],
  s390x: ["s390x"],
  mips64el: ["mipsel64"],
  loongarch64: ["loongarch64", "loong64"],
  s390: ["s390"],
  ppc64: ["ppc64"],
  ppc: ["ppc"],
  mips64: ["mips64"],
  mips64el_n32: ["mips3l64n32", "mipsel64n32"],
  mips64_n32: ["mips64n32"],
  mipsel: ["mipsel"],
  mips: ["mips"],
};

/** Whether a word is libseccomp's name of an architecture, with a table or without. */
export function isScmpArchitecture(word: string): boolean {
  return Object.hasOwn(BY_SCMP, word) || WITHOUT_TABLE.has(word);
}

/** The ABI of a `SCMP_ARCH_*` name; undefined if it has no table or is no such name. */
export function abiOfScmp(word: string): Abi | undefined {
  return Object.hasOwn(BY_SCMP, word) ? BY_SCMP[word] : undefined;
}

/** libseccomp's name for an ABI. */
export function scmpOfAbi(abi: Abi): string {
  return Object.entries(BY_SCMP).find(([, each]) => each === abi)?.[0] ?? "";
}

/** The words that match an ABI's machine in `includes.arches`. */
export function nativeWords(abi: Abi): readonly string[] {
  return NATIVE_WORDS[abi];
}
