/**
 * Reads what the kernel tells of itself in /proc. Facts: proc(5); fs/proc/page.c, fs/proc/kcore.c, kernel/time/timer_list.c,
 * kernel/kallsyms.c and security/keys/proc.c of the kernel: but for the machine's memory none asks for a capability.
 */
import type { Need } from "../../action/action.ts";
import { openStep, readStep } from "../act.ts";
import type { Probe } from "../probe.ts";

interface Row extends Pick<Probe, "id" | "title" | "gain" | "goals"> {
  readonly path: string;
  readonly needs?: readonly Need[];
  /** There may be nothing to read in it. */
  readonly openOnly?: true;
}

const ROWS: readonly Row[] = [
  {
    id: "read-page-counts",
    title: "read which pages of memory are shared",
    gain: "Which programs and files others use, and aims for faults in the memory's hardware.",
    goals: ["spy-or-stop"],
    path: "/proc/kpagecount",
  },
  {
    id: "read-timers",
    title: "read the kernel's timers",
    gain: "Which process waits for what, of all users and containers.",
    goals: ["spy-or-stop"],
    path: "/proc/timer_list",
  },
  {
    id: "list-keys",
    title: "list the keys that the kernel holds",
    gain: "Names and owners of keys, the first step to them.",
    goals: ["read-secrets"],
    path: "/proc/keys",
    openOnly: true,
  },
  {
    id: "read-kernel-symbols",
    title: "read the names of the kernel's functions",
    gain: "Which kernel and modules run, and with CAP_SYSLOG where: what an exploit needs to know.",
    goals: ["kernel-code"],
    path: "/proc/kallsyms",
  },
  {
    id: "read-kernel-memory",
    title: "open the kernel's memory",
    gain: "All that the machine holds in memory: every key, every password.",
    goals: ["read-secrets"],
    path: "/proc/kcore",
    needs: [{ kind: "capability", capability: "CAP_SYS_RAWIO", over: "init" }],
    openOnly: true,
  },
];

/** The attacks: read the kernel's own tables. */
export const readKernelTables: readonly Probe[] = ROWS.map(({ path, needs, openOnly, ...probe }) => ({
  ...probe,
  steps: (machine) => {
    // A box lays /dev/null over what it withholds.
    if (machine.file(path)?.type !== "file") {
      return { notApplicable: `there is no ${path} to see` };
    }
    const open = openStep(machine, path, "read", needs === undefined ? {} : { needs });
    return openOnly === true ? [open] : [open, readStep()];
  },
}));
