import { expect, test } from "vitest";
import { assembleText } from "../../bpf/assemble-text.ts";
import { X86_ABIS } from "../../kernel/syscalls/syscall.ts";
import type { Filter } from "../filter/filter.ts";
import { is32, type NamedRule, policyOf } from "../policy/build.ts";
import type { FilterAction } from "../policy/policy.ts";
import type { Finding } from "./check.ts";
import { explain } from "./explain.ts";

const ALLOW: FilterAction = { kind: "allow" };
const EPERM: FilterAction = { kind: "errno", errno: "EPERM" };
const ENOSYS: FilterAction = { kind: "errno", errno: "ENOSYS" };
const KILL: FilterAction = { kind: "kill-process" };

function listing(text: string): Filter {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return { kind: "program", program: result.value.program };
}

/** Rules for all ABIs of x86-64; other architectures are killed, and what no rule names passes. */
function filter(
  rules: readonly NamedRule[],
  otherwise: FilterAction = ALLOW,
  abis = X86_ABIS,
  foreign: FilterAction = KILL,
): Filter {
  return { kind: "policy", policy: policyOf(rules, otherwise, abis, foreign) };
}

const deny = (calls: string, action: FilterAction = EPERM): NamedRule => ({ calls: calls.split(" "), action });

/** Each hole: the code of its finding, a filter that has it, and the filter with it fixed. */
const holes: readonly (readonly [code: string, severity: Finding["severity"], open: Filter, mended: Filter])[] = [
  [
    "arch-unchecked",
    "high",
    listing("ld nr\njeq 169, no\nret ALLOW\nno: ret ERRNO(1)\n"),
    listing("ld arch\njne AUDIT_ARCH_X86_64, no\nld nr\njeq 169, no\nret ALLOW\nno: ret ERRNO(1)\n"),
  ],
  ["allows-all", "high", listing("ret LOG\n"), listing("ret KILL_PROCESS\n")],
  ["arch-foreign", "high", filter([deny("reboot")], ALLOW, X86_ABIS, ALLOW), filter([deny("reboot")])],
  ["x32", "high", filter([deny("reboot")], ALLOW, ["x86_64"], ALLOW), filter([deny("reboot")])],
  [
    "other-abi",
    "high",
    listing(
      "ld arch\njeq 0x40000003, i386\njne AUDIT_ARCH_X86_64, no\nld nr\njeq 101, no\ni386: ret ALLOW\nno: ret ERRNO(1)\n",
    ),
    filter([deny("ptrace")]),
  ],
  ["socketcall", "high", filter([deny("socket")]), filter([deny("socket socketcall")])],
  [
    "upper-half",
    "high",
    filter([{ calls: ["socket"], when: [{ argument: 0, width: 64, operator: "eq", value: 40n }], action: EPERM }]),
    filter([{ calls: ["socket"], when: [is32(0, "eq", 40)], action: EPERM }]),
  ],
  [
    "clone3",
    "high",
    filter([{ calls: ["clone"], when: [is32(0, "masked-eq", 0x10000000, 0x10000000)], action: EPERM }]),
    filter([
      { calls: ["clone"], when: [is32(0, "masked-eq", 0x10000000, 0x10000000)], action: EPERM },
      deny("clone3", ENOSYS),
    ]),
  ],
  ["clone3-errno", "low", filter([deny("clone3")]), filter([deny("clone3", ENOSYS)])],
  [
    "allows-kernel-code",
    "high",
    filter([deny("init_module finit_module")]),
    filter([deny("init_module finit_module delete_module kexec_load kexec_file_load")]),
  ],
  ["io-uring", "medium", filter([]), filter([deny("io_uring_setup io_uring_enter io_uring_register")])],
  ["tiocsti", "medium", filter([]), filter([{ calls: ["ioctl"], when: [is32(1, "eq", 0x5412)], action: EPERM }])],
  ["synonym", "medium", filter([deny("execve")]), filter([deny("execve execveat")])],
  [
    "skipped-call",
    "low",
    filter([{ calls: ["read"], action: ALLOW }], KILL),
    filter([{ calls: ["read"], action: ALLOW }], EPERM),
  ],
  ["kill-thread", "low", filter([deny("reboot", { kind: "kill-thread" })]), filter([deny("reboot", KILL)])],
];

test.each(holes)("%s (%s) is found where it is, and not where it is mended", (code, severity, open, mended) => {
  expect(explain(open).findings).toContainEqual(expect.objectContaining({ code, severity }));
  expect(explain(mended).findings.map((finding) => finding.code)).not.toContain(code);
});

test("findings come in order, the worst first", () => {
  const severities = explain(filter([deny("execve")])).findings.map(({ severity }) => severity);
  const worst = (severity: Finding["severity"]): number => ["high", "medium", "low"].indexOf(severity);
  expect(new Set(severities).size).toBeGreaterThan(1);
  expect(severities).toEqual(severities.toSorted((a, b) => worst(a) - worst(b)));
});

test("a filter that lets three calls through and kills other architectures has nothing to be told of but -1", () => {
  const three = { calls: ["read", "write", "exit_group"], action: ALLOW };
  expect(explain(filter([three], EPERM)).findings).toEqual([]);
  expect(explain(filter([three], KILL)).findings.map(({ code }) => code)).toEqual(["skipped-call"]);
});

test("the other ABI of a machine is told with the calls that it lets around the filter", () => {
  const rules = "jeq 169, no\njeq 101, no\nret ALLOW\n";
  const text = `ld arch\njeq 0x40000003, i386\njne AUDIT_ARCH_X86_64, no\nld nr\njge 0x40000000, no\n${rules}i386: ld nr\njeq 88, no\nret ALLOW\nno: ret ERRNO(1)\n`;
  const found = explain(listing(text)).findings.filter(({ code }) => code === "other-abi");
  expect(found.map(({ abi, calls }) => [abi, calls])).toEqual([["i386", ["ptrace"]]]);
});

test("of x32 the numbers that are its own count, too", () => {
  // ptrace is 101 on x86_64, and 521 with bit 30 as an x32 call.
  const text =
    "ld arch\njne AUDIT_ARCH_X86_64, no\nld nr\njeq 101, no\njeq 0x40000065, no\njeq 0x40000209, yes\njge 0x40000000, no\nyes: ret ALLOW\nno: ret ERRNO(1)\n";
  const found = explain(listing(text)).findings.filter(({ code }) => code === "x32");
  expect(found.map(({ calls }) => calls)).toEqual([["ptrace"]]);
});

test("each machine of a filter is looked at", () => {
  const abis = explain(filter([deny("execve")], ALLOW, ["x86_64", "aarch64"]))
    .findings.filter(({ code }) => code === "synonym")
    .map(({ abi }) => abi);
  expect(abis).toEqual(["x86_64", "aarch64"]);
});

test("what takes the same from memory, or does the same to others only, is no synonym the other way round", () => {
  const synonyms = (calls: string): readonly string[] =>
    explain(filter([deny(calls)])).findings.flatMap(({ code, message }) => (code === "synonym" ? [message] : []));
  expect(synonyms("openat2")).toEqual([]);
  expect(synonyms("sendto")).toEqual([]);
  expect(synonyms("setns")).toEqual([]);
  expect(synonyms("unshare")).toEqual(["unshare is stopped, clone, clone3 do the same and pass"]);
  expect(synonyms("clone")).toEqual(["clone is stopped, clone3 does the same and passes"]);
});
