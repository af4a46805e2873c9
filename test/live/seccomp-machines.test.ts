/**
 * What we say that a unit's filters do on other machines against libseccomp, which makes filters for every architecture
 * on any. The rules that systemd hands to it are said here a second time, from its src/shared/seccomp-util.c, with the
 * sets of calls that systemd-analyze prints; on x86-64 they are held to systemd itself (seccomp-unit.test.ts).
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import type { Filter } from "../../src/core/seccomp/filter/filter.ts";
import { machines as common } from "./fixtures/machines.ts";
import { unitFilter } from "./fixtures/unit-filter.ts";
import { buildWithLibrary, hasNumberOn, isToldApart, type LibraryRule, type LibraryTest } from "./libseccomp.ts";

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const [EPERM, EACCES] = [0x00050001, 0x0005000d];

/** And one whose programs are those of i386 alone. */
const machines: readonly (readonly Abi[])[] = [...common, ["i386"]];

const isMips = (abi: Abi): boolean => abi.startsWith("mips");
/** asm/errno.h: mips has its own numbers. */
const enosys = (abi: Abi): number => 0x00050000 + (isMips(abi) ? 89 : 38);
const eafnosupport = (abi: Abi): number => 0x00050000 + (isMips(abi) ? 124 : 97);

const only = (index: number, comparison: LibraryTest["comparison"], value: number): LibraryTest => ({
  index,
  comparison,
  value: BigInt(value),
  valueTwo: 0n,
});
const bits = (index: number, mask: number): LibraryTest => ({
  index,
  comparison: "MASKED_EQ",
  value: BigInt(mask),
  valueTwo: BigInt(mask),
});
const rule = (name: string, action: number, ...tests: readonly LibraryTest[]): LibraryRule => ({ name, action, tests });
const optional = (rules: readonly LibraryRule[]): readonly LibraryRule[] =>
  rules.map((each) => ({ ...each, optional: true }));

const sets = new Map<string, readonly string[]>();
for (const part of execFileSync("systemd-analyze", ["syscall-filter"], { encoding: "utf8" }).split(/\n(?=@)/)) {
  const [name = "", ...lines] = part.split("\n");
  sets.set(
    name,
    lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#")),
  );
}
const inSet = (name: string): readonly string[] =>
  (sets.get(name) ?? []).flatMap((each) => (each.startsWith("@") ? inSet(each) : [each]));

interface Given {
  readonly machine: Abi;
  readonly abi: Abi;
}

/** What systemd hands to libseccomp for one architecture; undefined: nothing. */
interface Handed {
  readonly otherwise: number;
  readonly rules: readonly LibraryRule[];
}

const denied =
  (rules: (given: Given) => readonly LibraryRule[] | undefined) =>
  (given: Given): Handed | undefined => {
    const found = rules(given);
    return found === undefined ? undefined : { otherwise: ALLOW, rules: found };
  };

const refusedSet = (name: string) => denied(() => optional(inSet(name).map((call) => rule(call, EPERM))));

const [NEWNS, NEWPID] = [0x20000, 0x20000000];
const kinds = [NEWNS, 0x02000000, 0x04000000, 0x08000000, 0x10000000, NEWPID, 0x40000000, 0x80];

const namespaces = (kept: readonly number[]) =>
  denied(({ abi, machine }) => {
    const refused = kinds.filter((flag) => !kept.includes(flag));
    const flags = abi === "s390" || abi === "s390x" ? 1 : 0;
    return [
      ...optional([rule("clone3", enosys(machine))]),
      ...(kept.length === 0 ? [rule("setns", EPERM)] : [rule("setns", EPERM, only(1, "EQ", 0))]),
      ...refused.flatMap((flag) => [
        rule("unshare", EPERM, bits(0, flag)),
        rule("clone", EPERM, bits(flags, flag)),
        ...(kept.length === 0 ? [] : [rule("setns", EPERM, bits(1, flag))]),
      ]),
    ];
  });

/** Those where socket is a call of its own and nothing else. */
const withSocket: readonly Abi[] = [
  ...(["x86_64", "x32", "aarch64", "arm", "riscv64", "loongarch64"] as const),
  ...(["mips64", "mips64el", "mips64_n32", "mips64el_n32"] as const),
];

const families = (tests: readonly LibraryTest[]) =>
  denied(({ abi, machine }) =>
    withSocket.includes(abi) ? tests.map((each) => rule("socket", eafnosupport(machine), each)) : undefined,
  );

function modeRules(machine: Abi): readonly LibraryRule[] {
  const creates = isMips(machine) ? 0o400 : 0o100;
  const [second, third] = [
    ["chmod", "fchmod", "mkdir", "mknod", "creat"],
    ["fchmodat", "fchmodat2", "mkdirat", "mknodat"],
  ] as const;
  return [0o4000, 0o2000].flatMap((mode) => [
    ...second.map((name) => rule(name, EPERM, bits(1, mode))),
    ...third.map((name) => rule(name, EPERM, bits(2, mode))),
    rule("open", EPERM, bits(1, creates), bits(2, mode)),
    rule("openat", EPERM, bits(2, creates), bits(3, mode)),
    rule("openat2", enosys(machine)),
  ]);
}

