/**
 * What we say that a unit's filters do on other machines against systemd's own code: libsystemd-shared of this machine is
 * told that its local architectures are others (fixtures/systemd-seccomp.py), and the programs that it would load there
 * are compared with ours for every input. Its numbers of errors and flags stay x86-64's, which only mips has not.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decode, type Program } from "../../src/core/bpf/instruction.ts";
import { sandboxOf } from "../../src/core/directives/sandbox.ts";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { filtersOf } from "../../src/core/sandbox/filters.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import type { Filter } from "../../src/core/seccomp/filter/filter.ts";
import { machines } from "./fixtures/machines.ts";
import { isToldApart, repaired, tokenOf } from "./libseccomp.ts";

const ALLOW = 0x7fff0000;
const [EPERM, ENOSYS, EACCES, EAFNOSUPPORT] = [0x00050001, 0x00050026, 0x0005000d, 0x00050061];
const KILL_PROCESS = 0x80000000;

type Call = readonly [name: string, ...values: readonly unknown[]];

const refusedSet = (name: string): Call => ["seccomp_load_syscall_filter_set", ALLOW, name, EPERM, false];
const allows = (...names: readonly string[]): readonly unknown[] => names.map((name) => [true, false, name, -1]);
const denies = (...names: readonly string[]): readonly unknown[] => names.map((name) => [false, true, name, -1]);

/** A unit's lines, and what systemd calls for them. `own`: numbers of x86-64 are in it that mips has not. */
const cases: readonly {
  readonly lines: readonly string[];
  readonly systemd?: number;
  readonly call: Call;
  readonly own?: true;
}[] = [
  { lines: ["LockPersonality=yes"], call: ["seccomp_lock_personality", 0] },
  { lines: ["ProtectHostname=yes"], call: ["seccomp_protect_hostname"] },
  { lines: ["ProtectKernelLogs=yes"], call: ["seccomp_protect_syslog"] },
  { lines: ["ProtectKernelTunables=yes"], call: ["seccomp_protect_sysctl"] },
  { lines: ["ProtectClock=yes"], call: refusedSet("@clock") },
  { lines: ["ProtectKernelModules=yes"], call: refusedSet("@module") },
  { lines: ["PrivateDevices=yes"], call: refusedSet("@raw-io") },
  { lines: ["RestrictRealtime=yes"], call: ["seccomp_restrict_realtime_full", 1] },
  { lines: ["RestrictSUIDSGID=yes"], call: ["seccomp_restrict_suid_sgid"], own: true },
  { lines: ["RestrictNamespaces=yes"], call: ["seccomp_restrict_namespaces", 0], own: true },
  { lines: ["RestrictNamespaces=mnt pid"], call: ["seccomp_restrict_namespaces", 0x20020000], own: true },
  {
    lines: ["RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"],
    call: ["seccomp_restrict_address_families", [1, 2, 10], true],
    own: true,
  },
  {
    lines: ["RestrictAddressFamilies=none"],
    call: ["seccomp_restrict_address_families", [], true],
    own: true,
  },
  {
    lines: ["RestrictAddressFamilies=~AF_PACKET AF_VSOCK"],
    call: ["seccomp_restrict_address_families", [17, 40], false],
    own: true,
  },
  // Since 254 systemd asks the kernel first; on one that cannot, it still does this.
  { lines: ["MemoryDenyWriteExecute=yes"], systemd: 253, call: ["seccomp_memory_deny_write_execute"] },
  {
    lines: ["SystemCallFilter=~@network-io @debug shmget sethostname", "SystemCallErrorNumber=EACCES"],
    call: [
      "seccomp_load_syscall_filter_set_raw",
      ALLOW,
      denies("@network-io", "@debug", "shmget", "sethostname"),
      EACCES,
      false,
    ],
  },
  {
    lines: ["SystemCallFilter=~@mount uname:5 socketcall ipc"],
    call: [
      "seccomp_load_syscall_filter_set_raw",
      ALLOW,
      [...denies("@mount", "socketcall", "ipc"), [false, true, "uname", 5]],
      KILL_PROCESS,
      false,
    ],
  },
  {
    // With ENOSYS for the rest no list of known calls is added, which depends on the machine that systemd was built for.
    lines: ["SystemCallFilter=@system-service recv", "SystemCallFilter=~@resources", "SystemCallErrorNumber=ENOSYS"],
    call: [
      "seccomp_load_syscall_filter_set_raw",
      ENOSYS,
      [...allows("@default", "@system-service", "recv", "write"), [true, true, "@resources", -1]],
      ALLOW,
      false,
    ],
    own: true,
  },
  {
    lines: ["SystemCallFilter=read socket shmat accept", "SystemCallErrorNumber=ENOSYS"],
    call: [
      "seccomp_load_syscall_filter_set_raw",
      ENOSYS,
      allows("@default", "read", "socket", "shmat", "accept", "write"),
      ALLOW,
      false,
    ],
    own: true,
  },
];

