/**
 * Runs strace on a process from outside and hands out its lines. It seizes (PTRACE_SEIZE), so the process is not
 * stopped; what it says goes through pipes only. Facts: strace(1), ptrace(2); measured with strace 6.13.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { readStatus } from "../../../linux/proc.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Lack } from "../observer.ts";

/** A running strace. */
export interface Tracer {
  readonly kind: "tracing";
  /** Waits until nothing has come for a moment: what was done before is read. */
  readonly settle: () => Promise<void>;
  /** Detaches; the traced processes go on. Rejects if strace had ended by itself. */
  readonly detach: () => Promise<void>;
}

/**
 * Children too (-f), paths of descriptors and of the working directory (-y), no data (-s 0), numbers instead of names
 * (-X raw), process numbers as seen from outside as well, exit and personality notices, and the addresses in lists of
 * messages, which -s 0 would leave out.
 */
const OPTIONS: readonly string[] = [
  ...["-f", "-y", "-s", "0", "-X", "raw"],
  ...["-e", "abbrev=!sendmmsg,recvmmsg"],
  ...["--decode-pids=pidns", "--quiet=attach"],
];
const INSTALL = "install it: apt-get install strace";
const PATIENCE_MS = 10_000;
/** strace keeps nothing back, a traced process waits for it: what has been done is at most a full pipe away. */
const QUIET_MS = 60;
const LONGEST_SETTLING_MS = 400;

/** Attaches strace to a process and everything that it will start; resolves once it is attached. */
export async function traceTree(pid: number, line: (text: string) => void, strace: string): Promise<Tracer | Lack> {
  // strace writes to a command line by line, and to nothing else that Node can hold open without a file.
  const child = spawn(strace, [...OPTIONS, "-o", "|exec cat", "-p", String(pid)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C" },
    detached: true,
  });
  const asked = { toEnd: false };
  const absent = once(child, "error").then(
    ([cause]): Lack => ({ kind: "lacks", need: "strace", reason: (cause as Error).message, help: INSTALL }),
  );
  const end = endOf(child, asked);
  const source = linesOf(child, line);
  if (child.pid === undefined) {
    return await absent;
  }
  await Promise.race([attached(pid, child), end]);
  return {
    kind: "tracing",
    settle: () => quiet(source),
    detach: async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        await end;
      }
      await quiet(source);
      asked.toEnd = true;
      child.kill("SIGINT");
      await Promise.all([source.ended, end]);
    },
  };
}

interface Source {
  last: number;
  readonly ended: Promise<unknown>;
}

function linesOf(child: ChildProcess, line: (text: string) => void): Source {
  const { stdout } = child;
  if (stdout === null) {
    throw new TypeError("strace has no standard output");
  }
  const source: Source = { last: Date.now(), ended: once(stdout, "close") };
  let rest = "";
  // What strace prints is ASCII: it escapes every other byte.
  stdout.setEncoding("latin1");
  stdout.on("data", (chunk: string) => {
    source.last = Date.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line(text);
    }
  });
  stdout.on("end", () => {
    if (rest !== "") {
      line(rest);
    }
  });
  return source;
}

async function quiet(source: Source): Promise<void> {
  const asked = Date.now();
  while (Date.now() < asked + LONGEST_SETTLING_MS) {
    const since = Date.now() - Math.max(source.last, asked);
    if (since >= QUIET_MS) {
      return;
    }
    await sleep(QUIET_MS - since);
  }
}

/** Resolves when strace has ended as it was asked to; rejects when it ended by itself, even if that was told only after it was asked. */
function endOf(child: ChildProcess, asked: { readonly toEnd: boolean }): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-2000);
  });
  const end = new Promise<void>((resolve, reject) => {
    child.once("exit", (status, signal) => {
      if (asked.toEnd && (signal === null || signal === "SIGINT")) {
        return resolve();
      }
      const reason = said.trim().split("\n").at(-1) ?? "";
      const how = `strace ended by itself (${signal ?? `status ${status}`})`;
      reject(new SystemError("observe with strace", { reason: reason || how }));
    });
  });
  // Whoever waits for it is told; nobody else need be.
  end.catch(() => undefined);
  return end;
}

async function attached(pid: number, child: ChildProcess): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const tracer = (await readStatus(pid))?.get("TracerPid");
    if (tracer === String(child.pid)) {
      return;
    }
    if (tracer === undefined) {
      break;
    }
    await sleep(5);
  }
  child.kill("SIGINT");
  throw new SystemError("observe with strace", { reason: `process ${pid} could not be attached to` });
}
