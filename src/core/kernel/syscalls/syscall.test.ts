/**
 * The tables of all ABIs. Oracles: linux/elf-em.h and linux/audit.h, and the tables of libseccomp where it is installed. Tests
 * src/core/kernel/syscalls.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { AUDIT_ARCHES, auditArchName, auditArchValue } from "../audit-arch.ts";
import { argumentsOf } from "./arguments.ts";
import { expandGroup } from "./groups.ts";
import { callsThrough, routeOf } from "./multiplexer.ts";
import { olderKernel, sinceKernel } from "./since.ts";
import { ABIS, type Abi, abiOf, isAbi, nameOf, numberOf, tableOf, X86_ABIS } from "./syscall.ts";

test("the architecture of every table says its byte order and its width", () => {
  for (const abi of ABIS) {
    const { audit, littleEndian, bits } = tableOf(abi);
    expect((audit & 0x40000000) !== 0, abi).toBe(littleEndian);
    expect((audit & 0x80000000) !== 0, abi).toBe(bits === 64);
    expect(auditArchName(audit), abi).toBeDefined();
    expect(abiOf(audit, abi === "x32" ? 0x40000000 : 0)).toBe(abi);
  }
  expect(new Set(ABIS).size).toBe(18);
  expect(ABIS.slice(0, 3)).toEqual(X86_ABIS);
  expect(isAbi("s390x")).toBe(true);
  expect(isAbi("toString")).toBe(false);
});

test("AUDIT_ARCH_* have the values that the kernel's headers give them", () => {
  const text = execFileSync("sh", ["-c", "cat /usr/include/linux/elf-em.h /usr/include/linux/audit.h"], {
    encoding: "utf8",
  }).replaceAll("\\\n", "");
  const values = new Map<string, number>();
  const wordOf = (word: string): number => values.get(word) ?? Number(word);
  for (const [, name = "", value = ""] of text.matchAll(/^#define (\w+)[ \t]+\(?([\w| \t]+?)\)?[ \t]*(?:\/\*.*)?$/gm)) {
    const parts = value.split("|").map((part) => wordOf(part.trim()));
    values.set(
      name,
      parts.reduce((sum, part) => (sum | part) >>> 0, 0),
    );
  }
  expect(Object.keys(AUDIT_ARCHES).length).toBeGreaterThan(40);
  for (const [name, value] of Object.entries(AUDIT_ARCHES)) {
    expect(values.get(`AUDIT_ARCH_${name}`), name).toBe(value);
  }
  expect(auditArchValue("AUDIT_ARCH_S390X")).toBe(0x80000016);
  expect(auditArchValue("S390X")).toBe(0x80000016);
  expect(auditArchValue("constructor")).toBeUndefined();
});

test("bases, private numbers and the calls that only some have", () => {
  expect([numberOf("mips", "read"), numberOf("mips64el", "read"), numberOf("mips64_n32", "read")]).toEqual([
    4003, 5000, 6000,
  ]);
  expect(numberOf("arm", "cacheflush")).toBe(0x0f0002);
  expect(nameOf("arm", 0x0f0005)).toBe("set_tls");
  expect(numberOf("aarch64", "open")).toBeUndefined();
  expect([numberOf("s390x", "clone"), numberOf("riscv64", "openat"), numberOf("loongarch64", "openat")]).toEqual([
    120, 56, 56,
  ]);
  // Since Linux 5.1 new calls have the same number everywhere, plus the base on mips.
  for (const abi of ABIS.filter((each) => !/mips|x32/.test(each))) {
    expect(numberOf(abi, "openat2"), abi).toBe(437);
  }
  expect(abiOf(0xc000003e, 0xffffffff)).toBe("x86_64");
  expect(abiOf(0x12345678, 0)).toBeUndefined();
});

test("argumentsOf fits the six words of a filter, for every call of every ABI", () => {
  for (const abi of ABIS) {
    const names = Object.keys(tableOf(abi).numbers);
    const known = names.map((name) => argumentsOf(abi, name)).filter((each) => each !== undefined);
    expect(known.length / names.length, abi).toBeGreaterThan(0.8);
    const { bits } = tableOf(abi);
    expect(
      known.filter((words) => words.length > 6 || words.some(({ width }) => width > bits)),
      abi,
    ).toEqual([]);
  }
  expect(argumentsOf("x86_64", "socketcall")).toBeUndefined();
  expect(argumentsOf("x86_64", "getpid")).toEqual([]);
});

test("argumentsOf knows the differences between ABIs", () => {
  const names = (abi: Parameters<typeof argumentsOf>[0], call: string) =>
    argumentsOf(abi, call)?.map(({ name, half }) => (half === undefined ? name : `${name}.${half}`));
  expect(names("x86_64", "clone")).toEqual(["clone_flags", "newsp", "parent_tidptr", "child_tidptr", "tls"]);
  expect(names("aarch64", "clone")).toEqual(["clone_flags", "newsp", "parent_tidptr", "tls", "child_tidptr"]);
  expect(names("s390x", "clone")?.slice(0, 2)).toEqual(["newsp", "clone_flags"]);
  expect(names("x86_64", "pread64")).toEqual(["fd", "buf", "count", "pos"]);
  expect(names("i386", "pread64")).toEqual(["fd", "buf", "count", "pos.lo", "pos.hi"]);
  expect(names("arm", "pread64")).toEqual(["fd", "buf", "count", "", "pos.lo", "pos.hi"]);
  expect(names("ppc", "ftruncate64")).toEqual(["fd", "", "length.hi", "length.lo"]);
  expect(names("i386", "mmap")).toEqual(["args"]);
  expect(names("i386", "mmap2")?.[2]).toBe("prot");
  expect(argumentsOf("x86_64", "fchmodat")?.at(-1)).toEqual({ name: "mode", kind: "unsigned", width: 16 });
});

test("routeOf knows socketcall and ipc where they are", () => {
  expect(routeOf("s390x", "shmat")).toEqual({ through: "ipc", number: 117, selector: 21, mask: 0xffff });
  expect(routeOf("i386", "socketpair")?.selector).toBe(8);
  for (const abi of ["x86_64", "aarch64", "arm", "riscv64", "mips64el"] as const) {
    expect(routeOf(abi, "socket"), abi).toBeUndefined();
  }
  expect(routeOf("i386", "read")).toBeUndefined();
  expect(callsThrough("ipc")).toContain("semget");
  expect(callsThrough("socketcall").length).toBe(20);
});

test("numberOf agrees with libseccomp's tables on every ABI", () => {
  // libseccomp's constant for x32 is x86-64's without the 64-bit flag; it numbers calls that an architecture lacks below zero.
  const asked = ABIS.map((abi) => ({
    arch: abi === "x32" ? 0x4000003e : tableOf(abi).audit,
    names: Object.keys(tableOf(abi).numbers),
  }));
  const program = `import ctypes,json,sys
lib=ctypes.CDLL("libseccomp.so.2")
resolve=lib.seccomp_syscall_resolve_name_arch
resolve.argtypes=[ctypes.c_uint32,ctypes.c_char_p]
print(json.dumps([[resolve(each["arch"],name.encode()) for name in each["names"]] for each in json.load(sys.stdin)]))`;
  const output = execFileSync("python3", ["-c", program], { encoding: "utf8", input: JSON.stringify(asked) });
  const answers: number[][] = JSON.parse(output);
  for (const [index, abi] of ABIS.entries()) {
    const names = asked[index]!.names;
    const known = names.filter((_, at) => answers[index]![at]! >= 0);
    expect(known.length / names.length, abi).toBeGreaterThan(0.9);
    const ours = Object.fromEntries(known.map((name) => [name, numberOf(abi, name)]));
    expect(Object.fromEntries(known.map((name) => [name, answers[index]![names.indexOf(name)]])), abi).toEqual(ours);
  }
});

test("sinceKernel knows what an ABI cannot have had before", () => {
  const ipc = ["semget", "semctl", "shmget", "shmctl", "shmat", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl"];
  const late: readonly Abi[] = ["i386", "s390", "s390x", "ppc", "ppc64", "ppc64le", "mips", "mipsel"];
  for (const abi of ABIS) {
    // Where ipc is the older way, the direct calls were all added in 5.1.
    const expected = late.includes(abi) ? ipc.map(() => "5.1") : ipc.map((name) => sinceKernel(name, abi));
    expect(
      ipc.map((name) => sinceKernel(name, abi)),
      abi,
    ).toEqual(expected);
    const split = ipc.every((name) => sinceKernel(name, abi) === "5.1");
    expect(split, abi).toBe(numberOf(abi, "ipc") !== undefined);
  }
  expect([sinceKernel("read", "x86_64"), sinceKernel("read", "aarch64"), sinceKernel("read", "loongarch64")]).toEqual([
    "1.0",
    "3.7",
    "5.19",
  ]);
  expect(["socket", "sendmmsg", "recvmmsg"].map((name) => sinceKernel(name, "i386"))).toEqual(["4.3", "3.0", "2.6.33"]);
  expect([sinceKernel("semtimedop", "s390x"), sinceKernel("semtimedop", "x86_64")]).toEqual(["5.1", "2.6"]);
  expect([sinceKernel("open", "aarch64"), sinceKernel("gtty"), sinceKernel("toString")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("sinceKernel knows every numbered call since Linux 5.1, in the order of the numbers as they were given", () => {
  for (const abi of ABIS) {
    const recent = Object.entries(tableOf(abi).numbers).filter(([, number]) => number >= 403 && number <= 462);
    for (const [name] of recent.filter(([each]) => !/^(?:spu_run|timerfd)$/.test(each))) {
      expect(sinceKernel(name), `${abi} ${name}`).toMatch(/^[5-9]\.\d+$/);
    }
  }
  // Numbers are assigned in order of kernel release, but a few were reserved before they were used.
  const late = new Set(["close_range", "memfd_secret", "quotactl_fd", "openat2", "pidfd_getfd"]);
  const inOrder = Object.keys(tableOf("x86_64").numbers).filter((name) => (numberOf("x86_64", name) ?? 0) >= 424);
  const settled = inOrder.filter((name) => !late.has(name));
  for (const [index, name] of settled.slice(1).entries()) {
    expect(olderKernel(sinceKernel(name)!, sinceKernel(settled[index]!)!), name).toBe(false);
  }
  expect([olderKernel("5.9", "5.10"), olderKernel("5.10", "5.9"), olderKernel("6", "6.0.0")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("expandGroup: a set is that of the release that reads it, and the one of the table for those between", () => {
  const mount = (systemd?: number) =>
    expandGroup("@mount", systemd).filter((name) => /^open_tree|^mount_setattr$/.test(name));
  expect(mount(247)).toEqual(["open_tree"]);
  expect(mount(252)).toEqual(["mount_setattr", "open_tree"]);
  expect(mount(258)).toEqual(mount());
  expect(mount(262)).toEqual(["mount_setattr", "open_tree_attr"]);
  expect(expandGroup("@system-service", 262)).toContain("open_tree");
  expect(expandGroup("@default", 247)).not.toContain("mprotect");
  expect(expandGroup("@system-service", 247)).toContain("mprotect");
});
