/** What the compilers need of a machine: what its files say in their header, and how its code is made. One folder each. */
import type { Call } from "../action/action.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { ElfTarget } from "./image.ts";
import type { Memory } from "./memory.ts";

/** How a number is compared with another, signed. */
export type JumpCondition = "equal" | "not-equal" | "greater-or-equal" | "less";

/** A machine for which programs can be compiled. */
export interface ElfMachine extends ElfTarget {
  /** The ABI of its own programs. */
  readonly abi: Abi;
  /** Starts a piece of code. */
  readonly code: () => Code;
}

/**
 * Code in the making. It has two numbers at hand: the result of the last call, and the status with which the process will
 * end, which a call may overwrite. Addresses of data are absolute and below 2 GiB.
 */
export interface Code {
  /** Makes a call; `stored`: arguments, by their place, that are read from an address at run time. RangeError: its ABI lacks it. */
  readonly call: (call: Call, memory: Memory, stored?: ReadonlyMap<number, number>) => void;
  readonly setResult: (value: bigint) => void;
  readonly loadResult: (address: number) => void;
  readonly storeResult: (address: number) => void;
  /** The 64-bit word at an address becomes that much more, or less. */
  readonly addResult: (address: number) => void;
  readonly subtractResult: (address: number) => void;
  /** The result is an address; it becomes the word that lies there. */
  readonly follow: () => void;
  /** The result becomes that much more as the unsigned 32-bit word at an address says. */
  readonly addWord: (address: number) => void;
  /** The result is an address; it becomes the signed 32-bit word so many bytes behind it. */
  readonly followWord: (offset: number) => void;
  /**
   * The result is an address; so many bytes behind it, 4 or 8 bytes become those at another. Whoever shares that memory does not
   * see them before it sees what was copied earlier. The result may be lost.
   */
  readonly copyTo: (offset: number, from: number, size: 4 | 8) => void;
  /** Jumps if the result compares so with a number. */
  readonly jumpIf: (when: JumpCondition, value: number, label: string) => void;
  readonly setStatus: (value: number) => void;
  /** Jumps if the status is this number. */
  readonly jumpIfStatus: (value: number, label: string) => void;
  /** Ends the process with the status; where a filter refuses that, by a fault. */
  readonly exit: () => void;
  /** The 16-bit word at an address gets a number. */
  readonly storeWord: (address: number, value: number) => void;
  /**
   * The result is how many bytes lie at an address; it becomes 1 if these are among them, which lie at another, else 0. There is at
   * least one of them. `label`: a name that no other code uses.
   */
  readonly find: (within: number, bytes: { readonly address: number; readonly length: number }, label: string) => void;
  readonly jump: (label: string) => void;
  readonly label: (name: string) => void;
  /** At the entry only: the status gets the decimal number in the first argument; jumps if there is no argument. */
  readonly readArgument: (none: string) => void;
  /** At the entry only: the result gets the address of the arguments, the program's own name first. */
  readonly findArguments: () => void;
  /** At the entry only: the result gets the address of the environment. */
  readonly findEnvironment: () => void;
  /** The result, a wait status, becomes the exit status, or minus the signal. `label`: a name that no other code uses. */
  readonly decodeWaitStatus: (label: string) => void;
  /** The code; a jump to a label that does not exist is a mistake of the compiler and throws. */
  readonly finish: () => Uint8Array;
}
