/**
 * What a command could have changed of this machine and left so: clock, settings, modules, mounts, keys, control groups …
 * Counters and what the kernel itself keeps moving are left out. Facts: proc(5), adjtimex(2), keyrings(7).
 */
import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Sysctls that tell what is going on instead of what is to be. */
const COUNTERS = [
  /^fs\/(aio-nr|dentry-state|file-nr|inode-nr|inode-state|quota\/)/,
  /^fs\/binfmt_misc\//, // compared as handlers
  /^kernel\/(ns_last_pid|pty\/nr|random\/|keys\/|perf_event_max_sample_rate$|perf_cpu_time_max_percent$)/,
  /^kernel\/(sched_domain|tainted$)/,
  /^net\/netfilter\/nf_conntrack_count$/,
  /^net\/ipv[46]\/neigh\//,
  /\/stat$/,
  /^vm\/stat_refresh$/, // reading it makes work
];

/** Named parts, each as text that is equal as long as nothing was changed. */
export function machineState(): ReadonlyMap<string, string> {
  const state = new Map<string, string>([
    ["clock", clock()],
    ["time zone", zone()],
    ["host name", ["hostname", "domainname"].map((name) => read(`/proc/sys/kernel/${name}`)).join(" ")],
    ["modules", firstWords("/proc/modules")],
    ["swap", read("/proc/swaps")],
    ["mounts", read("/proc/self/mountinfo")],
    ["binfmt", treeText("/proc/sys/fs/binfmt_misc")],
    ["keys", keys()],
    ["cgroups", cgroups()],
    ["kexec", ["/sys/kernel/kexec_loaded", "/sys/kernel/kexec_crash_loaded"].map(read).join(" ")],
    ["mtrr", read("/proc/mtrr")],
    ["network", read("/proc/net/dev").replace(/:.*/g, "")],
    [
      "tracing",
      treeText("/sys/kernel/tracing", /\/(current_tracer|tracing_on|kprobe_events|uprobe_events|set_event)$/),
    ],
    ["pinned BPF", names("/sys/fs/bpf")],
    ["devices", names("/dev")],
  ]);
  for (const [path, value] of tree("/proc/sys")) {
    const name = path.slice("/proc/sys/".length);
    if (!COUNTERS.some((counter) => counter.test(name))) {
      state.set(`sysctl ${name}`, value);
    }
  }
  for (const [path, value] of tree("/proc/irq")) {
    if (/affinity/.test(path)) {
      state.set(path, value);
    }
  }
  return state;
}

/** What differs: name, before, after. Keys and control groups go a moment after their last user. */
export async function changesSince(before: ReadonlyMap<string, string>, patienceMs = 10_000): Promise<string[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const after = machineState();
    const all = [...new Set([...before.keys(), ...after.keys()])];
    const changed = all.filter((name) => before.get(name) !== after.get(name));
    if (changed.length === 0 || Date.now() > end) {
      return changed.map((name) => `${name}: ${before.get(name)} → ${after.get(name)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** struct timex of x86-64: modes, offset, freq, maxerror, esterror, status … */
const ADJTIMEX = "my $t = pack('x208'); $r = syscall(159, $t); print join(' ', unpack('l<x4q<q<q<q<l<', $t));";

/** Frequency and status. How far off the clock may be grows by itself: what counts is that it did not jump to its end. */
function clock(): string {
  const [, , frequency, maximum, , status] = execFileSync("perl", ["-e", ADJTIMEX], { encoding: "utf8" }).split(" ");
  return `frequency ${frequency}, status ${status}, error ${Number(maximum) >= 16_000_000 ? "unbounded" : "bounded"}`;
}

const SET_ERROR = "my $t = pack('l<x4q<q<q<x168', 4, 0, 0, $ARGV[0]); exit(syscall(159, $t) < 0);";

/** Bounds the clock's error, which sets no clock (ADJ_MAXERROR), so that a reset of its state shows where none is kept. */
export function boundClockError(microseconds: number): void {
  execFileSync("perl", ["-e", SET_ERROR, String(microseconds)]);
}

function zone(): string {
  const program = "my ($v, $z) = (pack('x16'), pack('x8')); syscall(96, $v, $z); print join(' ', unpack('l<l<', $z));";
  return execFileSync("perl", ["-e", program], { encoding: "utf8" });
}

function keys(): string {
  const lines = read("/proc/keys").trim().split("\n");
  // Serial, permissions, owner, type and description; usage, flags and times change with every look.
  const kept = lines.map((line) => line.trim().split(/\s+/));
  return kept
    .map(([serial, , , , permissions, uid, gid, ...rest]) => [serial, permissions, uid, gid, ...rest].join(" "))
    .sort()
    .join("\n");
}

function cgroups(): string {
  const roots = read("/proc/self/mounts")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type]) => type?.startsWith("cgroup"));
  return roots
    .flatMap(([, target = ""]) => directories(target))
    .sort()
    .join("\n");
}

function directories(path: string): string[] {
  const below = entries(path).filter((name) => lstatSync(join(path, name), { throwIfNoEntry: false })?.isDirectory());
  return [path, ...below.flatMap((name) => directories(join(path, name)))];
}

function firstWords(path: string): string {
  return read(path).replace(/ .*/g, "").split("\n").sort().join("\n");
}

function names(path: string): string {
  return entries(path).sort().join(" ");
}

function treeText(path: string, which = /./): string {
  return tree(path)
    .filter(([name]) => which.test(name))
    .map((pair) => pair.join(" "))
    .join("\n");
}

/** All readable files below a directory with what they hold. */
function tree(path: string): [path: string, value: string][] {
  return entries(path).flatMap((name): [string, string][] => {
    const inner = join(path, name);
    const info = lstatSync(inner, { throwIfNoEntry: false });
    if (info === undefined) {
      return [];
    }
    if (info.isDirectory()) {
      return tree(inner);
    }
    if (info.isSymbolicLink()) {
      return [[inner, readlinkSync(inner)]];
    }
    return (info.mode & 0o444) === 0 ? [] : [[inner, read(inner)]];
  });
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  if (COUNTERS.some((counter) => counter.test(path.replace("/proc/sys/", "")))) {
    return "";
  }
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    return `(${(cause as NodeJS.ErrnoException).code})`;
  }
}