/** Which call maps memory, what is refused outright, and whether shmat is watched. */
const mappings: { readonly [abi in Abi]?: readonly [string, readonly string[], boolean] } = {
  ...Object.fromEntries(["x86_64", "x32", "aarch64", "riscv64", "loongarch64"].map((abi) => [abi, ["mmap", [], true]])),
  ...Object.fromEntries(["ppc", "ppc64", "ppc64le", "s390x"].map((abi) => [abi, ["mmap", [], false]])),
  ...Object.fromEntries(["i386", "s390"].map((abi) => [abi, ["mmap2", ["mmap"], false]])),
  arm: ["mmap2", [], true],
};

const memory = denied(({ abi }) => {
  const [mmap, refused, shmat] = mappings[abi] ?? [];
  if (mmap === undefined || refused === undefined) {
    return undefined;
  }
  return [
    rule(mmap, EPERM, bits(2, 6)),
    ...refused.map((name) => rule(name, EPERM)),
    rule("mprotect", EPERM, bits(2, 4)),
    rule("pkey_mprotect", EPERM, bits(2, 4)),
    ...(shmat ? [rule("shmat", EPERM, bits(2, 0o100000))] : []),
  ];
});

/** An allow list: what is listed passes, known calls get the answer, all others ENOSYS. */
const allowed =
  (listed: readonly string[], answer: number) =>
  ({ machine }: Given): Handed => {
    const names = [...new Set([...inSet("@default"), ...listed, "write"])];
    const known = (sets.get("@known") ?? []).filter(
      (name) => !name.startsWith("@") && !names.includes(name) && hasNumberOn(machine, name),
    );
    const rules = [...names.map((name) => rule(name, ALLOW)), ...known.map((name) => rule(name, answer))];
    return { otherwise: enosys(machine), rules: optional(rules) };
  };

const noSysctl: readonly Abi[] = ["aarch64", "riscv64", "loongarch64", "x32"];

const cases: readonly {
  readonly lines: readonly string[];
  readonly systemd?: number;
  readonly handed: (given: Given) => Handed | undefined;
}[] = [
  { lines: ["LockPersonality=yes"], handed: denied(() => [rule("personality", EPERM, only(0, "NE", 0))]) },
  {
    lines: ["ProtectHostname=yes"],
    handed: denied(() => [rule("sethostname", EPERM), rule("setdomainname", EPERM)]),
  },
  { lines: ["ProtectKernelLogs=yes"], handed: denied(() => [rule("syslog", EPERM)]) },
  {
    lines: ["ProtectKernelTunables=yes"],
    handed: denied(({ abi }) => (noSysctl.includes(abi) ? undefined : [rule("_sysctl", EPERM)])),
  },
  { lines: ["ProtectClock=yes"], handed: refusedSet("@clock") },
  { lines: ["ProtectKernelModules=yes"], handed: refusedSet("@module") },
  { lines: ["PrivateDevices=yes"], handed: refusedSet("@raw-io") },
  {
    lines: ["RestrictRealtime=yes"],
    handed: denied(() => [
      ...[1, 2, 4].map((policy) => rule("sched_setscheduler", EPERM, only(1, "EQ", policy))),
      rule("sched_setscheduler", EPERM, only(1, "GT", 5)),
    ]),
  },
  { lines: ["RestrictSUIDSGID=yes"], handed: denied(({ machine }) => optional(modeRules(machine))) },
  { lines: ["RestrictNamespaces=yes"], handed: namespaces([]) },
  { lines: ["RestrictNamespaces=mnt pid"], handed: namespaces([NEWNS, NEWPID]) },
  {
    lines: ["RestrictAddressFamilies=AF_UNIX AF_INET6"],
    handed: families([only(0, "LT", 1), only(0, "GT", 10), ...[2, 3, 4, 5, 6, 7, 8, 9].map((af) => only(0, "EQ", af))]),
  },
  { lines: ["RestrictAddressFamilies=~AF_PACKET AF_VSOCK"], handed: families([only(0, "EQ", 17), only(0, "EQ", 40)]) },
  { lines: ["MemoryDenyWriteExecute=yes"], systemd: 253, handed: memory },
  { lines: ["SystemCallFilter=@system-service"], handed: allowed(inSet("@system-service"), KILL_PROCESS) },
  {
    lines: ["SystemCallFilter=read socket shmat recv", "SystemCallErrorNumber=EACCES"],
    handed: allowed(["read", "socket", "shmat", "recv"], EACCES),
  },
  {
    lines: [
      "SystemCallFilter=~@network-io @debug shmget",
      "SystemCallFilter=~sethostname:ENOSYS",
      "SystemCallErrorNumber=1",
    ],
    handed: denied(({ machine }) => [
      ...optional([...inSet("@network-io"), ...inSet("@debug"), "shmget"].map((name) => rule(name, EPERM))),
      rule("sethostname", enosys(machine)),
    ]),
  },
];

