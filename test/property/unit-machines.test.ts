/**
 * Units on every machine: whatever its lines, a unit's single filter is proved for every ABI of its machine, and its answer
 * to each call is that of the emulator and of the walls one by one.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { emulate } from "../../src/core/bpf/emulate.ts";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { sandboxOf } from "../../src/core/directives/sandbox.ts";
import { localAbis } from "../../src/core/kernel/syscalls/machine.ts";
import { ABIS, numberOf, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { filtersOf } from "../../src/core/sandbox/filters.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { evaluate, strongest } from "../../src/core/seccomp/policy/evaluate.ts";
import { valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { type Line, linesOf } from "./directive-lines.ts";

const runs = Number(process.env.CLOISON_RUNS ?? 25);

/** The directives that build filters; the others would only cost time. */
const FILTERING: ReadonlySet<string> = new Set([
  ...["SystemCallFilter", "SystemCallErrorNumber", "SystemCallArchitectures", "RestrictAddressFamilies"],
  ...["RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute"],
  ...["ProtectClock", "ProtectKernelModules", "ProtectKernelLogs", "ProtectKernelTunables", "ProtectHostname"],
  "PrivateDevices",
]);

const unit: fc.Arbitrary<readonly Line[]> = fc
  .tuple(...catalogue.filter(({ name }) => FILTERING.has(name)).map((each) => fc.option(linesOf(each), { freq: 2 })))
  .map((parts) => parts.flatMap((part) => part ?? []));

const words = fc.array(fc.constantFrom(0n, 1n, 2n, 16n, 0x80n, 0o6777n, 0x10000000n, 0x1_0000_0001n), {
  minLength: 4,
  maxLength: 4,
});
const names = ["socket", "socketcall", "ipc", "clone", "clone3", "setns", "open", "openat", "mmap", "mmap2", "shmat"];
const calls = [
  ...names,
  "chmod",
  "personality",
  "mprotect",
  "reboot",
  "read",
  "mount",
  "sched_setscheduler",
  "_sysctl",
];

test("a unit's filter is proved on every machine, and answers as its walls do", () => {
  const checked = new Set<string>();
  fc.assert(
    fc.property(unit, fc.constantFrom(...ABIS), fc.constantFrom(253, 257), words, (lines, machine, systemd, args) => {
      const { sandbox } = sandboxOf(
        (name) => lines.filter((line) => line.name === name).map(({ value }) => ({ value, file: "unit", line: 1 })),
        { systemd, machine, user: () => undefined, directories: [], executables: ["/usr/bin/app"] },
      );
      const filter = filtersOf(sandbox);
      const merged = compile(filter);
      if (!merged.ok) {
        throw new Error(JSON.stringify(merged.diagnostics));
      }
      if (filter.kind !== "policies") {
        throw new Error(filter.kind);
      }
      const { program, littleEndian } = merged.value;
      for (const abi of localAbis(machine)) {
        for (const call of calls) {
          const number = numberOf(abi, call);
          if (number === undefined) {
            continue;
          }
          const known = tableOf(abi).bits === 32 ? args.map((word) => BigInt.asUintN(32, word)) : args;
          const all = [...known, 0n, 0n];
          // A wall without rules for an ABI treats it as foreign.
          const answers = filter.policies.map((policy) =>
            policy.abis[abi] === undefined ? policy.foreign : evaluate(policy, { abi, number, arguments: all }),
          );
          const expected = strongest(answers.map((each) => each ?? { kind: "allow" }));
          const actual = emulate(program, { arch: tableOf(abi).audit, nr: number, args: all }, littleEndian);
          expect(actual, `${machine} ${abi} ${call}`).toMatchObject({ kind: "return", value: valueOfAction(expected) });
          checked.add(abi);
        }
      }
    }),
    { numRuns: runs },
  );
  expect(checked.size).toBeGreaterThan(5);
});
