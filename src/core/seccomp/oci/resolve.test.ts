import { expect, test } from "vitest";
import { type Abi, numberOf } from "../../kernel/syscalls/syscall.ts";
import { evaluate } from "../policy/evaluate.ts";
import { readProfile } from "./profile.ts";
import { abisOfProfile, policyOfProfile, type ResolveOptions } from "./resolve.ts";

function profileOf(syscalls: readonly unknown[], more: object = {}) {
  const text = JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", ...more, syscalls }, null, 1);
  const parsed = readProfile(text, "p.json");
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}

function resolved(syscalls: readonly unknown[], options: Partial<ResolveOptions> = {}, more: object = {}) {
  const result = policyOfProfile(profileOf(syscalls, more), { abis: ["x86_64"], ...options });
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  const answer = (name: string, args: readonly bigint[] = [], abi: Abi = "x86_64") => {
    const action = evaluate(result.value, { abi, number: numberOf(abi, name) ?? -2, arguments: args });
    return action?.kind === "errno" ? `errno ${action.errno}` : action?.kind;
  };
  return { answer, policy: result.value, codes: result.diagnostics.map(({ code }) => code) };
}

const allow = (names: string, more: object = {}) => ({ names: names.split(" "), action: "SCMP_ACT_ALLOW", ...more });
const errno = (names: string, errnoRet: number | undefined, more: object = {}) => ({
  names: names.split(" "),
  action: "SCMP_ACT_ERRNO",
  errnoRet,
  ...more,
});
const arg = (index: number, op: string, value: number | bigint, valueTwo: number | bigint = 0) => ({
  index,
  op: `SCMP_CMP_${op}`,
  value: Number(value),
  valueTwo: Number(valueTwo),
});

test("policyOfProfile counts entries by the container's capabilities, by default Docker's fourteen", () => {
  const entries = [
    allow("chroot", { includes: { caps: ["CAP_SYS_CHROOT"] } }),
    allow("mount", { includes: { caps: ["CAP_SYS_ADMIN"] } }),
    allow("bpf", { includes: { caps: ["CAP_SYS_CHROOT", "CAP_BPF"] } }),
    allow("clone", { excludes: { caps: ["CAP_SYS_ADMIN"] } }),
  ];
  const docker = resolved(entries);
  expect(["chroot", "mount", "bpf", "clone"].map((name) => docker.answer(name))).toEqual([
    "allow",
    "errno 1",
    "errno 1",
    "allow",
  ]);
  const admin = resolved(entries, { capabilities: ["CAP_SYS_ADMIN"] });
  expect(["chroot", "mount", "bpf", "clone"].map((name) => admin.answer(name))).toEqual([
    "errno 1",
    "allow",
    "errno 1",
    "errno 1",
  ]);
});

test("policyOfProfile counts entries by machine and kernel", () => {
  const entries = [
    allow("arch_prctl", { includes: { arches: ["amd64", "x32"] } }),
    allow("ptrace", { includes: { minKernel: "4.8" } }),
    allow("clone", { excludes: { arches: ["s390", "s390x"] } }),
  ];
  const recent = resolved(entries, { abis: ["x86_64", "i386"], kernel: { major: 5, minor: 0 } });
  // The words name the machine, so they count for its 32-bit programs, too.
  expect(["arch_prctl", "ptrace", "clone"].map((name) => recent.answer(name, [], "i386"))).toEqual(
    Array(3).fill("allow"),
  );
  const old = resolved(entries, { abis: ["s390x"], kernel: { major: 4, minor: 7 } });
  expect(["ptrace", "clone"].map((name) => old.answer(name, [], "s390x"))).toEqual(["errno 1", "errno 1"]);
});

// What Docker and Podman compare the words with: see architectures.ts.
test.each<[Abi, readonly string[], readonly string[]]>([
  ["mipsel", ["mipsel"], ["mipsle", "mips"]],
  ["mips64el", ["mipsel64"], ["mips64le", "mips64el"]],
  ["mips64el_n32", ["mips3l64n32", "mipsel64n32"], ["mips64p32le"]],
  ["loongarch64", ["loongarch64", "loong64"], []],
  ["i386", ["x86"], ["386", "i386"]],
  ["aarch64", ["arm64"], ["aarch64"]],
])("policyOfProfile takes the words of runtimes for %s, and no others", (abi, words, others) => {
  const answers = (word: string): string | undefined =>
    resolved([allow("read", { includes: { arches: [word] } })], { abis: [abi] }).answer("read", [], abi);
  expect(words.map(answers)).toEqual(words.map(() => "allow"));
  expect(others.map(answers)).toEqual(others.map(() => "errno 1"));
});

test("policyOfProfile: errnoRet counts also when it is 0, and is EPERM without one", () => {
  const { answer } = resolved(
    [errno("read", 0), errno("write", undefined), errno("open", 38)],
    {},
    { defaultErrnoRet: 2 },
  );
  expect(["read", "write", "open", "close"].map((name) => answer(name))).toEqual([
    "errno 0",
    "errno 1",
    "errno 38",
    "errno 2",
  ]);
});

test("policyOfProfile joins tests of different arguments by and, tests that share one by or, as runc does", () => {
  const and = resolved([allow("socket", { args: [arg(0, "EQ", 2), arg(1, "EQ", 1)] })]);
  expect([and.answer("socket", [2n, 1n]), and.answer("socket", [2n, 2n])]).toEqual(["allow", "errno 1"]);
  const or = resolved([allow("socket", { args: [arg(0, "EQ", 2), arg(0, "EQ", 10), arg(1, "EQ", 7)] })]);
  expect(or.answer("socket", [10n, 1n])).toBe("allow");
  // With one argument repeated every test stands alone.
  expect(or.answer("socket", [3n, 7n])).toBe("allow");
  expect(or.answer("socket", [3n, 1n])).toBe("errno 1");
});

