/** The machine of an ABI. */
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { machines } from "./catalogue.ts";
import type { ElfMachine } from "./machine.ts";

/** The machine whose own programs have an ABI. Throws a RangeError where no code can be made for it. */
export function machineOfAbi(abi: Abi): ElfMachine {
  const found = machines.find((machine) => machine.abi === abi);
  if (found === undefined) {
    throw new RangeError(`no programs can be compiled for ${abi}`);
  }
  return found;
}
