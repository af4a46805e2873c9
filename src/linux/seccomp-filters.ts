/**
 * The seccomp filters of a running process, through PTRACE_SECCOMP_GET_FILTER. Facts: ptrace(2), seccomp(2), proc(5),
 * include/uapi/linux/ptrace.h; that index 0 is the filter installed first was measured on Linux 6.18. koffi, which calls
 * ptrace for us, is an optional dependency.
 */
import { endianness } from "node:os";
import { resolve } from "node:path";
import { decode, type Program } from "../core/bpf/instruction.ts";
import { readStatus, threadIds } from "./proc.ts";
import { SystemError } from "./system-error.ts";

const PTRACE_DETACH = 17;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_SECCOMP_GET_FILTER = 0x420c;
const WNOHANG = 1;
/** waitpid(2): also wait for threads that are not children. */
const WALL = 0x40000000;
const EPERM = 1;
const ENOENT = 2;
const ESRCH = 3;
const EACCES = 13;

/** What /proc/PID/status says about one thread. */
interface ThreadStatus {
  /** 0 none, 1 strict (read, write, exit, sigreturn only), 2 filters. */
  readonly mode: number;
  /** How many filters; undefined on kernels that do not say (before 5.9). */
  readonly count: number | undefined;
}

/** A thread, and how many filters it runs. */
export interface OtherThread extends ThreadStatus {
  readonly thread: number;
}

/** The filters that one thread runs at each call, oldest first. */
export interface ProcessFilters {
  readonly programs: readonly Program[];
  readonly mode: number;
  /** The threads of the same process that run more or fewer filters than this one. */
  readonly others: readonly OtherThread[];
}

/** The system calls that are needed, and the error of the last one. */
interface Tracer {
  readonly ptrace: (request: number, pid: number, address: number, data: Buffer | null) => number;
  readonly waitpid: (pid: number, status: Buffer, options: number) => number;
  readonly errno: () => number;
}

/** Typed as string so that bundlers do not follow it: it loads native code, which stays where it was installed. */
const OPTIONAL: string = "koffi";

async function tracer(): Promise<Tracer> {
  const loaded: typeof import("koffi") = await import(OPTIONAL).catch((cause: unknown) => {
    const home = resolve(import.meta.dirname, "../..");
    const help = `install it beside cloison: npm install koffi --prefix ${home} --omit=dev --ignore-scripts`;
    throw new SystemError("load koffi, the optional dependency that calls ptrace", { cause, help });
  });
  const koffi = loaded.default;
  const libc = koffi.load(null);
  const ptrace = libc.func("long ptrace(long request, int pid, long address, void *data)");
  const waitpid = libc.func("int waitpid(int pid, void *status, int options)");
  return {
    ptrace: (request, pid, address, data) => Number(ptrace(request, pid, address, data)),
    waitpid: (pid, status, options) => Number(waitpid(pid, status, options)),
    errno: () => koffi.errno(),
  };
}

function refused(pid: number, errno: number, traced: string | undefined): SystemError {
  const operation = `read the filters of process ${pid}`;
  if (errno === ESRCH) {
    return new SystemError(operation, { reason: "it is gone" });
  }
  if (errno === EPERM && traced !== undefined && traced !== "0") {
    return new SystemError(operation, { reason: `process ${traced} traces it already` });
  }
  if (errno === EPERM || errno === EACCES) {
    const help = "root of the machine is needed, and no seccomp filter on cloison itself";
    return new SystemError(operation, { reason: "permission denied", help });
  }
  const help = "the kernel needs CONFIG_CHECKPOINT_RESTORE";
  return new SystemError(operation, { reason: `ptrace: error ${errno}`, help });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the process has stopped; it may be deep in the kernel. */
async function stopped({ waitpid }: Tracer, pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = waitpid(pid, Buffer.alloc(4), WALL | WNOHANG);
    if (found === pid) {
      return;
    }
    if (found < 0) {
      throw new SystemError(`stop process ${pid}`, { reason: "it is gone" });
    }
    await pause(tries < 50 ? 1 : 10);
  }
  throw new SystemError(`stop process ${pid}`, { reason: "it did not stop within five seconds" });
}

function filterAt({ ptrace, errno }: Tracer, pid: number, index: number): Program | undefined {
  const length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, null);
  if (length < 0) {
    if (errno() === ENOENT) {
      return undefined;
    }
    throw refused(pid, errno(), undefined);
  }
  const bytes = Buffer.from(new ArrayBuffer(length * 8));
  if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, bytes) < 0) {
    throw refused(pid, errno(), undefined);
  }
  const parsed = decode(bytes, endianness() === "LE");
  if (!parsed.ok) {
    throw new SystemError(`read the filters of process ${pid}`, { reason: "no whole instructions" });
  }
  return parsed.value;
}

function threadStatus(status: ReadonlyMap<string, string>): ThreadStatus {
  const count = status.get("Seccomp_filters");
  return { mode: Number(status.get("Seccomp") ?? "0"), count: count === undefined ? undefined : Number(count) };
}

async function otherThreads(pid: number, own: ThreadStatus): Promise<readonly OtherThread[]> {
  const found: OtherThread[] = [];
  for (const thread of await threadIds(pid)) {
    const status = await readStatus(thread);
    // A thread that has exited runs no filters.
    if (status === undefined || status.get("State")?.startsWith("Z") === true) {
      continue;
    }
    const its = threadStatus(status);
    if (its.mode !== own.mode || its.count !== own.count) {
      found.push({ thread, ...its });
    }
  }
  return found;
}

/**
 * The filters of one thread; a process's pid names its main thread. Stops it for about a millisecond. Throws a SystemError.
 */
export async function filtersOfProcess(pid: number): Promise<ProcessFilters> {
  const status = await readStatus(pid);
  if (status === undefined) {
    throw new SystemError(`read process ${pid}`, { reason: "there is no such process" });
  }
  if (status.get("State")?.startsWith("Z") === true) {
    throw new SystemError(`read process ${pid}`, { reason: "it has ended, and its parent has not noticed yet" });
  }
  const own = threadStatus(status);
  const others = await otherThreads(pid, own);
  const { mode } = own;
  if (mode !== 2) {
    return { programs: [], mode, others };
  }
  const use = await tracer();
  if (use.ptrace(PTRACE_SEIZE, pid, 0, null) < 0) {
    throw refused(pid, use.errno(), status.get("TracerPid"));
  }
  try {
    use.ptrace(PTRACE_INTERRUPT, pid, 0, null);
    await stopped(use, pid);
    const programs: Program[] = [];
    for (let next = filterAt(use, pid, 0); next !== undefined; next = filterAt(use, pid, programs.length)) {
      programs.push(next);
    }
    return { programs, mode, others };
  } finally {
    use.ptrace(PTRACE_DETACH, pid, 0, null);
  }
}
