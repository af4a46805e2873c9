/** What we write for other programs is what they read. Tests src/core/export. */
import { expect, test } from "vitest";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { denyList, policyOf } from "../seccomp/policy/build.ts";
import type { Condition, Policy } from "../seccomp/policy/policy.ts";
import { cArray } from "./c-array.ts";
import { systemCallFilterLines } from "./system-call-filter.ts";

test("cArray holds every instruction as the kernel's structure has it", () => {
  const text = cArray([{ code: 0x15, jt: 255, jf: 1, k: 0xffffffff }], "deny");
  expect(text).toContain("  { 0x0015, 255, 1, 0xffffffff },\n");
  expect(text).toContain("static const struct sock_fprog deny_program = { 1, deny };");
});

function lines(policy: Policy): { readonly text: string; readonly warnings: readonly string[] } {
  const written = systemCallFilterLines({ kind: "policy", policy });
  if (!written.ok) {
    return { text: "", warnings: written.diagnostics.map(({ code }) => code) };
  }
  return { text: written.value, warnings: written.diagnostics.map(({ message }) => message) };
}

test("systemCallFilterLines writes deny lists, with answers of their own where they differ", () => {
  const eperm = { kind: "errno", errno: "EPERM" } as const;
  const policy = policyOf([
    { calls: ["reboot", "swapon", "swapoff"], action: eperm },
    { calls: ["ptrace"], action: { kind: "kill-process" } },
    { calls: ["bpf"], action: { kind: "errno", errno: "ENOSYS" } },
  ]);
  const { text, warnings } = lines(policy);
  expect(text).toBe("SystemCallFilter=~@swap reboot bpf:ENOSYS ptrace:kill\nSystemCallErrorNumber=EPERM\n");
  expect(warnings).toEqual([]);
});

test("systemCallFilterLines says in what the lines are not the filter", () => {
  const family: Condition = { argument: 0, width: 32, operator: "eq", value: 17n };
  const rules = [{ calls: ["socket"], when: [family], action: { kind: "errno", errno: "EAFNOSUPPORT" } as const }];
  const { warnings } = lines(policyOf(rules));
  expect(warnings.some((each) => each.startsWith("x86_64: socket: the lines are looser: ALLOW"))).toBe(true);
  expect(lines(denyList(["reboot"], { kind: "notify" })).warnings).toEqual(["systemd-action"]);
  const two = denyList(["reboot"], { kind: "errno", errno: "EPERM" }, ["x86_64", "aarch64"]);
  expect(lines(two).warnings).toEqual(["systemd-architecture"]);
  expect(lines(denyList(["reboot"], { kind: "errno", errno: "EPERM" }, [])).warnings).toEqual(["systemd-architecture"]);
});

test("systemCallFilterLines writes for the machine of the filter, with its errors", () => {
  const of = (errno: "EPERM" | "EDQUOT", abis: readonly Abi[]) =>
    lines(denyList(["reboot", "openat2"], { kind: "errno", errno }, abis));
  expect(of("EPERM", ["aarch64", "arm"])).toEqual({
    text: "SystemCallFilter=~openat2 reboot\nSystemCallErrorNumber=EPERM\n",
    warnings: [],
  });
  expect(of("EDQUOT", ["mips64el", "mipsel", "mips64el_n32"])).toEqual({
    text: "SystemCallFilter=~openat2 reboot\nSystemCallErrorNumber=EDQUOT\n",
    warnings: [],
  });
});

test("systemCallFilterLines does not open an ABI of which nothing passes to the list of the others", () => {
  const eperm = { kind: "errno", errno: "EPERM" } as const;
  const { abis } = policyOf([{ calls: ["reboot"], action: eperm }]);
  const shut = { ...abis, x32: { rules: [], otherwise: eperm } };
  expect(lines({ abis: shut, foreign: { kind: "kill-thread" } }).text).toContain(
    "SystemCallArchitectures=native x86\n",
  );
  expect(lines({ abis, foreign: { kind: "kill-thread" } }).text).toContain("SystemCallArchitectures=native x86 x32\n");
});

test("systemCallFilterLines says traps by the nearest word that a unit has", () => {
  const { text, warnings } = lines(denyList(["reboot"], { kind: "trap", data: 1 }));
  expect(text).toBe("SystemCallFilter=~reboot\nSystemCallErrorNumber=kill\n");
  expect(warnings).toContain("x86_64: reboot: the lines are stricter: KILL_PROCESS in place of TRAP(1)");
});