const table = machines.flatMap((abis) =>
  cases.flatMap((each) => {
    const machine = abis[0] ?? "x86_64";
    return each.own === true && machine.startsWith("mips") ? [] : [{ machine, abis, ...each }];
  }),
);

/** The programs that systemd would load, for each line of the table; its own architecture is the last in its list. */
const attached: readonly (readonly (readonly [token: number, hexadecimal: string])[])[] = JSON.parse(
  execFileSync("python3", [join(import.meta.dirname, "fixtures/systemd-seccomp.py")], {
    input: JSON.stringify(table.map(({ abis, call }) => ({ archs: abis.toReversed().map(tokenOf), calls: [call] }))),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  }),
);

function stackOf(programs: readonly (readonly [number, string])[], littleEndian: boolean): Filter {
  const read = programs.map(([, text]): Program => {
    const parsed = decode(new Uint8Array(Buffer.from(text, "hex")), littleEndian);
    if (!parsed.ok) {
      throw new Error(JSON.stringify(parsed.diagnostics));
    }
    const values = [ALLOW, EPERM, ENOSYS, EACCES, EAFNOSUPPORT, KILL_PROCESS, 0x00050005];
    return littleEndian ? parsed.value : repaired(parsed.value, values);
  });
  return { kind: "stack", programs: read, littleEndian };
}

function said(machine: Abi, lines: readonly string[], systemd: number): Filter {
  const { sandbox, diagnostics } = sandboxOf(
    (name) =>
      lines
        .filter((line) => line.startsWith(`${name}=`))
        .map((line, place) => ({ value: line.slice(name.length + 1), file: "unit", line: place + 1 })),
    { systemd, machine, user: () => undefined, directories: [], executables: ["/usr/bin/sleep"] },
  );
  expect(diagnostics).toEqual([]);
  return filtersOf(sandbox);
}

test.each(table.map((each, place) => ({ ...each, place })))(
  "what systemd's code makes for $machine of $lines",
  ({ machine, lines, systemd = 257, place }) => {
    const theirs = stackOf(attached[place] ?? [], tableOf(machine).littleEndian);
    const compared = diff(theirs, said(machine, lines, systemd));
    if (compared.kind === "unknown") {
      throw new Error(compared.reason);
    }
    // libseccomp also answers to its own stand-in numbers and to calls newer than the tables; neither has a name.
    const named = compared.differences.filter(({ abi, calls }) => abi === undefined || calls.some(isToldApart));
    expect(named.map(({ abi, calls, examples }) => [abi, calls.slice(0, 9).join(" "), examples])).toEqual([]);
  },
);

test("systemd's code was asked for every architecture, and left out those that it says it cannot filter", () => {
  const made = (line: string, machine: Abi): number | undefined =>
    attached[table.findIndex((each) => each.machine === machine && each.lines[0] === line)]?.length;
  for (const [machine = "x86_64", ...others] of machines) {
    expect(made("LockPersonality=yes", machine), machine).toBe(1 + others.length);
  }
  expect(made("RestrictAddressFamilies=none", "s390x")).toBe(0);
  expect(made("RestrictAddressFamilies=none", "aarch64")).toBe(2);
  expect(made("MemoryDenyWriteExecute=yes", "mips64el")).toBe(0);
  expect(made("MemoryDenyWriteExecute=yes", "s390x")).toBe(2);
  expect(made("ProtectKernelTunables=yes", "riscv64")).toBe(0);
});
