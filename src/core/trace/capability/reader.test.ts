import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seenText } from "../../../../test/samples/traces/readable.ts";
import { collector } from "../tree/collect.ts";
import { callOfStack, readStack } from "./frames.ts";
import { capabilityReader } from "./reader.ts";

const ROOT = { uid: 0, gid: 0 };
const USER = { uid: 33, gid: 33 };

function read(text: string, isOwn: (pid: number) => boolean = () => true) {
  const reader = capabilityReader("x86_64");
  reader.phase("start");
  for (const line of text.split("\n")) {
    reader.line(line);
  }
  const collect = collector("a.service");
  const process = { first: ROOT, last: USER, executable: "/usr/bin/perl" };
  reader.finish({ own: (pid) => (isOwn(pid) ? process : undefined) }, collect);
  return collect.finish();
}

function recorded(name: string): string {
  return readFileSync(new URL(`../../../../test/samples/traces/${name}`, import.meta.url), "utf8");
}

// The traced program: as root chown of a file, bind to port 81, become user 33; then, as that user, open /etc/shadow, open a raw
// socket, and its child signals PID 1. Reading /etc/shadow as root asked for nothing: root owns it.
test("tells needs from silent checks in a recorded trace", () => {
  expect(read(recorded("capabilities.trace")).seen.map(seenText)).toEqual([
    "1 bind() ok by 0:0: CAP_NET_BIND_SERVICE over net",
    "2 chown() ok by 0:0: CAP_CHOWN over own",
    "1 kill() EPERM by 33:33: CAP_KILL over own",
    "1 openat() EPERM by 33:33: CAP_DAC_OVERRIDE over own",
    "1 openat() EPERM by 33:33: CAP_DAC_READ_SEARCH over own",
    "1 setreuid() ok by 0:0: CAP_SETUID over own",
    "1 socket() EPERM by 33:33: CAP_NET_RAW over net",
  ]);
});

// On an overlay: root becomes user 33, who reads and writes its own file (copied up), makes, changes and removes one, and fails to
// open and to chmod root's. Overlayfs checks dozens of times with the mounter's credentials; the user needs none of that.
test("leaves out what overlayfs checks with the credentials of whoever mounted it", () => {
  expect(read(recorded("overlay.trace")).seen.map(seenText)).toEqual([
    "1 chmod() EPERM by 33:33: CAP_FOWNER over own",
    "1 openat() EPERM by 33:33: CAP_DAC_OVERRIDE over own",
    "1 openat() EPERM by 33:33: CAP_DAC_READ_SEARCH over own",
    "1 setgroups() ok by 0:0: CAP_SETGID over own",
    "1 setregid() ok by 0:0: CAP_SETGID over own",
    "1 setreuid() ok by 0:0: CAP_SETUID over own",
  ]);
});

test("takes only the service's own processes, and nothing of the manager's executor", () => {
  const event = (pid: number, cap: number) =>
    `  (name)-${pid}  [000] .....  1.0: cap_capable: cred 0, target_ns 1, capable_ns 1, cap ${cap}, ret 0\n` +
    "  (name)-1 [000] .....  1.0: <stack trace>\n => security_capable\n => ns_capable\n => __x64_sys_mount\n";
  const exec = (file: string) => `  x-5  [000] .....  1.0: sched_process_exec: filename=${file} pid=5 old_pid=5\n`;
  const text = exec("/proc/self/fd/8") + event(5, 21) + exec("/usr/bin/x") + event(5, 0) + event(6, 3);
  const { seen } = read(text, (pid) => pid === 5);
  expect(seen.map(seenText)).toEqual(["1 mount() ok by 0:0: CAP_CHOWN over own"]);
});

test("counts lost events as a gap", () => {
  expect(read("CPU:0 [LOST 12 EVENTS]\n").gaps).toEqual([{ code: "capabilities-lost", count: 12 }]);
});

test("a capability towards a user namespace of the service's own is over its own", () => {
  const learn =
    "x-5 [000] ..... 1.0: cap_capable: cred 0, target_ns aa, capable_ns aa, cap 21, ret 0\n => security_vm_enough_memory_mm\n";
  const ask =
    "x-5 [000] ..... 1.0: cap_capable: cred 0, target_ns bb, capable_ns bb, cap 12, ret 0\n => security_capable\n => ns_capable\n => __x64_sys_bind\n";
  expect(read(learn + ask).seen.map(seenText)).toEqual(["1 bind() ok by 0:0: CAP_NET_ADMIN over own"]);
  expect(read(learn + ask.replace("bb", "aa")).seen.map(seenText)).toEqual([
    "1 bind() ok by 0:0: CAP_NET_ADMIN over net",
  ]);
});

test.each([
  [["security_capable", "capable", "__x64_sys_syslog"], "CAP_SYSLOG", "init", "syslog"],
  [["security_capable", "ns_capable", "x", "__x64_sys_sethostname"], "CAP_SYS_ADMIN", "uts", "sethostname"],
  [["security_capable", "ns_capable", "path_mount", "__x64_sys_mount"], "CAP_SYS_ADMIN", "mnt", "mount"],
  [["security_capable", "capable_wrt_inode_uidgid", "asm_exc_page_fault"], "CAP_DAC_OVERRIDE", "own", undefined],
] as const)("reads %j", (frames, capability, over, call) => {
  expect(readStack(frames, capability)).toEqual({ over, call });
});

test.each([
  [["cap_capable", "security_vm_enough_memory_mm", "mmap_region", "__x64_sys_mmap"], "CAP_SYS_ADMIN"],
  [["security_capable", "ns_capable_noaudit", "ptrace_may_access", "__x64_sys_read"], "CAP_SYS_PTRACE"],
  [["security_capable", "has_ns_capability_noaudit", "x"], "CAP_SYS_PTRACE"],
  [["security_capable"], "CAP_CHOWN"],
] as const)("takes %j for no need", (frames, capability) => {
  expect(readStack(frames, capability)).toBeUndefined();
});

test("finds the call although the compiler left only an inner function", () => {
  expect(callOfStack(["ns_capable_setid", "__sys_setreuid", "do_syscall_64"])).toBe("setreuid");
  expect(callOfStack(["x", "__do_sys_setgroups"])).toBe("setgroups");
});
