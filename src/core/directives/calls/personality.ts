/**
 * Personality=. Facts: systemd.exec(5), personality(2), setarch(8). It changes what uname(2) says of the machine and the
 * starting point of LockPersonality=, and no other wall: PER_LINUX32 lays out memory as PER_LINUX does (the kernel's
 * arch/x86/kernel/process_64.c asks for the ABI of the program instead).
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { scalarDirective } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";

const PER_LINUX = 0;
const PER_LINUX32 = 8;

/** A machine's own architecture and the 32-bit one that it can pass for, in systemd's words. */
const ARCHITECTURES: { readonly [abi in Abi]?: readonly [own: string, secondary?: string] } = {
  x86_64: ["x86-64", "x86"],
  i386: ["x86"],
  aarch64: ["arm64", "arm"],
  arm: ["arm"],
  riscv64: ["riscv64"],
  loongarch64: ["loongarch64"],
  ppc64le: ["ppc64-le", "ppc-le"],
  ppc64: ["ppc64", "ppc"],
  ppc: ["ppc"],
  s390x: ["s390x", "s390"],
  s390: ["s390"],
};

/** The personality that a word means on a machine; undefined where systemd ignores it. */
function personalityOf(word: string, machine: Abi): number | undefined {
  const [own, secondary] = ARCHITECTURES[machine] ?? [];
  if (word === own) {
    return PER_LINUX;
  }
  return word === secondary ? PER_LINUX32 : undefined;
}

/** The personality at start. */
export function personalityAtStart(word: string, machine: Abi): number {
  return personalityOf(word, machine) ?? PER_LINUX;
}

/** What uname(2) says of the machine. */
export const personality: Directive<string> = scalarDirective<string>({
  name: "Personality",
  since: 209,
  group: "calls",
  summary: "Lets the machine look like its 32-bit relative to the service: `uname -m` says i686 on x86-64.",
  breaks: "Programs that choose what to run or to build by the name of the machine.",
  requires: [],
  ineffective: [
    "It keeps no call from the service: SystemCallArchitectures= does. LockPersonality= keeps it as it is.",
  ],
  initial: "",
  parse: (text, { machine }) => (text === "" || personalityOf(text, machine) !== undefined ? text : undefined),
  show: (value) => value,
  meet: (a, b) => (b === "" ? a : b),
  samples: ["x86"],
  expects: "the machine's own architecture or its 32-bit relative",
  walls: () => [],
  ladder: never("It closes nothing: it only changes what the machine calls itself."),
});
