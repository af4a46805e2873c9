/**
 * Who has files below a directory open for writing, and which files are large: checked before a service's data is
 * copied.
 */
import { lstat, readdir, realpath } from "node:fs/promises";
import { isWithin } from "../core/kernel/path.ts";
import { cgroupOf, openFiles, processIds, readStatus, sharedWritableMaps } from "./proc.ts";

/** A process that may change a file. */
export interface Writer {
  readonly pid: number;
  readonly comm: string;
  readonly path: string;
}

/** A file that takes much room. */
export interface LargeFile {
  readonly path: string;
  /** As allocated on disk: holes do not count. */
  readonly bytes: bigint;
}

/** The last two bits of the flags of open(2): 1 writes, 2 reads and writes. */
const ACCESS_MODE = 0o3;

/**
 * Processes with a file at or below `path` open for writing, or mapped shared and writable. A process in another mount
 * namespace counts by the path that it sees, which for a service of systemd is the host's.
 */
export async function writersBelow(
  path: string,
  options: { readonly proc?: string; readonly ignoreCgroup?: (cgroup: string) => boolean } = {},
): Promise<Writer[]> {
  const proc = options.proc ?? "/proc";
  const top = await realpath(path).catch(() => path);
  const writers: Writer[] = [];
  for (const pid of await processIds(proc)) {
    if (options.ignoreCgroup?.((await cgroupOf(pid, proc)) ?? "/") === true) {
      continue;
    }
    const paths = await writtenBy(pid, top, proc);
    if (paths.length === 0) {
      continue;
    }
    const comm = (await readStatus(pid, proc))?.get("Name") ?? "?";
    writers.push(...paths.map((each) => ({ pid, comm, path: each })));
  }
  return writers;
}

async function writtenBy(pid: number, top: string, proc: string): Promise<string[]> {
  const open = (await openFiles(pid, proc)).filter((file) => (file.flags & ACCESS_MODE) !== 0).map((file) => file.path);
  const all = [...open, ...(await sharedWritableMaps(pid, proc))].map((path) => path.replace(/ \(deleted\)$/, ""));
  return [...new Set(all.filter((path) => isWithin(path, top)))];
}

/** Regular files of at least `minimum` bytes below `path`, the largest first; links are not followed, unreadable places left out. */
export async function largeFilesBelow(path: string, minimum: bigint = 64n << 20n): Promise<LargeFile[]> {
  const found: LargeFile[] = [];
  const pending = [path];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    const place = directory === "/" ? "" : directory;
    pending.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => `${place}/${entry.name}`));
    const files = entries.filter((entry) => entry.isFile()).map((entry) => allocated(`${place}/${entry.name}`));
    found.push(...(await Promise.all(files)).filter((file) => file.bytes >= minimum));
  }
  return found.toSorted((a, b) => (a.bytes > b.bytes ? -1 : 1));
}

async function allocated(path: string): Promise<LargeFile> {
  const info = await lstat(path, { bigint: true }).catch(() => undefined);
  return { path, bytes: (info?.blocks ?? 0n) * 512n };
}
