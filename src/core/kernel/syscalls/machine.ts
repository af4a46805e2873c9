/**
 * Which ways of calling the kernel a machine has beside its own. Facts: the architectures that systemd makes filters for
 * (seccomp_local_archs of its src/shared/seccomp-util.c), without those of the other byte order: libseccomp writes their
 * programs in that order, which the kernel refuses, and no call of theirs can be made.
 */
import { type Abi, X86_ABIS } from "./syscall.ts";

const MACHINES: { readonly [native in Abi]: readonly Abi[] } = {
  x86_64: X86_ABIS,
  i386: ["i386"],
  x32: ["x32", "x86_64", "i386"],
  aarch64: ["aarch64", "arm"],
  arm: ["arm"],
  riscv64: ["riscv64"],
  loongarch64: ["loongarch64"],
  ppc64le: ["ppc64le"],
  ppc64: ["ppc64", "ppc"],
  ppc: ["ppc"],
  s390x: ["s390x", "s390"],
  s390: ["s390"],
  mips64el: ["mips64el", "mipsel", "mips64el_n32"],
  mips64el_n32: ["mips64el_n32", "mipsel", "mips64el"],
  mipsel: ["mipsel"],
  mips64: ["mips64", "mips", "mips64_n32"],
  mips64_n32: ["mips64_n32", "mips", "mips64"],
  mips: ["mips"],
};

/**
 * The ABIs of the machine whose own programs have this one; it comes first.
 *
 * @example
 * import { localAbis } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(localAbis("aarch64"), ["aarch64", "arm"]);
 * assert.deepEqual(localAbis("riscv64"), ["riscv64"]);
 */
export function localAbis(native: Abi): readonly Abi[] {
  return MACHINES[native];
}

/**
 * The own ABI of a machine that can make calls of all these: the first of them that has the others beside it, else the
 * first that exists; undefined if no machine has them all.
 */
export function machineWith(abis: readonly Abi[]): Abi | undefined {
  const has = (native: Abi): boolean => abis.every((abi) => MACHINES[native].includes(abi));
  return abis.find(has) ?? (Object.keys(MACHINES) as Abi[]).find(has);
}

/** Whether one machine can make calls of both ABIs. */
export function sameMachine(a: Abi, b: Abi): boolean {
  return machineWith([a, b]) !== undefined;
}
