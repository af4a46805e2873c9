/** A plan as text for a person, one operation per line: what `strace` of the compiled plan would show. */
import type { Argument, Call } from "../action/action.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { Operation, Plan } from "./operation.ts";

/** Text in C's manner: everything but printable ASCII is escaped, so that a hostile path cannot forge a line. */
function quoted(text: string): string {
  const escapes = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") {
      return `\\${character}`;
    }
    if (code >= 0x20 && code < 0x7f) {
      return character;
    }
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
  return `"${escapes.join("")}"`;
}

function printNumber(value: bigint): string {
  const signed = BigInt.asIntN(64, value);
  if (signed < 0n && signed > -4096n) {
    return signed.toString();
  }
  return value < 4096n ? value.toString() : `0x${value.toString(16)}`;
}

/** One argument as text. */
function printArgument(argument: Argument): string {
  switch (argument.kind) {
    case "number":
      return printNumber(argument.value);
    case "text":
      return quoted(argument.text);
    case "bytes":
      return `<${argument.bytes.length} bytes>`;
    case "room":
      return `[${argument.name === undefined ? "" : `${argument.name}: `}${argument.size} bytes]`;
    case "pointers":
      return `[${argument.to.map(printArgument).join(", ")}]`;
    case "result":
      return `$${argument.of}`;
    case "unknown":
      return "?";
  }
}

/**
 * A call as text, with its ABI when that is not the machine's own, `native`, and with a ring that does it in its place.
 *
 * @example
 * import { printCall } from "cloison";
 * import assert from "node:assert";
 * const call = { abi: "i386", name: "close", arguments: [{ kind: "number", value: 1n }] };
 * assert.equal(printCall(call, "x86_64"), "close(1) through i386");
 */
export function printCall(call: Call, native: Abi): string {
  const through = call.through === "ring" ? " by io_uring" : call.abi === native ? "" : ` through ${call.abi}`;
  return `${call.name}(${call.arguments.map(printArgument).join(", ")})${through}`;
}

function printOperation(operation: Operation, native: Abi, indent: string, next: () => number): readonly string[] {
  const number = next().toString().padStart(3);
  const may = operation.onError === "record" ? "   # may fail" : "";
  const head = `${number}  ${indent}`;
  switch (operation.kind) {
    case "call":
      return [`${head}$${operation.name} = ${printCall(operation.call, native)}${may}`];
    case "spawn":
      return [
        `${head}$${operation.name} = spawn ${quoted(operation.path)} [${operation.argv.map(quoted).join(", ")}]${may}`,
      ];
    case "child":
      return [
        `${head}$${operation.name} = child${may}`,
        ...operation.operations.flatMap((inner) => printOperation(inner, native, `${indent}  `, next)),
      ];
  }
}

/** The plan as numbered lines; the numbers are those that a compiled plan reports. */
export function printPlan(plan: Plan, native: Abi): string {
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  return plan.operations
    .flatMap((operation) => printOperation(operation, native, "", next))
    .map((line) => `${line}\n`)
    .join("");
}
