/** Options for the machine and the container that a filter is for. */
import { release } from "node:os";
import { inputError } from "../../core/diagnostic/input-error.ts";
import { auditArchValue } from "../../core/kernel/audit-arch.ts";
import { type Capability, isCapability } from "../../core/kernel/capability.ts";
import { ABIS, type Abi, isAbi, tableOf } from "../../core/kernel/syscalls/syscall.ts";
import type { KernelVersion } from "../../core/seccomp/oci/profile.ts";
import type { Arguments, OptionSpec } from "../verb.ts";

export const archOption: OptionSpec = {
  type: "string",
  value: "A[,B…]",
  multiple: true,
  help: "architectures of the filter, the machine's own first: x86_64, i386, x32, aarch64, s390x …",
};

/** Options of whoever reads container profiles. */
export const profileOptions: { readonly [name: string]: OptionSpec } = {
  caps: {
    type: "string",
    value: "CAP,…",
    multiple: true,
    help: "capabilities of the container that a profile is for (Docker's fourteen); none: an empty word",
  },
  kernel: {
    type: "string",
    value: "X.Y",
    help: "kernel that a container profile is for (the newest); this: the one that runs here",
  },
};

/** Words that people use beside ours. */
const OTHER_NAMES: Readonly<Record<string, Abi>> = {
  amd64: "x86_64",
  "x86-64": "x86_64",
  x86: "i386",
  arm64: "aarch64",
  ppc64el: "ppc64le",
  loong64: "loongarch64",
};

function abiOfWord(word: string): Abi {
  const abi = Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : word;
  if (abi !== undefined && isAbi(abi)) {
    return abi;
  }
  throw inputError("usage", `--arch: there is no architecture '${word}'`, `one of ${ABIS.join(", ")}`);
}

function words(given: Arguments, option: string): readonly string[] {
  return given.many(option).flatMap((value) => value.split(/[\s,]+/).filter((word) => word !== ""));
}

/** The requested ABIs; undefined if there are none. */
export function abisOption(given: Arguments): readonly Abi[] | undefined {
  const abis = words(given, "arch").map(abiOfWord);
  if (given.many("arch").length > 0 && abis.length === 0) {
    throw inputError("usage", "--arch: no architecture");
  }
  return abis.length === 0 ? undefined : [...new Set(abis)];
}

/** Byte order that the option says; undefined without it. Throws InputError for ABIs of both orders. */
export function orderOption(given: Arguments): boolean | undefined {
  const orders = new Set(abisOption(given)?.map((abi) => tableOf(abi).littleEndian));
  if (orders.size > 1) {
    throw inputError("usage", "--arch: one filter cannot serve machines of both byte orders", "make two filters");
  }
  return [...orders][0];
}

/** The capabilities given; undefined: Docker's. */
export function capabilitiesOption(given: Arguments): readonly Capability[] | undefined {
  if (given.many("caps").length === 0) {
    return undefined;
  }
  return words(given, "caps").map((word) => {
    const name = word.toUpperCase().replace(/^(CAP_)?/, "CAP_");
    if (isCapability(name)) {
      return name;
    }
    throw inputError("usage", `--caps: there is no capability '${word}'`, "see capabilities(7)");
  });
}

/** The kernel given; `this` is the running one. */
export function kernelOption(given: Arguments): KernelVersion | undefined {
  const text = given.one("kernel");
  if (text === undefined) {
    return undefined;
  }
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(text === "this" ? release() : text) ?? [];
  if (major !== undefined && minor !== undefined) {
    return { major: Number(major), minor: Number(minor) };
  }
  throw inputError("usage", `--kernel: '${text}' is not a version`, "two numbers, such as 6.12, or: this");
}

/** An architecture by name, ours or audit's, or by AUDIT_ARCH number; undefined for any other word. */
export function auditOfWord(word: string | number): number | undefined {
  if (typeof word === "number") {
    return Number.isInteger(word) && word >= 0 && word < 2 ** 32 ? word : undefined;
  }
  if (/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(word)) {
    return auditOfWord(Number(word));
  }
  if (Object.hasOwn(OTHER_NAMES, word)) {
    return tableOf(OTHER_NAMES[word] ?? "x86_64").audit;
  }
  return isAbi(word) ? tableOf(word).audit : auditArchValue(word);
}
