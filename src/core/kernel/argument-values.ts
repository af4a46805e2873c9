/** Names for the values of arguments that are not flags: commands, operations, requests. Facts: the kernel's headers. */
import type { Abi } from "./syscalls/syscall.ts";

/** Name → value: `usual` on most architectures, and per ABI the values that differ there. */
export type ArgumentValues = { readonly usual: Readonly<Record<string, number>> } & {
  readonly [abi in Abi]?: Readonly<Record<string, number>>;
};

/** The values of an ABI. */
export function valuesOn({ usual, ...own }: ArgumentValues, abi: Abi): Readonly<Record<string, number>> {
  const other: ArgumentValues[Abi] = own[abi as keyof typeof own];
  return other === undefined ? usual : { ...usual, ...other };
}
