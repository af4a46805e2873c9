/**
 * Whatever input the workshop gets, it soon answers with a value or diagnostics: any bytes as a filter, any text or JSON as a
 * profile, any lines as a unit or a trace.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { disassemble } from "../../src/core/bpf/disassemble.ts";
import { encode, type Instruction } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { readFilter } from "../../src/core/bpf/read.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import type { Parsed } from "../../src/core/diagnostic/diagnostic.ts";
import { sandboxOf } from "../../src/core/directives/sandbox.ts";
import { systemCallFilterLines } from "../../src/core/export/system-call-filter.ts";
import { ABIS, type Abi } from "../../src/core/kernel/syscalls/syscall.ts";
import { filtersOf } from "../../src/core/sandbox/filters.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { decompile } from "../../src/core/seccomp/decompile/decompile.ts";
import { explain, explanationText } from "../../src/core/seccomp/explain/explain.ts";
import type { Filter } from "../../src/core/seccomp/filter/filter.ts";
import { readProfile } from "../../src/core/seccomp/oci/profile.ts";
import { policyOfProfile } from "../../src/core/seccomp/oci/resolve.ts";
import { writeProfile } from "../../src/core/seccomp/oci/write.ts";
import { readInstalledFilters } from "../../src/core/trace/strace/installed-filters.ts";
import { hostileText } from "./hostile-text.ts";

/** Runs of each property; `CLOISON_RUNS` raises it. */
const numRuns = Number(process.env.CLOISON_RUNS ?? 60);

/** The value, or undefined with at least one diagnostic; every diagnostic must have what a person needs. */
function checked<T>(parsed: Parsed<T>): T | undefined {
  for (const { code, message, span } of parsed.diagnostics) {
    expect(code).toMatch(/^[a-z][a-z0-9-]+$/);
    expect(message).not.toBe("");
    if (span !== undefined) {
      expect(Math.min(span.line, span.column)).toBeGreaterThan(0);
    }
  }
  if (parsed.ok) {
    return parsed.value;
  }
  expect(parsed.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  return undefined;
}

/** Everything that can be done with a filter. */
function useFilter(filter: Filter): void {
  const explanation = explain(filter);
  expect(explanationText(explanation)).not.toBe("");
  const compared = diff(filter, { kind: "stack", programs: [] });
  expect(["compared", "unknown"]).toContain(compared.kind);
  checked(compile(filter));
  checked(systemCallFilterLines(filter));
  const policy = checked(decompile(filter));
  if (policy !== undefined) {
    checked(writeProfile(policy));
  }
}

const opcodes = Object.values(OPCODES);
const likely: fc.Arbitrary<Instruction> = fc.record({
  code: fc.constantFrom(...opcodes),
  jt: fc.nat(3),
  jf: fc.nat(3),
  k: fc.oneof(
    fc.nat(20).map((n) => 4 * n),
    fc.constantFrom(0x7fff0000, 0x00050001, 0xc000003e, 0x40000003),
    fc.nat(),
  ),
});
const program = fc
  .array(likely, { maxLength: 24 })
  .map((body): readonly Instruction[] => [...body, { code: OPCODES.RET, jt: 0, jf: 0, k: 0x7fff0000 }]);

test("any bytes as a filter", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    program.map((each) => encode(each, true)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom(true, false, undefined), (input, littleEndian) => {
      const read = checked(readFilter(input, littleEndian));
      if (read === undefined) {
        return;
      }
      expect(disassemble(read.program, { littleEndian: read.littleEndian })).toBeTypeOf("string");
      if (validate(read.program).length === 0) {
        useFilter({ kind: "program", program: read.program, littleEndian: read.littleEndian });
      }
    }),
    { numRuns },
  );
});

const word = fc.oneof(
  hostileText,
  fc.constantFrom("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_CMP_EQ", "read", "socket", "4.8"),
);
const field = fc.constantFrom(
  ...["defaultAction", "syscalls", "names", "name", "action", "args", "index", "value", "valueTwo", "op", "errnoRet"],
  ...[
    "includes",
    "excludes",
    "caps",
    "arches",
    "minKernel",
    "archMap",
    "architecture",
    "subArchitectures",
    "architectures",
  ],
);
const { value: anyProfile } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    word,
    fc.nat(),
    fc.double(),
    fc.constantFrom(null, true, 1e19, -1),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(field, word), tie("value"), { maxKeys: 6 }),
  ),
}));

function useProfile(text: string, abi: Abi): void {
  const profile = checked(readProfile(text, "p.json"));
  if (profile === undefined) {
    return;
  }
  const policy = checked(policyOfProfile(profile, { abis: [abi] }));
  if (policy !== undefined) {
    checked(compile(policy));
  }
}

