/** Runs programs without a shell, for the library and the tests: one way to start them, one shape of result. */
import { type ChildProcess, spawn } from "node:child_process";
import { SystemError } from "./system-error.ts";

/** How a program ended and what it printed. `status` is null if a signal ended it. */
export interface CommandResult<Output = string> {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Output;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** How a program is run. */
export interface CommandOptions {
  readonly input?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  /** Called once at the time-out, to end the program gracefully: it is killed a second later in any case. */
  readonly onTimeout?: (() => void) | undefined;
  /** Bytes kept of standard output; more of it ends the program with a SystemError. */
  readonly maxBytes?: number | undefined;
}

/** A function that runs a program: on this machine, in a box, or a fake in a test. */
export type RunCommand = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/**
 * Runs a program to completion, standard output as text. Throws a SystemError only if it could not start or printed too
 * much.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await runCommandBytes(argv, options);
  return { ...result, stdout: result.stdout.toString("utf8") };
}

/** The same with standard output as bytes. */
export function runCommandBytes(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult<Buffer>> {
  const [file, ...rest] = argv;
  if (file === undefined) {
    throw new TypeError("runCommand: empty argv");
  }
  const child = spawn(file, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
  });
  return finishCommand(child, file, options);
}

/** Runs a program that must exit with status 0: otherwise a SystemError quotes its last lines of standard error. */
export async function runChecked(
  argv: readonly string[],
  options: CommandOptions = {},
  run: RunCommand = runCommand,
): Promise<string> {
  const result = await run(argv, options);
  if (result.status === 0) {
    return result.stdout;
  }
  throw new SystemError(`run ${argv[0]}`, { reason: describeFailure(result) });
}

/** One line on how a program failed. */
export function describeFailure(result: CommandResult<unknown>): string {
  if (result.timedOut) {
    return "timed out";
  }
  const said = result.stderr.trim().split("\n").slice(-3).join("; ");
  const how = result.signal === null ? `exit status ${result.status}` : `killed by ${result.signal}`;
  return said === "" ? how : `${how}: ${said}`;
}

/** After a program's exit its children may keep the output open: for so long in silence, and for so long at most. */
const ORPHANS_MS = 1000;
const ORPHANS_AT_MOST_MS = 10_000;

/** For a child that relays a program which runs elsewhere: it outlives that program while others hold its output open. */
export interface FarCommand {
  /** Resolves when the program has ended. */
  readonly ended?: Promise<unknown>;
  /** Makes the child end nevertheless. */
  readonly onAbandon?: () => void;
}

/** Feeds a program that was started with three pipes its input, and waits for it to end. */
export function finishCommand(
  child: ChildProcess,
  file: string,
  options: Omit<CommandOptions, "cwd" | "env"> & FarCommand,
): Promise<CommandResult<Buffer>> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = options.maxBytes ?? 256 << 20;
    let size = 0;
    let timedOut = false;
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(expire, options.timeoutMs);
    let last: NodeJS.Timeout | undefined;
    function expire(): void {
      timedOut = true;
      if (options.onTimeout === undefined) {
        child.kill("SIGKILL");
      } else {
        options.onTimeout();
      }
      last = setTimeout(() => {
        child.kill("SIGKILL");
        abandon();
      }, 1000);
    }
    let orphans: NodeJS.Timeout | undefined;
    let orphansEnd: NodeJS.Timeout | undefined;
    function abandon(): void {
      child.stdout?.destroy();
      child.stderr?.destroy();
      options.onAbandon?.();
    }
    let settled = false;
    function settle(): void {
      settled = true;
      clearTimeout(orphans);
      clearTimeout(orphansEnd);
      clearTimeout(timer);
      clearTimeout(last);
    }
    child.stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      orphans?.refresh();
      if (size <= limit) {
        out.push(chunk);
      } else {
        child.kill("SIGKILL");
        abandon(); // its children may go on writing
      }
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (err.length < 4096) {
        err.push(chunk);
      }
    });
    const ended = options.ended ?? new Promise((over) => child.once("exit", over));
    void ended.then(() => {
      if (!settled) {
        orphans = setTimeout(abandon, ORPHANS_MS);
        orphansEnd = setTimeout(abandon, ORPHANS_AT_MOST_MS);
      }
    });
    child.once("error", (cause) => {
      settle();
      reject(new SystemError("run", { path: file, cause, ...helpFor(cause, file) }));
    });
    child.once("close", (status, signal) => {
      settle();
      if (size > limit) {
        return reject(new SystemError("run", { path: file, reason: `more than ${limit} bytes of output` }));
      }
      resolve({ status, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString("utf8"), timedOut });
    });
    // A program may end without reading its input (EPIPE): that is no error.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

function helpFor(cause: unknown, file: string): { help?: string } {
  const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return missing ? { help: `is ${file} installed, and the working directory there?` } : {};
}
