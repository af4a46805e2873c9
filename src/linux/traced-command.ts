/**
 * The seccomp filters that a command installs, as strace sees them. Nothing is left behind however Cloison ends: strace has a
 * parent-death signal and kills the command when it ends, and the trace is a file without a name. Facts: strace(1), version
 * 6.13; setpriv(1), prctl(2).
 */
import { spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { type InstalledFilters, ranProgram, readInstalledFilters } from "../core/trace/strace/installed-filters.ts";
import { runCommand } from "./spawn.ts";
import { SystemError } from "./system-error.ts";
import { openUnnamed } from "./unnamed-file.ts";

const OPTIONS: readonly string[] = [
  ...["-f", "-qq", "-X", "raw", "-s", "0", "--kill-on-exit"],
  ...["-e", "trace=seccomp,prctl,clone,clone3,fork,vfork,execve", "-e", "abbrev=execve", "-e", "signal=none"],
];

/** Executes its arguments but the first, the pid of a parent that must still be alive after the death signal is set. */
const LAUNCHER = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

/** A terminal sends these to the whole process group, so the command may end of one before it reaches us. */
const OF_A_GROUP: ReadonlySet<string | null> = new Set(["SIGINT", "SIGHUP", "SIGTERM"]);
/** How often to look whether strace has stopped; it does so at once, or not at all. */
const MOST_LOOKS = 10_000;
/** Milliseconds to wait for our own copy of that signal. */
const ANY_MOMENT = 500;

function traced(argv: readonly string[], log: string): Promise<number | null> {
  const strace = ["strace", ...OPTIONS, "-o", log, "--", ...argv];
  const guarded = ["--pdeathsig", "KILL", "sh", "-c", LAUNCHER, "sh", String(process.pid), ...strace];
  return new Promise((resolve, reject) => {
    // Standard output is for the result, so the command's output goes to standard error.
    const child = spawn("setpriv", guarded, { stdio: ["inherit", 2, 2] });
    const end = (): void => endWhole(child.pid);
    process.once("exit", end);
    child.once("close", () => process.off("exit", end));
    child.once("error", (cause) => reject(new SystemError("run setpriv", { cause, help: "install util-linux" })));
    child.once("close", (status, signal) => {
      if (OF_A_GROUP.has(signal)) {
        setTimeout(() => resolve(status), ANY_MOMENT);
      } else {
        resolve(status);
      }
    });
  });
}

/**
 * Ends strace and the command that it has started, when this program is interrupted. Just born, the command has stopped itself
 * and waits for strace to attach; without one it would wait for ever, and nothing else would end it.
 */
function endWhole(strace: number | undefined): void {
  if (strace === undefined) {
    return;
  }
  send(strace, "SIGSTOP");
  for (let looks = 0; looks < MOST_LOOKS && !/^State:\s*[TtZX]/m.test(look(`/proc/${strace}/status`)); looks += 1) {
    // Until it stands it could still start the command.
  }
  const children = look(`/proc/${strace}/task/${strace}/children`).match(/\d+/g) ?? [];
  for (const pid of [...children.map(Number), strace]) {
    send(pid, "SIGKILL");
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function look(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "State: X (gone)";
  }
}

async function checkStrace(): Promise<void> {
  const help = "install strace, 6.13 or newer";
  const { status } = await runCommand(["strace", "--kill-on-exit", "-V"]).catch((cause: unknown) => {
    throw new SystemError("run strace", { cause, help });
  });
  if (status !== 0) {
    throw new SystemError("run strace", { reason: "it does not support --kill-on-exit", help });
  }
}

/** Runs a command to its end and gives the filters that it and its children install. Throws SystemError. */
export async function filtersOfCommand(argv: readonly string[]): Promise<readonly InstalledFilters[]> {
  await checkStrace();
  const log = openUnnamed(tmpdir(), `cloison-dump-${process.pid}`, "TMPDIR names another place");
  try {
    const status = await traced(argv, `/proc/${process.pid}/fd/${log}`);
    return readTrace(argv, readFileSync(log, "utf8"), status);
  } finally {
    closeSync(log);
  }
}

function readTrace(argv: readonly string[], text: string, status: number | null): readonly InstalledFilters[] {
  const command = argv.join(" ");
  if (!ranProgram(text)) {
    throw new SystemError("trace", { path: command, reason: `strace ended with status ${status}` });
  }
  const parsed = readInstalledFilters(text);
  if (parsed.ok) {
    return parsed.value;
  }
  throw new SystemError("trace", { path: command, reason: parsed.diagnostics[0]?.message ?? "not understood" });
}
