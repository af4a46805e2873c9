import { expect, test } from "vitest";
import { assembleText } from "../../bpf/assemble-text.ts";
import { diff } from "../compare/diff.ts";
import type { Filter } from "../filter/filter.ts";
import { readProfile } from "../oci/profile.ts";
import { policyOfProfile } from "../oci/resolve.ts";
import { writeProfile } from "../oci/write.ts";
import type { Condition, FilterAction, Policy, Rule } from "../policy/policy.ts";
import { decompile } from "./decompile.ts";

function filter(text: string): Filter {
  const assembled = assembleText(text, "f.asm");
  if (!assembled.ok) {
    throw new Error(JSON.stringify(assembled.diagnostics));
  }
  return { kind: "program", ...assembled.value };
}

/** Chromium's style of filter: bit 30 is tested among the numbers that are not x86_64's, so those from 2^31 on vary. */
const chromium = (foreign: string): Filter =>
  filter(`
        ld arch
        jeq AUDIT_ARCH_X86_64, own
        ret ${foreign}
own:    ld nr
        jset 0x40000000, x32
        jeq 0, yes
        jeq 1, no
        ret TRAP(1)
x32:    ret TRAP(9)
yes:    ret ALLOW
no:     ret ERRNO(1)
`);

function decompiled(from: Filter): { readonly policy: Policy; readonly codes: readonly string[] } {
  const made = decompile(from);
  if (!made.ok) {
    throw new Error(JSON.stringify(made.diagnostics));
  }
  return { policy: made.value, codes: made.diagnostics.map(({ code }) => code) };
}

test("decompile leaves out x32 alone where its numbers fall into two wide ranges", () => {
  const { policy, codes } = decompiled(chromium("TRAP(10)"));
  expect(codes).toEqual(["filter-abi-left-out", "filter-foreign"]);
  expect(policy.foreign).toEqual({ kind: "trap", data: 10 });
  expect(policy.abis).toEqual({
    x86_64: {
      rules: [
        { calls: [0], when: [], action: { kind: "allow" } },
        { calls: [1], when: [], action: { kind: "errno", errno: "EPERM" } },
        { calls: [0xffffffff], when: [], action: { kind: "trap", data: 9 } },
      ],
      otherwise: { kind: "trap", data: 1 },
    },
  });
  const compared = diff(chromium("TRAP(10)"), { kind: "policy", policy });
  expect(compared.kind === "compared" && compared.differences.map(({ abi }) => abi)).toEqual(["x32", "x32"]);
});

test("decompile never lets pass what it leaves out", () => {
  const { policy, codes } = decompiled(chromium("ALLOW"));
  expect(codes).toEqual(["filter-abi-left-out", "filter-foreign"]);
  expect(policy.foreign).toEqual({ kind: "kill-process" });
  expect(Object.keys(policy.abis)).toEqual(["x86_64"]);
});

test("decompile refuses where it is the machine's own ABI that no policy can say", () => {
  const wide = filter(`
        ld arch
        jeq AUDIT_ARCH_X86_64, own
        ret KILL_PROCESS
own:    ld nr
        jset 0x20000000, one
        ret ERRNO(1)
one:    ret ERRNO(2)
`);
  const made = decompile(wide);
  expect(made.ok).toBe(false);
  expect(made.diagnostics.map(({ code }) => code)).toEqual(["filter-wide-numbers"]);
});

test("writeProfile says the traps of such a filter, and that their data is lost", () => {
  const { policy } = decompiled(chromium("TRAP(10)"));
  const written = writeProfile(policy);
  if (!written.ok) {
    throw new Error(JSON.stringify(written.diagnostics));
  }
  expect(written.diagnostics.map(({ code }) => code)).toEqual(["oci-trap-data", "oci-foreign"]);
  expect(JSON.parse(written.value)).toEqual({
    defaultAction: "SCMP_ACT_TRAP",
    architectures: ["SCMP_ARCH_X86_64"],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW" },
      { names: ["write"], action: "SCMP_ACT_ERRNO", errnoRet: 1 },
    ],
  });
});

test("writeProfile steps around many masks of one argument", () => {
  const mask = (value: bigint, bits: bigint): Condition => ({
    argument: 0,
    width: 32,
    operator: "masked-eq",
    value,
    mask: bits,
  });
  const high: Condition = { argument: 0, width: 64, operator: "ge", value: 1n << 32n };
  const eperm: FilterAction = { kind: "errno", errno: 1 };
  const trap: FilterAction = { kind: "trap", data: 0 };
  const rules = [
    [high, trap],
    [mask(0x3c0100n, 0xffff4100n), trap],
    [mask(0x3c0000n, 0xffff0000n), eperm],
    [mask(0x3c0f00n, 0xfffeffffn), { kind: "allow" }],
    [mask(0x3c0000n, 0xfffec000n), trap],
    [mask(0x3c0000n, 0xfffe8000n), eperm],
    [mask(0x3c0000n, 0xfffe0000n), trap],
    [mask(0n, 0x10000n), eperm],
  ].map(([when, action]) => ({ calls: [56], when: [when], action }) as Rule);
  const policy: Policy = { abis: { x86_64: { rules, otherwise: trap } }, foreign: { kind: "kill-thread" } };
  const written = writeProfile(policy);
  if (!written.ok) {
    throw new Error(JSON.stringify(written.diagnostics));
  }
  const profile = readProfile(written.value, "p.json");
  const back = profile.ok ? policyOfProfile(profile.value, { abis: ["x86_64"] }) : profile;
  if (!back.ok) {
    throw new Error(JSON.stringify(back.diagnostics));
  }
  expect(diff({ kind: "policy", policy }, { kind: "policy", policy: back.value })).toMatchObject({ relation: "equal" });
});
