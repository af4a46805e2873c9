import fc from "fast-check";
import { expect, test } from "vitest";
import type { Observation, Seen } from "../action/action.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import { expandGroup } from "../kernel/syscalls/groups.ts";
import { numberOf, type SyscallName } from "../kernel/syscalls/syscall.ts";
import { DANGEROUS } from "./dangerous.ts";
import { FALLBACKS } from "./siblings.ts";
import { callEvidence, wantedCalls } from "./wanted-calls.ts";

function seen(name: SyscallName, result: "ok" | ErrnoName = "ok"): Seen {
  return {
    action: { call: { abi: "x86_64", name, arguments: [] }, needs: [] },
    result,
    phases: ["workload"],
    identities: [{ uid: 33, gid: 33 }],
    executables: [],
    count: 1,
    hosts: [],
  };
}

function observed(...calls: readonly Seen[]): Observation {
  return { schema: "cloison.observation/2", unit: "a.service", seen: calls, gaps: [], phases: ["start"] };
}

/** Calls of a small server on Debian 13, written down from its trace. */
const server = observed(
  ...(
    [
      "execve",
      "brk",
      "mmap",
      "access",
      "openat",
      "fstat",
      "close",
      "read",
      "pread64",
      "arch_prctl",
      "set_tid_address",
      "set_robust_list",
      "rseq",
      "mprotect",
      "prlimit64",
      "munmap",
      "getrandom",
      "futex",
      "rt_sigaction",
      "rt_sigprocmask",
      "socket",
      "setsockopt",
      "bind",
      "listen",
      "epoll_create1",
      "epoll_ctl",
      "epoll_wait",
      "accept4",
      "recvfrom",
      "sendto",
      "writev",
      "sendfile",
      "clone3",
      "wait4",
      "unlink",
      "rename",
      "mkdir",
      "newfstatat",
      "timerfd_create",
      "timerfd_settime",
      "eventfd2",
      "pipe2",
      "dup2",
      "exit_group",
    ] as const
  ).map((name) => seen(name)),
);

test("wantedCalls: a server keeps its siblings, and little more", () => {
  const { names } = wantedCalls(server, "balanced", "x86_64");
  expect(names.filter((name) => numberOf("x86_64", name) !== undefined).length).toBeLessThanOrEqual(170);
  for (const name of [
    "open",
    "openat2",
    "statx",
    "clone",
    "vfork",
    "epoll_pwait2",
    "renameat2",
    "faccessat2",
    "accept",
  ]) {
    expect(names).toContain(name);
  }
});

test("wantedCalls: nothing dangerous, and no member of a set that would spoil a check, comes in unseen", () => {
  const { names, doors, leftOut } = wantedCalls(server, "balanced", "x86_64");
  const spoilt = [
    "@swap",
    "@obsolete",
    "@clock",
    "@cpu-emulation",
    "@debug",
    "@mount",
    "@module",
    "@raw-io",
    "@reboot",
  ];
  for (const group of [...spoilt, "@privileged", "@resources", "@keyring"]) {
    expect(names.filter((name) => expandGroup(group).includes(name))).toEqual([]);
  }
  for (const name of ["unshare", "setns", "ptrace", "bpf", "userfaultfd", "io_uring_setup", "process_vm_readv"]) {
    expect(names).not.toContain(name);
    expect(leftOut).toContain(name);
  }
  expect(doors).toEqual([]);
});

test("wantedCalls: a dangerous call that worked stays as a door, one that failed does not", () => {
  const { names, doors } = wantedCalls(observed(seen("unshare"), seen("ptrace", "EPERM")), "balanced", "x86_64");
  expect(names).toContain("unshare");
  expect(doors).toEqual(["kept unshare: unshare under the workload"]);
  expect(names).not.toContain("ptrace");
});

test("wantedCalls: one call of @privileged brings its own family, not the set", () => {
  const { names } = wantedCalls(observed(seen("setuid")), "balanced", "x86_64");
  expect(names).toContain("setresuid");
  expect(names).not.toContain("setgid");
  expect(names).not.toContain("chown");
});

test("wantedCalls: strict keeps what was seen and its kin, and @default", () => {
  const { names } = wantedCalls(observed(seen("openat"), seen("flock", "EAGAIN")), "strict", "x86_64");
  const native = (list: readonly string[]) => list.filter((name) => numberOf("x86_64", name) !== undefined).sort();
  expect(native(names)).toEqual(
    native([...expandGroup("@default"), "openat", "open", "openat2", "creat", "flock", "write"]),
  );
});

