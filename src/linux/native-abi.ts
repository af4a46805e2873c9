/** The native ABI of this machine. Facts: the names of Node's os.arch(). */
import { arch, endianness } from "node:os";
import type { Abi } from "../core/kernel/syscalls/syscall.ts";
import { SystemError } from "./system-error.ts";

const BY_NAME: Readonly<Record<string, Abi>> = {
  x64: "x86_64",
  ia32: "i386",
  arm64: "aarch64",
  arm: "arm",
  riscv64: "riscv64",
  s390x: "s390x",
  s390: "s390",
  loong64: "loongarch64",
  mipsel: "mipsel",
  mips: "mips",
  ppc: "ppc",
};

/** The native ABI of this machine. Throws a SystemError if there is no table of its calls. */
export function nativeAbi(): Abi {
  const name = arch();
  if (name === "ppc64") {
    return endianness() === "LE" ? "ppc64le" : "ppc64";
  }
  const abi = BY_NAME[name];
  if (abi === undefined) {
    throw new SystemError("tell the architecture of this machine", { reason: `'${name}' is not known` });
  }
  return abi;
}
