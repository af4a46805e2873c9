/** Inputs of filters in words, and as JSON for `emulate --stdin`. */
import type { SeccompData } from "../../core/bpf/data.ts";
import { meaningOf, meaningText } from "../../core/bpf/return-value.ts";
import { auditArchName } from "../../core/kernel/audit-arch.ts";
import { abiOf, nameOf } from "../../core/kernel/syscalls/syscall.ts";
import type { FilterAction } from "../../core/seccomp/policy/policy.ts";
import { valueOfAction } from "../../core/seccomp/policy/return-value.ts";

/** An action as the machine answers it: `ERRNO(1)`. */
export function answerText(action: FilterAction): string {
  return meaningText(meaningOf(valueOfAction(action)));
}

function six(args: SeccompData["args"]): readonly string[] {
  return Array.from({ length: 6 }, (_, place) => `0x${(args?.[place] ?? 0n).toString(16)}`);
}

/** An input as data: `arch` is a name where there is one, `nr` the signed number of the kernel. */
export function witnessJson({ arch, nr, args }: SeccompData): object {
  return { arch: abiOf(arch, nr) ?? arch, nr: nr | 0, args: six(args) };
}

/** An input for a person: `x86_64 personality(0x20008, 0x0, …)`. */
export function witnessText({ arch, nr, args }: SeccompData): string {
  const abi = abiOf(arch, nr);
  const name = abi === undefined ? undefined : nameOf(abi, nr >>> 0);
  const where = abi ?? auditArchName(arch) ?? `architecture 0x${arch.toString(16)}`;
  const last = (args ?? []).findLastIndex((word) => word !== 0n);
  const shown = six(args).slice(0, last + 1);
  return `${where} ${name ?? `call ${nr | 0}`}(${[...shown, ...(shown.length < 6 ? ["…"] : [])].join(", ")})`;
}
