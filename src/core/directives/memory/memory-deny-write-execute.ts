/**
 * MemoryDenyWriteExecute=. Facts: systemd.exec(5), PR_SET_MDWE(2const): since systemd 254 on Linux 6.3 a property of the
 * process, inherited, answering EACCES; before, a filter.
 */
import { PROT_FLAGS, SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { fails, filterWall, hasBits } from "../_filter.ts";
import type { Directive } from "../directive.ts";

const BY = "MemoryDenyWriteExecute=yes";
const PRCTL_SINCE = 254;

/** i386's old mmap keeps its flags behind a pointer and fails as a whole. */
function asFilter(): ReturnType<typeof filterWall>[] {
  const action = fails("EPERM");
  const both = hasBits(2, PROT_FLAGS.PROT_WRITE | PROT_FLAGS.PROT_EXEC);
  const common = [
    { calls: ["mprotect", "pkey_mprotect"], when: [hasBits(2, PROT_FLAGS.PROT_EXEC)], action },
    { calls: ["shmat"], when: [hasBits(2, SHM_FLAGS.SHM_EXEC)], action },
  ];
  return [
    filterWall(BY, [{ calls: ["mmap"], when: [both], action }, ...common], ["x86_64", "x32"]),
    filterWall(BY, [{ calls: ["mmap"], action }, { calls: ["mmap2"], when: [both], action }, ...common], ["i386"]),
  ];
}

/** Memory is written or run, never both. */
export const memoryDenyWriteExecute: Directive<boolean> = booleanDirective({
  name: "MemoryDenyWriteExecute",
  since: 231,
  group: "memory",
  summary: "Refuses memory that is both writable and executable, where injected code would run.",
  breaks: "Just-in-time compilers: JavaScript engines, Java, .NET, PCRE with JIT.",
  ineffective: [
    "A service that may write files can still write a program and run it, unless NoExecPaths= covers the place.",
  ],
  walls: (facts) => (facts.systemd >= PRCTL_SINCE ? [{ kind: "write-xor-execute", by: BY }] : asFilter()),
  ladder: worthTrying("was not seen to need memory that is writable and executable"),
});
