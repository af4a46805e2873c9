/**
 * The tables against the headers, the shell and each other. Oracles: python3's errno, signal and socket modules, dpkg's headers.
 * Tests src/core/kernel.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { addressFamilyName, addressFamilyNumber } from "./address-family.ts";
import { CLOCKS, FCNTL_COMMANDS, MEMORY_ADVICE } from "./argument-values.generated.ts";
import { valuesOn } from "./argument-values.ts";
import { AT_FLAGS } from "./at-flags.ts";
import { CAPABILITIES, type Capability, capabilitiesOfMask, capabilityMask } from "./capability.ts";
import { ERRNO, errnoName, errnoNameOn, errnoNumber, isErrnoName } from "./errno.ts";
import { flagsOfText, textOfFlags } from "./flags.ts";
import { parseInternetAddress, showInternetAddress } from "./internet-address.ts";
import { ioctlsOf } from "./ioctl-request.ts";
import { MAP_FLAGS, mapFlagsOf, PROT_FLAGS } from "./memory-flags.ts";
import { NAMESPACE_FLAGS, namespacesOfFlags } from "./namespace.ts";
import { OPEN_FLAGS, openFlagsOf } from "./open-flags.ts";
import { directoryOf, isWithin, plainPath } from "./path.ts";
import { signalName, signalNumber, signalsOf } from "./signal.ts";
import { expandGroup, GROUP_NAMES, groupMembers } from "./syscalls/groups.ts";
import { ABIS, type Abi, isSyscallName, nameOf, numberOf, tableOf, X32_SYSCALL_BIT } from "./syscalls/syscall.ts";

const python = (program: string) => JSON.parse(execFileSync("python3", ["-c", program], { encoding: "utf8" }));

test("numberOf and nameOf are inverse on every ABI and know the calls that differ", () => {
  for (const abi of ABIS) {
    const entries = Object.entries(tableOf(abi).numbers);
    expect(entries.length).toBeGreaterThan(300);
    for (const [name, number] of entries) {
      expect([nameOf(abi, number), numberOf(abi, name)]).toEqual([name, number]);
    }
  }
  expect([numberOf("x86_64", "read"), numberOf("i386", "read"), numberOf("x32", "read")]).toEqual([0, 3, 0x40000000]);
  expect(numberOf("x32", "execve")).toBe(X32_SYSCALL_BIT + 520);
  expect(numberOf("x32", "preadv")).toBe(X32_SYSCALL_BIT + 534);
  expect(numberOf("x86_64", "constructor")).toBeUndefined();
  expect([isSyscallName("socketcall"), isSyscallName("toString")]).toEqual([true, false]);
});

test("expandGroup gives plain names that systemd knows, for every set", () => {
  // systemd 257 lists these three in sets although its own @known lacks them.
  const known = new Set([...expandGroup("@known"), "fstatat", "newfstat", "nfsservctl"]);
  expect(GROUP_NAMES).toContain("@system-service");
  for (const group of GROUP_NAMES) {
    const calls = expandGroup(group);
    expect(calls.length, group).toBeGreaterThan(0);
    for (const call of calls) {
      expect(known.has(call), `${group} ${call}`).toBe(true);
    }
  }
  expect(groupMembers("@system-service")).toContain("@basic-io");
  expect(expandGroup("@system-service")).toContain("read");
  expect(expandGroup("@system-service")).not.toContain("mount");
  expect(expandGroup("@nothing")).toEqual([]);
  expect(groupMembers("constructor")).toBeUndefined();
});

test("errno, signal and address-family numbers are libc's", () => {
  const libc = python(`import errno,signal,socket,json
print(json.dumps([{k:v for k,v in vars(errno).items() if k[0]=="E"},{s.name:s.value for s in signal.Signals},{k:v for k,v in vars(socket).items() if k.startswith("AF_")}]))`);
  for (const [name, number] of Object.entries(libc[0])) {
    expect(errnoNumber(name), name).toBe(number);
  }
  // Python's errno module lacks only EHWPOISON, and has the three aliases.
  const named: readonly string[] = Object.keys(libc[0]).filter((name) => isErrnoName(name));
  expect(Object.keys(ERRNO).filter((name) => !named.includes(name))).toEqual(["EHWPOISON"]);
  expect(
    Object.keys(libc[0])
      .filter((name) => !named.includes(name))
      .sort(),
  ).toEqual(["EDEADLOCK", "ENOTSUP", "EWOULDBLOCK"]);
  for (const [name, number] of Object.entries(libc[1] as Record<string, number>)) {
    if (number < 32) {
      expect(signalNumber(name), name).toBe(number);
    }
  }
  for (const [name, number] of Object.entries(libc[2])) {
    expect(addressFamilyNumber(name), name).toBe(Number(number));
  }
  expect([errnoName(38), signalName(31), addressFamilyName(16)]).toEqual(["ENOSYS", "SIGSYS", "AF_NETLINK"]);
});

test("open and mmap flags are libc's", () => {
  const libc = python(`import os,mmap,json
print(json.dumps({k:v for m in (os,mmap) for k,v in vars(m).items() if k[:2]=="O_" or k[:4] in ("MAP_","PROT")}))`) as Record<
    string,
    number
  >;
  const ours: Record<string, number> = { ...OPEN_FLAGS, ...MAP_FLAGS, ...PROT_FLAGS };
  const shared = Object.keys(ours).filter((name) => Object.hasOwn(libc, name));
  expect(shared.length).toBeGreaterThan(20);
  // On 64 bits libc defines O_LARGEFILE as 0; strace and filters see the kernel's number.
  for (const name of shared.filter((each) => each !== "O_LARGEFILE")) {
    expect(ours[name], name).toBe(libc[name]);
  }
});

test("flags, signals and requests are those of each architecture's headers", () => {
  const headers = ["asm/fcntl", "linux/mman", "asm/signal", "asm/ioctls"].map((name) => `#include <${name}.h>`);
  const sizes: Readonly<Record<string, string>> = { "struct winsize": "8", int: "4", "struct termios": "44" };
  const directories: readonly (readonly [Abi, string])[] = [
    ["x86_64", "x86_64-linux-gnu"],
    ["i386", "i386-linux-gnu"],
    ["aarch64", "aarch64-linux-gnu"],
    ["arm", "arm-linux-gnueabihf"],
    ["riscv64", "riscv64-linux-gnu"],
    ["loongarch64", "loongarch64-linux-gnu"],
    ["s390x", "s390x-linux-gnu"],
    ["ppc64le", "powerpc64le-linux-gnu"],
    ["ppc", "powerpc-linux-gnu"],
    ["mips64el", "mips64el-linux-gnuabi64"],
    ["mips", "mips-linux-gnu"],
  ];
  for (const [abi, directory] of directories) {
    const ours = { ...openFlagsOf(abi), ...mapFlagsOf(abi), ...signalsOf(abi), ...ioctlsOf(abi) };
    const input = [...headers, ...Object.keys(ours).map((name) => `"${name}" ${name}`)].join("\n");
    const text = execFileSync("cpp", ["-P", `-I/usr/include/${directory}`, "-"], { input, encoding: "utf8" });
    const values = [...text.matchAll(/^"(\w+)" (.+)$/gm)].map(([, name = "", value = ""]): [string, number] => {
      const sized = value.replace(/sizeof\(([\w ]+)\)/g, (_, type) => sizes[type] ?? "");
      const letters = sized.replace(/'(\w)'/g, (_, letter) => String(letter.charCodeAt(0)));
      const plain = letters.replace(/\b0(?=\d)/g, "0o").replace(/(\d)U\b/g, "$1");
      if (!/^[\dxoa-fA-F\s()<|+]+$/.test(plain)) {
        throw new Error(`${abi} ${name}: ${value}`);
      }
      return [name, Number(new Function(`return ${plain}`)())];
    });
    expect(Object.fromEntries(values), abi).toEqual(ours);
  }
});

test("commands and requests are libc's, and those of mips its own", () => {
  const libc = python(`import fcntl,mmap,time,json
print(json.dumps({k:v for m in (fcntl,mmap,time) for k,v in vars(m).items() if k[:2]=="F_" or k[:5]=="MADV_" or k[:6]=="CLOCK_"}))`);
  const ours = Object.assign({}, ...[CLOCKS, FCNTL_COMMANDS, MEMORY_ADVICE].map((each) => valuesOn(each, "x86_64")));
  const shared = Object.keys(ours).filter((name) => Object.hasOwn(libc, name));
  expect(shared.length).toBeGreaterThan(40);
  expect(Object.fromEntries(shared.map((name) => [name, ours[name]]))).toEqual(
    Object.fromEntries(shared.map((name) => [name, libc[name]])),
  );
  expect([valuesOn(FCNTL_COMMANDS, "mips").F_GETLK, valuesOn(FCNTL_COMMANDS, "arm").F_GETLK]).toEqual([14, 5]);
});

test("capabilityMask and capabilitiesOfMask are inverse and number the bits as the kernel does", () => {
  expect(CAPABILITIES.length).toBe(41);
  expect(capabilityMask(CAPABILITIES)).toBe((1n << 41n) - 1n);
  for (const capability of CAPABILITIES) {
    expect(capabilitiesOfMask(capabilityMask([capability]))).toEqual([capability]);
  }
  const numbered: readonly (readonly [Capability, bigint])[] = [
    ["CAP_NET_BIND_SERVICE", 10n],
    ["CAP_SYS_ADMIN", 21n],
    ["CAP_SYSLOG", 34n],
    ["CAP_CHECKPOINT_RESTORE", 40n],
  ];
  for (const [capability, bit] of numbered) {
    expect(capabilityMask([capability])).toBe(1n << bit);
  }
});

test("namespacesOfFlags names each kind of unshare's flags", () => {
  expect(namespacesOfFlags(0x10000000 | 0x00020000)).toEqual(["mnt", "user"]);
  expect(namespacesOfFlags(NAMESPACE_FLAGS.time)).toEqual(["time"]);
});

test("flagsOfText and textOfFlags understand what strace prints", () => {
  expect(flagsOfText(OPEN_FLAGS, "O_RDWR|O_CLOEXEC|0x10")).toBe(0o2000022);
  expect(flagsOfText(OPEN_FLAGS, "O_BOGUS")).toBeUndefined();
  expect(flagsOfText(OPEN_FLAGS, "constructor")).toBeUndefined();
  expect(textOfFlags(OPEN_FLAGS, 0o4010001)).toBe("O_WRONLY|O_SYNC");
  expect(textOfFlags(OPEN_FLAGS, 0)).toBe("O_RDONLY");
  expect(textOfFlags(AT_FLAGS, 0x80000000)).toBe("0x80000000");
  expect(textOfFlags(PROT_FLAGS, 0)).toBe("PROT_NONE");
});

test("internet addresses are written and read as inet_ntop and inet_pton do", () => {
  const known: readonly (readonly [string, string])[] = python(`
import ipaddress, json, random, socket
random.seed(1)
group = lambda: random.choice([0, 0, 0, 1, 0xffff, random.randrange(0x10000)])
# What begins with 96 zero bits inet_ntop may write with a dotted end, a form that RFC 4291 calls deprecated.
six = [socket.inet_ntop(socket.AF_INET6, b"".join((g or 1 if i == 1 else g).to_bytes(2) for i, g in enumerate(group() for _ in range(8)))) for _ in range(300)]
four = [socket.inet_ntop(socket.AF_INET, random.randbytes(4)) for _ in range(50)]
print(json.dumps([[text, str(int(ipaddress.ip_address(text)))] for text in [*six, *four, "::ffff:1.2.3.4", "::", "::1"]]))`);
  expect(known).toHaveLength(353);
  for (const [text, value] of known) {
    const address = { bits: text.includes(":") ? 128 : 32, value: BigInt(value) } as const;
    expect(showInternetAddress(address)).toBe(text);
    expect(parseInternetAddress(text)).toEqual(address);
  }
  for (const bad of [
    "",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4.5",
    ":",
    ":::",
    "1:2",
    "::1::",
    "1:2:3:4:5:6:7:8:9",
    "::g",
    "fe80::1%lo",
  ]) {
    expect(parseInternetAddress(bad), bad).toBeUndefined();
  }
});

test("isWithin compares whole names; plainPath and directoryOf keep the root", () => {
  const within = (path: string, directory: string) => isWithin(path, directory);
  expect([within("/a/b", "/a"), within("/a", "/a"), within("/ab", "/a"), within("/any", "/")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(["//a///b/", "/", "//"].map(plainPath)).toEqual(["/a/b", "/", "/"]);
  expect(["/a/b", "/a", "/"].map(directoryOf)).toEqual(["/a", "/", "/"]);
});

test("error numbers of mips and PowerPC are those of their headers", () => {
  const numbersIn = (directory: string): Record<string, number> => {
    const text = execFileSync("sh", ["-c", `echo '#include <asm/errno.h>' | cpp -dM -I/usr/include/${directory} -`], {
      encoding: "utf8",
    });
    const defined = new Map([...text.matchAll(/^#define (E\w+) (\w+)$/gm)].map(([, name, value]) => [name!, value!]));
    return Object.fromEntries([...defined].map(([name, value]) => [name, Number(defined.get(value) ?? value)]));
  };
  const headers: readonly (readonly [Abi, string])[] = [
    ["mips64el", "mips64el-linux-gnuabi64"],
    ["mips", "mips-linux-gnu"],
    ["ppc64le", "powerpc64le-linux-gnu"],
    ["s390x", "s390x-linux-gnu"],
    ["x86_64", "x86_64-linux-gnu"],
  ];
  for (const [abi, directory] of headers) {
    const numbers = numbersIn(directory);
    expect(Object.keys(numbers).length, abi).toBeGreaterThan(130);
    const ours = Object.fromEntries(Object.keys(numbers).map((name) => [name, errnoNumber(name, abi)]));
    // ENOTSUP is a name of the C library, not of the kernel.
    expect(ours, abi).toEqual(numbers);
    for (const number of new Set(Object.values(numbers))) {
      expect(errnoNumber(errnoNameOn(abi, number) ?? "", abi), `${abi} ${number}`).toBe(number);
    }
  }
  expect([errnoNameOn("mips", 45), errnoNameOn("ppc", 35), errnoNameOn("ppc", 58)]).toEqual([
    "EDEADLK",
    "EDEADLK",
    "EDEADLOCK",
  ]);
});
