/**
 * Doing things in a running box: programs are started by the box's own keeper (entrance.ts), each in a cgroup of its own beside the
 * box's, so that a time-out ends it with all its children. They are not walled; only the box's units are. Nothing of this
 * machine's enters a box, and nothing in a box has a right that its PID 1 lacks.
 */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { errnoName } from "../../core/kernel/errno.ts";
import { parseShow } from "../../linux/properties.ts";
import { type CommandResult, describeFailure, finishCommand } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { RunOptions } from "./contract.ts";
import type { Entrance } from "./entrance.ts";
import type { EntranceAnswer, Request, RunIdentity } from "./entrance-request.ts";

/** Where a box is: its PID 1, its directory in the host's cgroup2 tree (which holds box/ and exec/), and its entrance. */
export interface Place {
  readonly leader: number;
  readonly cgroup: string;
  readonly entrance: Entrance;
  /** How long a program may run that is given no time of its own. */
  readonly patienceMs: number;
}

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

function runCgroup(place: Place): string {
  return `${place.cgroup}/exec/${randomBytes(6).toString("hex")}`;
}

function requestOf(argv: readonly string[], options: RunOptions, identity: RunIdentity | undefined): Request {
  return { argv, environment: { ...ENVIRONMENT, ...options.env }, directory: options.cwd ?? "/", identity };
}