test("wantedCalls: entries and names are the same calls", () => {
  for (const level of ["balanced", "strict"] as const) {
    const { entries, names } = wantedCalls(server, level, "x86_64");
    const native = (list: readonly string[]) => list.filter((name) => numberOf("x86_64", name) !== undefined).sort();
    const expanded = entries.flatMap((entry) => (entry.startsWith("@") ? expandGroup(entry) : [entry]));
    expect(native([...new Set(expanded)])).toEqual(native(names));
    expect(entries.length).toBeLessThan(names.length);
  }
});

test("FALLBACKS and DANGEROUS: a fallback is never a dangerous call", () => {
  for (const [name, fallbacks] of Object.entries(FALLBACKS)) {
    for (const instead of fallbacks) {
      expect(DANGEROUS.has(instead)).toBe(false);
    }
    expect(DANGEROUS.has(name)).toBe(false);
  }
});

test("balanced: a service that makes many calls may still send a file, wait and change a mode", () => {
  const many = [...expandGroup("@file-system"), ...expandGroup("@io-event"), ...expandGroup("@process")]
    .filter((name): name is SyscallName => numberOf("x86_64", name as SyscallName) !== undefined)
    .filter((name) => !DANGEROUS.has(name) && !["chmod", "fchmod", "ppoll", "pselect6", "rmdir"].includes(name))
    .slice(0, 40)
    .concat("setgid");
  const { names } = wantedCalls(observed(...many.map((name) => seen(name))), "balanced", "x86_64");
  expect(names).toEqual(
    expect.arrayContaining(["sendfile", "copy_file_range", "ppoll", "pselect6", "chmod", "fchmod", "rmdir"]),
  );
  // Leaving them out would look like a wall against another group, which setgid walks around.
  expect(names).toEqual(expect.arrayContaining(["setregid", "setresgid"]));
});

test("balanced: who makes, renames and removes files may also link them and set their times; who removes one may not", () => {
  const many = [...expandGroup("@io-event"), ...expandGroup("@process"), ...expandGroup("@network-io")]
    .filter((name): name is SyscallName => numberOf("x86_64", name as SyscallName) !== undefined)
    .filter((name) => !DANGEROUS.has(name));
  const links = ["symlink", "link", "utimensat"];
  const namesOf = (...own: readonly SyscallName[]): readonly string[] =>
    wantedCalls(observed(...[...many, ...own].map((name) => seen(name))), "balanced", "x86_64").names;
  expect(namesOf("mkdir", "renameat", "unlink")).toEqual(expect.arrayContaining(links));
  expect(namesOf("unlink", "unlinkat").filter((name) => links.includes(name))).toEqual([]);
});

test("strict: the older call that a refused clone3 falls back to is there, whichever was seen", () => {
  const { names } = wantedCalls(observed(seen("clone3"), seen("faccessat2"), seen("renameat2")), "strict", "x86_64");
  expect(names).toEqual(expect.arrayContaining(["clone", "faccessat", "renameat"]));
});

const random = fc.array(
  fc.constantFrom<SyscallName>("setuid", "openat", "clone3", "ptrace", "socket", "mkdir", "rmdir", "unlink", "chmod"),
  { minLength: 1 },
);

test("callEvidence: strict is part of balanced, and more observed takes nothing away", () => {
  fc.assert(
    fc.property(random, random, (some, more) => {
      const [small, large] = [
        observed(...some.map((name) => seen(name))),
        observed(...[...more, ...some].map((name) => seen(name))),
      ];
      const balanced = wantedCalls(small, "balanced", "x86_64").names;
      expect(balanced).toEqual(expect.arrayContaining([...wantedCalls(small, "strict", "x86_64").names]));
      for (const level of ["strict", "balanced"] as const) {
        const kept = wantedCalls(large, level, "x86_64").names;
        expect(kept).toEqual(expect.arrayContaining([...wantedCalls(small, level, "x86_64").names]));
      }
    }),
  );
});

test("callEvidence: what was not seen says why it is expected", () => {
  for (const { kind, because = "" } of callEvidence(server, "x86_64")) {
    expect(because === "").toBe(kind === "seen");
  }
});
