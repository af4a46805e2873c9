import { expect, test } from "vitest";
import { readCall, readUnfinished } from "./call.ts";
import { readValue } from "./value.ts";

test("a name that holds what looks like a comment comes out whole", () => {
  expect(readValue('"/srv/*/a*/b"')).toMatchObject({ kind: "text", text: "/srv/*/a*/b" });
  expect(readValue("3</srv/*/a*/b>")).toMatchObject({ kind: "descriptor", path: "/srv/*/a*/b" });
  expect(readValue('0x7f00 /* 4 vars, "x" */')).toEqual({ kind: "number", value: 0x7f00n });
});

test("names are numbers where strace prints them for that argument, and unread elsewhere", () => {
  expect(readValue("O_WRONLY|O_CLOEXEC", "openat", 2)).toEqual({ kind: "number", value: 0o2000001n });
  expect(readValue("O_WRONLY", "openat", 1)).toEqual({ kind: "unread" });
  expect(readValue("O_WRONLY|O_UNHEARD_OF", "openat", 2)).toEqual({ kind: "unread" });
  expect(readValue("{flags=O_RDONLY|O_PATH, mode=0}", "openat2", 2)).toEqual({
    kind: "fields",
    fields: new Map([
      ["flags", { kind: "number", value: 0o10000000n }],
      ["mode", { kind: "number", value: 0n }],
    ]),
  });
});

test("a process's number comes with the one outside its namespace", () => {
  expect(readValue("9 /* 20 in strace's PID NS */")).toEqual({ kind: "process", number: 9, outside: 20 });
});

test.each([
  ['{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}', "AF_INET", "10.0.0.1", 80],
  ['{sa_family=0x2, sin_port="\\x00\\x50", sin_addr="\\x0a\\x00\\x00\\x01"}', "AF_INET", "10.0.0.1", 80],
  ['{sa_family=AF_INET6, sin6_port=htons(1), inet_pton(AF_INET6, "::1", &sin6_addr)}', "AF_INET6", "::1", 1],
  ['{sa_family=AF_UNIX, sun_path=@"x"}', "AF_UNIX", "@x", undefined],
])("%s is an address", (text, family, address, port) => {
  expect(readValue(text)).toEqual({ kind: "address", family, address, ...(port === undefined ? {} : { port }) });
});

test("a filter that is not printed whole is none", () => {
  const whole = "{len=1, filter=[BPF_STMT(0x6|0, 0x50000|0x1)]}";
  expect(readValue(whole)).toEqual({ kind: "filter", program: [{ code: 6, jt: 0, jf: 0, k: 0x50001 }] });
  for (const broken of ["len=2", "filter=[BPF_STMT(0x6, 1), ...]", "filter=[BPF_JUMP(0x15, 1)]"]) {
    const [name = ""] = broken.split("=");
    const text = whole.replace(new RegExp(name === "len" ? "len=1" : "filter=.*\\]"), broken);
    expect(readValue(text)).toEqual({ kind: "filter", program: undefined });
  }
});

test("the arguments of clone stand where the registers have them, whole and in flight", () => {
  const text = "child_stack=0x7f00, flags=0x1200000|17";
  const flags = { kind: "number", value: 0x1200011n };
  expect(readCall("clone", `${text}, child_tidptr=0x7f) = 8`)?.argument(0)).toEqual(flags);
  expect(readUnfinished("clone", text).argument(0)).toEqual(flags);
});