/** Runs a program to its end. Throws a SystemError if the box has ended, or if the program could not be brought to its start. */
export async function runInside(
  place: Place,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult<Buffer>> {
  const cgroup = runCgroup(place);
  const identity = options.uid === undefined ? undefined : await identityOf(place, options.uid);
  await mkdir(cgroup).catch(hasEnded);
  try {
    const { child, answer, abandon } = place.entrance.start(requestOf(argv, options, identity), cgroup);
    const result = await finishCommand(child, "the entrance of the box", {
      input: options.input,
      timeoutMs: options.timeoutMs ?? place.patienceMs,
      onTimeout: () => void endAll(cgroup),
      ended: answer,
      onAbandon: abandon,
    });
    if (result.timedOut && options.timeoutMs === undefined) {
      throw neverEnded(argv, place.patienceMs);
    }
    return result.timedOut ? result : believed(await answer, result, argv, options);
  } finally {
    // A program may leave children behind; their cgroup goes with the box.
    await rmdir(cgroup).catch(() => undefined);
  }
}

function neverEnded(argv: readonly string[], patienceMs: number): SystemError {
  return new SystemError("run in the box", {
    path: argv.slice(0, 3).join(" "),
    reason: `it did not end within ${patienceMs / 1000} seconds and was ended`,
    help: "something in the box holds it up: look at what its services replaced, stopped or mounted",
  });
}

function hasEnded(cause: unknown): never {
  throw new SystemError("run in the box", { reason: "the box has ended", cause });
}

function endAll(cgroup: string): Promise<void> {
  return writeFile(`${cgroup}/cgroup.kill`, "1").catch(() => undefined);
}

/** A program that is not there is a result, as in a shell; everything else before its start is a failure of the box. */
function believed(
  answer: EntranceAnswer | undefined,
  result: CommandResult<Buffer>,
  [program = ""]: readonly string[],
  options: RunOptions,
): CommandResult<Buffer> {
  if (answer === undefined) {
    throw new SystemError("run in the box", { path: program, reason: "it was ended before it finished" });
  }
  if (answer.kind === "ended") {
    return result;
  }
  const code = errnoName(answer.errno) ?? `error ${answer.errno}`;
  if (answer.step === "program" && ["ENOENT", "ENOTDIR", "EACCES"].includes(code)) {
    return { ...result, stderr: `${result.stderr}${program}: cannot be executed (${code})\n` };
  }
  const path = answer.step === "directory" ? (options.cwd ?? "/") : program;
  throw new SystemError("run in the box", { path, code, reason: `${FAILED[answer.step]} (${code})` });
}

const FAILED: Readonly<Record<Extract<EntranceAnswer, { kind: "refused" }>["step"], string>> = {
  group: "its control group cannot be entered",
  fork: "no process can be made",
  directory: "it is no directory to stand in",
  user: "the identity cannot be taken on",
  program: "it cannot be executed",
};

/** Starts a program, its streams left to the caller. A signal that ends the child from outside ends all that it started. */
export function spawnInside(place: Place, argv: readonly string[], options: RunOptions = {}): ChildProcess {
  const cgroup = runCgroup(place);
  try {
    mkdirSync(cgroup);
  } catch (cause) {
    hasEnded(cause);
  }
  const identity = options.uid === undefined ? undefined : { uid: options.uid, gid: options.uid, groups: [] };
  const { child } = place.entrance.start(requestOf(argv, options, identity), cgroup);
  child.once("exit", (_, signal) => {
    if (signal !== null) {
      void endAll(cgroup);
    }
  });
  child.once("close", () => void rmdir(cgroup).catch(() => undefined));
  return child;
}

/** The account's own group and supplementary groups, if the box knows the user. */
async function identityOf(place: Place, uid: number): Promise<RunIdentity> {
  const { status, stdout } = await runInside(place, ["getent", "passwd", String(uid)]);
  const [name, , , gid] = stdout.toString("utf8").trim().split(":");
  if (status !== 0 || name === undefined || gid === undefined) {
    return { uid, gid: uid, groups: [] };
  }
  const listed = await runInside(place, ["id", "-G", "--", name]);
  const groups = listed.stdout.toString("utf8").trim().split(" ");
  if (![gid, ...groups].every((group) => /^\d{1,10}$/.test(group) && Number(group) < 2 ** 32 - 1)) {
    throw new SystemError("run in the box", { reason: `the groups of user ${uid} cannot be read` });
  }
  return { uid, gid: Number(gid), groups: groups.map(Number) };
}

/** `$1` path, `$2` mode: written beside its place, then renamed, so that no reader sees half of it. */
const WRITE = `set -e; umask 077; d=$(dirname -- "$1"); [ -d "$d" ] || (umask 022; mkdir -p -- "$d")
t=$(mktemp -- "$d/.cloison.XXXXXX"); trap 'rm -f -- "$t"' EXIT; cat >"$t"; chmod -- "$2" "$t"; mv -fT -- "$t" "$1"`;

/** Writes a file by rename, making the directories above. */
export async function writeInside(
  place: Place,
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const argv = ["/bin/sh", "-c", WRITE, "sh", path, mode.toString(8)];
  const result = await runInside(place, argv, { input: content });
  if (result.status !== 0) {
    throw new SystemError("write in the box", { path, reason: describeFailure(result) });
  }
}

/** The bytes of a file; a SystemError if it cannot be read. */
export async function readInside(place: Place, path: string): Promise<Buffer> {
  const result = await runInside(place, ["cat", "--", path]);
  if (result.status === 0) {
    return result.stdout;
  }
  throw new SystemError("read in the box", { path, reason: describeFailure(result) });
}

/** Properties of a unit, as `systemctl show` prints them. */
export async function showInside(place: Place, unit: string, names: readonly string[]): Promise<Map<string, string>> {
  const result = await runInside(place, ["systemctl", "show", `--property=${names.join(",")}`, "--", unit]);
  if (result.status === 0) {
    return parseShow(result.stdout.toString("utf8"), names);
  }
  throw new SystemError("ask the box's systemd about", { path: unit, reason: describeFailure(result) });
}

/** As long as a journal may take that is there and not held up. */
const JOURNAL_MS = 10_000;

/** Waits until what was said is in the journal, if the box has one that answers. */
export async function syncJournalInside(place: Place): Promise<void> {
  await runInside(place, ["journalctl", "--sync"], { timeoutMs: JOURNAL_MS });
}

/** The messages of a unit since the box booted. */
export async function journalInside(place: Place, unit: string): Promise<string> {
  await syncJournalInside(place);
  const argv = ["journalctl", "--boot", "--no-pager", "--quiet", "--output=cat", `--unit=${unit}`];
  return (await runInside(place, argv)).stdout.toString("utf8");
}
