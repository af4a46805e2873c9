/**
 * MemoryDenyWriteExecute=. Facts: systemd.exec(5), PR_SET_MDWE(2const): since systemd 254 on Linux 6.3 a property of the
 * process, inherited, answering EACCES; before, a filter, of which calls on which architecture: systemd's
 * src/shared/seccomp-util.c. There is none on mips.
 */

import { PROT_FLAGS, SHM_FLAGS } from "../../kernel/memory-flags.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { setting } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { abisOf, fails, filterWall, hasBits } from "../_filter.ts";
import type { Directive, UnitFacts } from "../directive.ts";

const BY = setting("MemoryDenyWriteExecute", "yes");
const PRCTL_SINCE = 254;

/** How an architecture maps memory; where shmat goes through ipc, systemd leaves it alone. */
interface Mapping {
  readonly mmap: "mmap" | "mmap2";
  /** The old mmap beside mmap2 keeps its flags behind a pointer and fails as a whole. */
  readonly refused?: readonly string[];
  readonly shmat: boolean;
}

const PLAIN: Mapping = { mmap: "mmap", shmat: true };
const PLAIN_WITH_IPC: Mapping = { mmap: "mmap", shmat: false };
const BOTH_WITH_IPC: Mapping = { mmap: "mmap2", refused: ["mmap"], shmat: false };

const MAPPINGS: { readonly [abi in Abi]?: Mapping } = {
  x86_64: PLAIN,
  x32: PLAIN,
  i386: BOTH_WITH_IPC,
  aarch64: PLAIN,
  arm: { mmap: "mmap2", shmat: true },
  riscv64: PLAIN,
  loongarch64: PLAIN,
  ppc64le: PLAIN_WITH_IPC,
  ppc64: PLAIN_WITH_IPC,
  ppc: PLAIN_WITH_IPC,
  s390x: PLAIN_WITH_IPC,
  s390: BOTH_WITH_IPC,
};

function rulesFor({ mmap, refused = [], shmat }: Mapping): readonly NamedRule[] {
  const action = fails("EPERM");
  return [
    { calls: [mmap], when: [hasBits(2, PROT_FLAGS.PROT_WRITE | PROT_FLAGS.PROT_EXEC)], action },
    { calls: refused, action },
    { calls: ["mprotect", "pkey_mprotect"], when: [hasBits(2, PROT_FLAGS.PROT_EXEC)], action },
    { calls: shmat ? ["shmat"] : [], when: [hasBits(2, SHM_FLAGS.SHM_EXEC)], action },
  ];
}

function asFilter(facts: UnitFacts): ReturnType<typeof filterWall> {
  const covered = abisOf(facts).filter((abi) => MAPPINGS[abi] !== undefined);
  return filterWall(BY, (abi) => rulesFor(MAPPINGS[abi] ?? PLAIN), covered);
}

/** Memory is written or run, never both. */
export const memoryDenyWriteExecute: Directive<boolean> = booleanDirective({
  name: "MemoryDenyWriteExecute",
  since: 231,
  group: "memory",
  summary: "Refuses memory that is both writable and executable, where injected code would run.",
  breaks: "Just-in-time compilers: JavaScript engines, Java, .NET, PCRE with JIT.",
  broke: [
    { sentence: "nginx and OpenResty lost Lua: LuaJIT could not generate code.", reference: "NixOS/nixpkgs#140655" },
    {
      sentence:
        "PowerDNS's server, recursor and dnsdist lost Lua scripts, which LuaJIT compiles; the setting was taken back.",
      reference: "PowerDNS/pdns#11065",
    },
    { sentence: "PostgreSQL lost its just-in-time compiler and PL/V8.", reference: "NixOS/nixpkgs#355010" },
    {
      sentence: "Apache of Ubuntu 26.04 has it as a known issue, LP#2144455.",
      reference: "ubuntu/ubuntu-release-notes#69",
    },
    {
      sentence: "logrotate could not compress on 32-bit x86, where gzip relocates its code as it starts.",
      reference: "logrotate/logrotate#225",
    },
    {
      sentence: "journald and hostnamed did not start where a library, libgcrypt, asks for an executable stack.",
      reference: "systemd/systemd#3814",
    },
  ],
  weight: 100,
  requires: [],
  ineffective: [
    "A process writes its own code through /proc/self/mem, or maps what it has written to a file in memory: refuse memfd_create as well.",
    "A service that may write files can still write a program and run it, unless NoExecPaths= covers the place.",
  ],
  walls: (facts) => (facts.systemd >= PRCTL_SINCE ? [{ kind: "write-xor-execute", by: BY }] : []),
  filter: { turn: 30, walls: (facts) => (facts.systemd >= PRCTL_SINCE ? [] : [asFilter(facts)]) },
  ladder: worthTrying("was not seen to need memory that is writable and executable"),
});
