/**
 * A seccomp policy: what a filter answers to each system call, before and apart from any BPF.
 * Semantics: seccomp(2), kernel/seccomp.c; values of the actions: include/uapi/linux/seccomp.h.
 */
import type { ErrnoName } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";

/** What the kernel does with a call. When several filters answer, the kind that stands first in this list counts. */
export type FilterAction =
  | { readonly kind: "kill-process" }
  | { readonly kind: "kill-thread" }
  | { readonly kind: "trap"; readonly data: number }
  /** A name is that error on the ABI of the rule, a number the same everywhere. */
  | { readonly kind: "errno"; readonly errno: ErrnoName | number }
  | { readonly kind: "notify" }
  | { readonly kind: "trace"; readonly data: number }
  | { readonly kind: "log" }
  | { readonly kind: "allow" };

/**
 * A test on one argument. `width` says how much of the 64-bit register the kernel itself reads: a filter that
 * compares the upper half of an `int` can be bypassed.
 */
export interface Condition {
  /** Which argument: 0…5. */
  readonly argument: number;
  readonly width: 32 | 64;
  readonly operator: "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "masked-eq";
  /** Compared unsigned, cut to `width` bits. */
  readonly value: bigint;
  /** For `masked-eq`: holds when `(argument & mask) == (value & mask)`. */
  readonly mask?: bigint;
}

/** One rule: these call numbers, 32 bits unsigned, when all conditions hold (none: always). */
export interface Rule {
  readonly calls: readonly number[];
  readonly when: readonly Condition[];
  readonly action: FilterAction;
}

/** What one architecture gets. The first rule that matches answers; otherwise `otherwise`. */
export interface AbiPolicy {
  readonly rules: readonly Rule[];
  readonly otherwise: FilterAction;
}

/** A whole policy: architectures that it does not name get `foreign`. */
export interface Policy {
  readonly abis: { readonly [abi in Abi]?: AbiPolicy };
  readonly foreign: FilterAction;
}
