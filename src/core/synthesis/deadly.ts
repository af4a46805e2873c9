/** Warns of filters that kill on calls that the unit's own filter let through: code that was never seen to run may die. */
import { type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { letsThrough, possible, strongest } from "../seccomp/policy/evaluate.ts";
import type { FilterAction, Policy } from "../seccomp/policy/policy.ts";

function answerOf(sandbox: Sandbox, abi: Abi, number: number): FilterAction {
  const policies: readonly Policy[] = sandbox.walls.flatMap((wall) => (wall.kind === "filter" ? [wall.policy] : []));
  const data = { abi, number, arguments: [0n, 0n, 0n, 0n, 0n, 0n] };
  return strongest(policies.flatMap((policy) => possible(policy, data)));
}

/** The warning, where a call that was let through before ends the service now; none otherwise. */
export function deadlyFilters(before: Sandbox, after: Sandbox, machine: Abi): readonly string[] {
  const killed = Object.values(tableOf(machine).numbers).some(
    (number) =>
      letsThrough(answerOf(before, machine, number)) && answerOf(after, machine, number).kind.startsWith("kill"),
  );
  return killed
    ? [
        "The unit's own filter kills on a refused call, and so does the narrower one: code that was not seen to run may end the service. SystemCallErrorNumber=EPERM in the unit makes it an error instead.",
      ]
    : [];
}