test("policyOfProfile compares 64 bits on 64-bit ABIs and 32 elsewhere, and masks both sides", () => {
  const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW",
    "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}, {"names": ["write"],
    "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 240, "valueTwo": 31, "op": "SCMP_CMP_MASKED_EQ"}]}]}`;
  const parsed = readProfile(text, "p.json");
  const policy = parsed.ok ? policyOfProfile(parsed.value, { abis: ["x86_64", "i386"] }) : parsed;
  if (!policy.ok) {
    throw new Error("refused");
  }
  const allows = (abi: Abi, name: string, value: bigint) =>
    evaluate(policy.value, { abi, number: numberOf(abi, name) ?? 0, arguments: [value] })?.kind === "allow";
  expect(allows("x86_64", "read", 2n ** 64n - 1n)).toBe(true);
  expect(allows("x86_64", "read", 2n ** 64n - 2n)).toBe(false);
  expect(allows("i386", "read", 2n ** 32n - 1n)).toBe(true);
  expect(allows("x86_64", "write", 0x1fn)).toBe(true);
  expect(allows("x86_64", "write", 0x2fn)).toBe(false);
});

test("policyOfProfile skips names with a note, and says when no architecture has them", () => {
  const { codes } = resolved([allow("read fcntl64"), allow("opne")]);
  expect(codes).toEqual(["oci-absent-call", "oci-unknown-call"]);
});

test("policyOfProfile: of rules that overlap the more specific one wins, and says so", () => {
  const args = (value: number) => ({ args: [arg(0, "GE", value)] });
  for (const entries of [
    [allow("read", args(5)), errno("read", 38, args(9))],
    [errno("read", 38, args(9)), allow("read", args(5))],
  ]) {
    const { answer, codes } = resolved(entries);
    expect([4n, 5n, 8n, 9n].map((value) => answer("read", [value]))).toEqual(["errno 1", "allow", "allow", "errno 38"]);
    expect(codes).toEqual(["oci-overlap"]);
  }
});

test("policyOfProfile: a rule without tests takes the whole call; equal tests with two actions are refused by runtimes", () => {
  const whole = resolved([errno("read", 38, { args: [arg(0, "EQ", 1)] }), allow("read")]);
  expect(whole.answer("read", [1n])).toBe("allow");
  expect(whole.codes).toEqual(["oci-overlap"]);
  const twice = resolved([allow("read", { args: [arg(0, "EQ", 1)] }), errno("read", 38, { args: [arg(0, "EQ", 1)] })]);
  expect(twice.codes).toEqual(["oci-overlap", "oci-refused"]);
});

test("policyOfProfile: what runtimes refuse before a rule without tests comes stays refused, and after it nothing is", () => {
  const one = allow("read", { args: [arg(0, "EQ", 1)] });
  const other = errno("read", 38, { args: [arg(0, "EQ", 1)] });
  expect(resolved([one, other, allow("read")]).codes).toContain("oci-refused");
  expect(resolved([one, allow("read"), other]).codes).not.toContain("oci-refused");
});

test("policyOfProfile: of two rules with != the first added answers where the upper half is another one, as libseccomp has it", () => {
  const first = allow("read", { args: [arg(0, "NE", 0)] });
  const { answer } = resolved([first, errno("read", 38, { args: [arg(0, "NE", 7)] })]);
  expect([1n, 7n, 0n].map((value) => answer("read", [value]))).toEqual(["errno 38", "allow", "errno 38"]);
  expect([2n ** 32n, 2n ** 64n - 1n].map((value) => answer("read", [value]))).toEqual(["allow", "allow"]);
});

test("policyOfProfile: rules that do not overlap need no word", () => {
  const { codes } = resolved([
    allow("read", { args: [arg(0, "LT", 5)] }),
    errno("read", 38, { args: [arg(0, "GE", 5)] }),
  ]);
  expect(codes).toEqual([]);
});

test("policyOfProfile decides both ways to a socket", () => {
  const { answer, codes } = resolved([allow("socket", { args: [arg(0, "EQ", 2)] })], { abis: ["i386"] });
  expect([answer("socket", [2n], "i386"), answer("socket", [3n], "i386")]).toEqual(["allow", "errno 1"]);
  expect([answer("socketcall", [1n, 0n], "i386"), answer("socketcall", [2n, 0n], "i386")]).toEqual([
    "allow",
    "errno 1",
  ]);
  expect(codes).toEqual(["oci-multiplexed"]);
});

test("abisOfProfile takes the sub-architectures of the machine; what a profile leaves out is killed", () => {
  const archMap = [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
  ];
  expect(abisOfProfile(profileOf([], { archMap }), "x86_64")).toEqual(["x86_64", "i386"]);
  expect(abisOfProfile(profileOf([], { archMap }), "aarch64")).toEqual(["aarch64", "arm"]);
  expect(abisOfProfile(profileOf([], { archMap }), "riscv64")).toEqual(["riscv64"]);
  expect(abisOfProfile(profileOf([], { architectures: ["SCMP_ARCH_X32"] }), "x86_64")).toEqual(["x86_64", "x32"]);
  const { policy, codes } = resolved([allow("read")], { abis: ["x86_64", "i386", "x32"] }, { archMap });
  expect(Object.keys(policy.abis)).toEqual(["x86_64", "i386"]);
  expect(policy.foreign).toEqual({ kind: "kill-thread" });
  expect(codes).toEqual(["oci-architecture-left-out"]);
});
