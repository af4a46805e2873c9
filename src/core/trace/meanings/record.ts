/** A finished call as an action: its name, the numbers that walls look at, and its needs. */
import type { Action, Argument } from "../../action/action.ts";
import type { FinishedCall } from "../call/call.ts";
import { numberOfValue } from "../call/value.ts";
import type { Meaning } from "./meaning.ts";

const UNKNOWN: Argument = { kind: "unknown" };

function argumentsOf(call: FinishedCall, meaning: Meaning): readonly Argument[] {
  const recorded: Argument[] = [];
  for (const index of meaning.numbers ?? []) {
    const value = numberOfValue(call.argument(index));
    if (value === undefined) {
      continue;
    }
    while (recorded.length < index) {
      recorded.push(UNKNOWN);
    }
    recorded.push({ kind: "number", value: BigInt.asUintN(64, value) });
  }
  return recorded;
}

/** The action of a call, with the needs that the call alone shows; other readers add what else the kernel checked. */
export function actionOf(call: FinishedCall, meaning: Meaning): Action {
  return {
    call: { abi: call.abi, name: call.name, arguments: argumentsOf(call, meaning) },
    needs: meaning.needs?.(call) ?? [],
  };
}