/** One program for each architecture, as systemd attaches them. */
function attached(machine: readonly Abi[], handed: (given: Given) => Handed | undefined): readonly Program[] {
  const native = machine[0] ?? "x86_64";
  return machine.flatMap((abi) => {
    const asked = handed({ machine: native, abi });
    if (asked === undefined) {
      return [];
    }
    const built = buildWithLibrary({ abis: [abi], ...asked, foreign: ALLOW, exact: true, optimize: 2 });
    // A rule that must not be missing was refused: systemd goes on without a filter for this architecture.
    return "refused" in built ? [] : [built];
  });
}

function said(machine: Abi, lines: readonly string[], systemd: number): Filter {
  const { filter, diagnostics } = unitFilter(lines, { systemd, machine });
  expect(diagnostics).toEqual([]);
  return filter;
}

const table = machines.flatMap((machine) =>
  cases.map((each) => ({ machine: machine[0] ?? "x86_64", abis: machine, ...each })),
);

test.each(table)("on $machine: $lines", ({ machine, abis, lines, systemd = 257, handed }) => {
  const { littleEndian } = tableOf(machine);
  const stack: Filter = { kind: "stack", programs: attached(abis, handed), littleEndian };
  const compared = diff(stack, said(machine, lines, systemd));
  if (compared.kind === "unknown") {
    throw new Error(compared.reason);
  }
  // libseccomp also answers to its own stand-in numbers and to calls newer than the tables; neither has a name.
  const named = compared.differences.filter(({ abi, calls }) => abi === undefined || calls.some(isToldApart));
  expect(named.map(({ abi, calls, examples }) => [abi, calls.slice(0, 9).join(" "), Object.values(examples)])).toEqual(
    [],
  );
});

/** Which architectures the one program leaves alone; undefined: nothing is left to refuse, and there is none. */
const kept: readonly (readonly [machine: Abi, words: string, abis: readonly Abi[] | undefined])[] = [
  ["x86_64", "native", ["x86_64"]],
  ["x86_64", "x86 arm64", ["x86_64", "i386"]],
  ["x86_64", "x86 x32 x86-64", undefined],
  ["aarch64", "native", ["aarch64"]],
  ["aarch64", "arm64 arm", undefined],
  ["aarch64", "x86-64", ["aarch64"]],
  ["arm", "native", undefined],
  ["riscv64", "native", undefined],
  ["loongarch64", "native parisc", undefined],
  ["s390x", "native", ["s390x"]],
  ["s390x", "s390", undefined],
  ["ppc64le", "native", ["ppc64le"]],
  ["ppc64", "native ppc", ["ppc64", "ppc"]],
  ["mips64el", "mips64-le-n32", ["mips64el", "mips64el_n32"]],
  ["mips64el", "mips-le mips64-le-n32", ["mips64el", "mips64el_n32", "mipsel"]],
  ["mips", "native", ["mips"]],
];

test.each(kept)("on %s: SystemCallArchitectures=%s", (machine, words, abis) => {
  // libseccomp's own choice for other architectures is what systemd leaves in place here.
  const built = abis === undefined ? [] : buildWithLibrary({ abis, otherwise: ALLOW, rules: [] });
  if ("refused" in built) {
    throw new Error(`refused: ${built.refused}`);
  }
  const { littleEndian } = tableOf(machine);
  const stack: Filter = { kind: "stack", programs: abis === undefined ? [] : [built], littleEndian };
  const ours = said(machine, [`SystemCallArchitectures=${words}`], 257);
  expect(diff(stack, ours)).toMatchObject({ relation: "equal" });
});

test("the comparison sees a rule that is missing, on every architecture", () => {
  expect(["read", "switch_endian"].map(isToldApart)).toEqual([true, false]);
  for (const abis of machines) {
    const machine = abis[0] ?? "x86_64";
    const programs = attached(
      abis,
      denied(() => [rule("sethostname", EPERM)]),
    );
    const stack: Filter = { kind: "stack", programs, littleEndian: tableOf(machine).littleEndian };
    const compared = diff(stack, said(machine, ["ProtectHostname=yes"], 257));
    if (compared.kind === "unknown") {
      throw new Error(compared.reason);
    }
    expect(compared.relation).toBe("stricter");
    expect(new Set(compared.differences.map(({ abi }) => abi))).toEqual(new Set(abis));
    expect(compared.differences.every(({ calls }) => calls.join() === "setdomainname")).toBe(true);
  }
});