test("any text and any JSON as a profile", () => {
  const text = fc.oneof(
    hostileText,
    anyProfile.map((each) => JSON.stringify(each)),
  );
  fc.assert(fc.property(text, fc.constantFrom(...ABIS), useProfile), { numRuns: 10 * numRuns });
});

const test_ = fc.record({
  index: fc.nat(5),
  value: fc.oneof(fc.nat(), fc.nat(255)),
  valueTwo: fc.nat(255),
  op: fc.constantFrom(...["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((each) => `SCMP_CMP_${each}`)),
});
const entry = fc.record({
  names: fc.array(fc.constantFrom("read", "socket", "ioctl", "shmat", "no_such_call"), { maxLength: 3 }),
  action: fc.constantFrom(...["ALLOW", "ERRNO", "LOG", "KILL_PROCESS", "TRAP"].map((each) => `SCMP_ACT_${each}`)),
  errnoRet: fc.nat(5000),
  args: fc.array(test_, { maxLength: 3 }),
});
const goodProfile = fc.record({
  defaultAction: fc.constantFrom("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"),
  syscalls: fc.array(entry, { maxLength: 5 }),
});

test("any profile that means something is compiled, proved, decompiled, and written as the same profile", () => {
  fc.assert(
    fc.property(goodProfile, fc.constantFrom<Abi>("x86_64", "i386", "aarch64", "s390x"), (each, abi) => {
      const profile = checked(readProfile(JSON.stringify(each), "p.json"));
      if (profile === undefined) {
        throw new Error("a profile was refused");
      }
      const policy = checked(policyOfProfile(profile, { abis: [abi] }));
      if (policy === undefined) {
        throw new Error("a profile was not resolved");
      }
      const compiled = checked(compile(policy));
      if (compiled === undefined) {
        throw new Error("a policy was not compiled");
      }
      const filter: Filter = { kind: "program", program: compiled.program, littleEndian: compiled.littleEndian };
      expect(diff({ kind: "policy", policy }, filter)).toMatchObject({ relation: "equal" });
      const back = checked(decompile(filter));
      const text = back === undefined ? undefined : checked(writeProfile(back));
      const again = text === undefined ? undefined : checked(readProfile(text, "again.json"));
      const same =
        again === undefined ? undefined : checked(policyOfProfile(again, { abis: Object.keys(policy.abis) as Abi[] }));
      if (same !== undefined) {
        expect(diff({ kind: "policy", policy: same }, filter)).toMatchObject({ relation: "equal" });
      }
    }),
    { numRuns: Math.ceil(numRuns / 2) },
  );
});

const directive = fc.constantFrom(
  ...[
    "SystemCallFilter",
    "SystemCallErrorNumber",
    "SystemCallArchitectures",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
  ],
  ...[
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "ProtectClock",
    "PrivateDevices",
  ],
);
const setting = fc.oneof(
  hostileText,
  fc.constantFrom(
    "yes",
    "no",
    "",
    "~@clock",
    "@system-service",
    "read:EPERM",
    "AF_INET",
    "~AF_UNIX none",
    "native x86 x32",
  ),
);

test("any lines of a unit as a filter", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(directive, setting), { maxLength: 6 }), (lines) => {
      const { sandbox } = sandboxOf(
        (name) =>
          lines.filter(([each]) => each === name).map(([, value], line) => ({ value, file: "u", line: line + 1 })),
        { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: [] },
      );
      useFilter(filtersOf(sandbox));
    }),
    { numRuns: Math.ceil(numRuns / 6) },
  );
});

test("any text as a trace of installed filters", () => {
  const piece = fc.constantFrom(
    "seccomp(0x1, 0, {len=1, filter=[BPF_STMT(0x6|0, 0x1)]}) = 0",
    "prctl(0x16, 0x2, ",
    "<unfinished ...>",
    "<... seccomp resumed>",
    ") = 0",
    "clone(x) = 8",
    "{len=2, filter=[BPF_JUMP(0x15, 1, 0, 0)]}",
  );
  const line = fc
    .tuple(fc.nat(9), fc.array(fc.oneof(piece, hostileText), { maxLength: 4 }))
    .map(([pid, parts]) => `${pid} ${parts.join("")}`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const found = checked(readInstalledFilters(lines.join("\n")));
      for (const { programs, inherited } of found ?? []) {
        expect(inherited).toBeLessThanOrEqual(programs.length);
      }
    }),
    { numRuns: 5 * numRuns },
  );
});
