/** Traces record every argument that a filter needs: no directive looks at one that is discarded. */
import { expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import type { DirectiveAssignment } from "../../src/core/directives/directive.ts";
import { foldUnit, type Host, sandboxOfValues } from "../../src/core/directives/sandbox.ts";
import { isSyscallName, nameOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { meaningOf } from "../../src/core/trace/meanings/all.ts";

const host: Host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] };

/** The calls and arguments that the filters of a unit's line look at on the native ABI. */
function lookedAt(name: string, value: string): readonly string[] {
  const assignment: DirectiveAssignment = { value, file: "a.service", line: 1 };
  const { values } = foldUnit((asked) => (asked === name ? [assignment] : []), host);
  const { walls } = sandboxOfValues(values, host).sandbox;
  return walls.flatMap((wall) =>
    wall.kind !== "filter"
      ? []
      : (wall.policy.abis.x86_64?.rules ?? []).flatMap((rule) =>
          rule.calls.flatMap((number) =>
            rule.when.map((condition) => `${nameOf("x86_64", number)} ${condition.argument}`),
          ),
        ),
  );
}

function isRecorded(pair: string): boolean {
  const [name = "", index] = pair.split(" ");
  if (!isSyscallName(name)) {
    return false;
  }
  return meaningOf(name).numbers?.includes(Number(index)) === true;
}

test("every argument that a filter of a directive looks at is recorded", () => {
  const looked = new Set(
    catalogue.flatMap((directive) => directive.samples.flatMap((sample) => lookedAt(directive.name, sample))),
  );
  expect([...looked].filter((pair) => !isRecorded(pair))).toEqual([]);
  expect([...looked].sort()).toEqual(
    expect.arrayContaining(["clone 0", "openat 3", "sched_setscheduler 1", "socket 0"]),
  );
});
