/**
 * Doing things in a running box: programs enter all its namespaces through nsenter(1), each in a cgroup of its own beside the
 * box's, so that a time-out ends it with all its children. They are not walled; only the box's units are.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { parseShow } from "../../linux/properties.ts";
import { type CommandResult, describeFailure, runCommandBytes } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { RunOptions } from "./contract.ts";

/** Where a box is: its PID 1 and its directory in the host's cgroup2 tree (which holds box/ and exec/). */
export interface Place {
  readonly leader: number;
  readonly cgroup: string;
}

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};
const NAMESPACES = ["-m", "-u", "-i", "-n", "-p", "-C"];

/** The environment of a program inside. It is handed on as such: every local user can read the arguments of a process. */
function environment(options: RunOptions): Readonly<Record<string, string>> {
  return { ...ENVIRONMENT, ...options.env };
}

function runCgroup(place: Place): string {
  return `${place.cgroup}/exec/${randomBytes(6).toString("hex")}`;
}

/**
 * The command line that runs `argv` inside, begun by a shell that first moves itself to `cgroup`. Nothing but `argv` is
 * taken from the box: its own shell or env(1) may be what is replaced there by an attack.
 */
function enter(
  place: Place,
  cgroup: string,
  argv: readonly string[],
  options: RunOptions,
  groups: readonly string[],
): string[] {
  return [
    "/bin/sh",
    "-c",
    'echo $$ >"$1/cgroup.procs" || exit 125; shift; exec "$@"',
    "cloison-enter",
    cgroup,
    "/usr/bin/nsenter",
    "-t",
    String(place.leader),
    ...NAMESPACES,
    `--wdns=${options.cwd ?? "/"}`,
    "--",
    ...groups,
    ...argv,
  ];
}

/** Runs a program to its end. Throws a SystemError if the box has ended. */
export async function runInside(
  place: Place,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult<Buffer>> {
  const cgroup = runCgroup(place);
  const identity = options.uid === undefined ? [] : await identityOf(place, options.uid);
  await mkdir(cgroup).catch((cause: unknown) => {
    throw new SystemError("run in the box", { reason: "the box has ended", cause });
  });
  try {
    return await runCommandBytes(enter(place, cgroup, argv, options, identity), {
      env: environment(options),
      input: options.input,
      timeoutMs: options.timeoutMs,
      onTimeout: () => void writeFile(`${cgroup}/cgroup.kill`, "1").catch(() => undefined),
    });
  } finally {
    // A program may leave children behind; their cgroup goes with the box.
    await rmdir(cgroup).catch(() => undefined);
  }
}

/** Starts a program, its streams left to the caller. */
export function spawnInside(place: Place, argv: readonly string[], options: RunOptions = {}): ChildProcess {
  const cgroup = runCgroup(place);
  mkdirSync(cgroup);
  const identity = options.uid === undefined ? [] : identityArguments(options.uid, undefined);
  const [file = "", ...rest] = enter(place, cgroup, argv, options, identity);
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"], env: environment(options) });
  child.once("close", () => void rmdir(cgroup).catch(() => undefined));
  return child;
}

/** The account's own group and supplementary groups, if the box knows the user. */
async function identityOf(place: Place, uid: number): Promise<string[]> {
  const { status, stdout } = await runInside(place, ["getent", "passwd", String(uid)]);
  const [name, , , gid] = stdout.toString("utf8").trim().split(":");
  return identityArguments(uid, status === 0 && name !== undefined && gid !== undefined ? { gid } : undefined);
}

function identityArguments(uid: number, account: { gid: string } | undefined): string[] {
  const groups =
    account === undefined ? [`--regid=${uid}`, "--clear-groups"] : [`--regid=${account.gid}`, "--init-groups"];
  return ["setpriv", `--reuid=${uid}`, ...groups];
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
  if (result.status !== 0) throw new SystemError("write in the box", { path, reason: describeFailure(result) });
}

/** The bytes of a file; a SystemError if it cannot be read. */
export async function readInside(place: Place, path: string): Promise<Buffer> {
  const result = await runInside(place, ["cat", "--", path]);
  if (result.status === 0) return result.stdout;
  throw new SystemError("read in the box", { path, reason: describeFailure(result) });
}

/** Properties of a unit, as `systemctl show` prints them. */
export async function showInside(place: Place, unit: string, names: readonly string[]): Promise<Map<string, string>> {
  const result = await runInside(place, ["systemctl", "show", `--property=${names.join(",")}`, "--", unit]);
  if (result.status === 0) return parseShow(result.stdout.toString("utf8"), names);
  throw new SystemError("ask the box's systemd about", { path: unit, reason: describeFailure(result) });
}

/** The messages of a unit since the box booted. */
export async function journalInside(place: Place, unit: string): Promise<string> {
  const argv = ["journalctl", "--boot", "--no-pager", "--quiet", "--output=cat", `--unit=${unit}`];
  return (await runInside(place, argv)).stdout.toString("utf8");
}
