/** What an argument of a call is before the program runs: a number, or the address of what it points to. */
import type { Argument } from "../action/action.ts";
import { littleEndian } from "../kernel/bytes.ts";
import type { Memory } from "./memory.ts";

/** The constant; a RangeError for a result, which is known only at run time. `pointer`: bytes of a pointer in memory. */
export function constantOf(argument: Argument, pointer: 4 | 8, memory: Memory): bigint {
  switch (argument.kind) {
    case "number":
      return BigInt.asUintN(64, argument.value);
    case "text":
      return BigInt(memory.text(argument.text));
    case "bytes":
      return BigInt(memory.bytes(argument.bytes));
    case "room":
      return BigInt(memory.room(argument.size, argument.name));
    case "pointers": {
      const words = argument.to.map((element) => constantOf(element, pointer, memory));
      return BigInt(memory.bytes(words.flatMap((word) => littleEndian(word, pointer))));
    }
    case "result":
      throw new RangeError(`the result of ${argument.of} cannot stand inside an array of pointers`);
    case "unknown":
      return 0n;
  }
}
