import { expect, test } from "vitest";
import { is32 } from "../policy/build.ts";
import type { Condition } from "../policy/policy.ts";
import { anyText, conditionsText, noneText } from "./sentence.ts";

const family = (operator: Condition["operator"], value: number): Condition => is32(0, operator, value);
const namespaces = (value: number, mask: number): Condition => is32(0, "masked-eq", value, mask);

test.each<[string, readonly Condition[], string]>([
  ["socket", [family("eq", 40)], "family = AF_VSOCK"],
  ["socket", [family("ne", 1)], "family not in AF_UNIX"],
  ["socket", [family("lt", 3)], "family < AF_AX25"],
  ["socket", [family("ge", 3), family("le", 10)], "family in AF_AX25…AF_INET6"],
  ["socket", [family("eq", 2), is32(2, "eq", 0x1234)], "family = AF_INET and protocol = 0x1234"],
  ["unshare", [namespaces(0, 0x10000000)], "unshare_flags without CLONE_NEWUSER"],
  ["unshare", [namespaces(0x10000000, 0x10000000)], "unshare_flags with CLONE_NEWUSER"],
  ["unshare", [namespaces(0x10000000, 0x50000000)], "unshare_flags with CLONE_NEWUSER without CLONE_NEWNET"],
  ["read", [], "always"],
])("conditionsText says in few words when %s gets here", (call, when, expected) => {
  expect(conditionsText("x86_64", call, when)).toBe(expected);
});

test("anyText and noneText: alternatives on one argument are a list of its values", () => {
  const alternatives = [[family("eq", 38)], [family("eq", 40)]];
  expect(anyText("x86_64", "socket", alternatives)).toBe("family in AF_ALG, AF_VSOCK");
  expect(noneText("x86_64", "socket", alternatives)).toBe("family not in AF_ALG, AF_VSOCK");
});

test("anyText and noneText: stretches of values are part of the list, short ones name by name", () => {
  const served = [[family("le", 2)], [family("eq", 10)], [family("ge", 3), family("le", 9)]];
  const list = "AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_AX25…AF_X25";
  expect(anyText("x86_64", "socket", served)).toBe(`family in ${list}`);
  expect(noneText("x86_64", "socket", served)).toBe(`family not in ${list}`);
  expect(anyText("x86_64", "socket", [[family("ge", 1), family("le", 2)]])).toBe("family in AF_UNIX, AF_INET");
  expect(anyText("x86_64", "socket", [[family("le", 9)]])).toBe("family ≤ AF_X25");
  // Numbers without names stay a range; one without an end does not go into a list.
  expect(anyText("x86_64", "close", [[is32(0, "ge", 3), is32(0, "le", 4)], [is32(0, "eq", 9)]])).toBe("fd in 3…4, 9");
  expect(anyText("x86_64", "close", [[is32(0, "ge", 8)], [is32(0, "eq", 1)]])).toBe("fd ≥ 8, or fd = 1");
});

test("noneText turns a single condition round where there is a word for it", () => {
  const none = (call: string, condition: Condition): string => noneText("x86_64", call, [[condition]]);
  expect(none("socket", family("lt", 3))).toBe("family ≥ AF_AX25");
  expect(none("socket", family("ne", 1))).toBe("family = AF_UNIX");
  expect(none("unshare", namespaces(0, 0x50000000))).toBe("unshare_flags with CLONE_NEWUSER or CLONE_NEWNET");
  expect(none("unshare", namespaces(0x10000000, 0x10000000))).toBe("unshare_flags without CLONE_NEWUSER");
  expect(none("unshare", namespaces(0x10000000, 0x50000000))).toBe(
    "unless unshare_flags with CLONE_NEWUSER without CLONE_NEWNET",
  );
});

test("anyText and noneText: other alternatives are told one by one", () => {
  const alternatives = [[family("eq", 38)], [is32(1, "eq", 3)]];
  expect(anyText("x86_64", "socket", alternatives)).toBe("family = AF_ALG, or type = 3");
  expect(noneText("x86_64", "socket", alternatives)).toBe("unless family = AF_ALG, or type = 3");
});

test("commands and operations have the names of their architecture", () => {
  expect(anyText("x86_64", "fcntl", [[is32(1, "eq", 5)], [is32(1, "eq", 1030)]])).toBe(
    "cmd in F_GETLK, F_DUPFD_CLOEXEC",
  );
  expect(anyText("mips", "fcntl", [[is32(1, "eq", 14)]])).toBe("cmd = F_GETLK");
  expect(anyText("x86_64", "futex", [[is32(1, "eq", 128)]])).toBe("op = FUTEX_WAIT_PRIVATE");
  expect(anyText("s390x", "clock_gettime", [[is32(0, "le", 7)]])).toBe("which_clock ≤ CLOCK_BOOTTIME");
});

test("calls behind socketcall and ipc have their names, and a mask takes a part of a code", () => {
  const version = (value: number): Condition => is32(0, "masked-eq", value, 0xffff);
  expect(noneText("i386", "socketcall", [[is32(0, "eq", 1)], [is32(0, "eq", 8)]])).toBe(
    "call not in SYS_SOCKET, SYS_SOCKETPAIR",
  );
  expect(anyText("s390x", "ipc", [[version(21)]])).toBe("call & 0xffff = SHMAT");
  expect(noneText("i386", "ipc", [[version(3)]])).toBe("call & 0xffff not in SEMCTL");
});
