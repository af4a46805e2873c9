/** Reads /proc: status, start time, cgroup, children, mounts, descriptors (proc(5)). The root is a parameter for tests. */
import { readdir, readFile, readlink } from "node:fs/promises";
import { type Mount, parseMountinfo } from "./mountinfo.ts";

/** /proc/PID/status as a map from field to value; undefined when the process is gone. */
export async function readStatus(pid: number, proc = "/proc"): Promise<Map<string, string> | undefined> {
  const text = await readOrGone(`${proc}/${pid}/status`);
  if (text === undefined) {
    return undefined;
  }
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  return fields;
}

/** When a process started, in clock ticks since boot: pid and start time identify a process for good, as pids are reused. */
export async function startTime(pid: number, proc = "/proc"): Promise<string | undefined> {
  const text = await readOrGone(`${proc}/${pid}/stat`);
  // The name is in brackets and may hold anything, brackets too; field 22 is the 20th after it.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** The path of a process in the cgroup2 hierarchy, as the caller's cgroup namespace shows it. */
export async function cgroupOf(pid: number | "self", proc = "/proc"): Promise<string | undefined> {
  const text = await readOrGone(`${proc}/${pid}/cgroup`);
  return text
    ?.split("\n")
    .find((line) => line.startsWith("0::"))
    ?.slice(3);
}

/** The mounts of a process, in the kernel's order. Throws what readFile throws if there is no such process. */
export async function mountsOf(pid: number | "self", proc = "/proc"): Promise<Mount[]> {
  return parseMountinfo(await readFile(`${proc}/${pid}/mountinfo`, "utf8"));
}

/** All process numbers. */
export async function processIds(proc = "/proc"): Promise<number[]> {
  const names = await readdir(proc);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The threads of a process, given by any of them; none if it is gone. */
export async function threadIds(pid: number, proc = "/proc"): Promise<number[]> {
  return (await listOrGone(`${proc}/${pid}/task`)).map(Number);
}

/** One open descriptor: what it points to and how it was opened (`flags` as in open(2)). */
export interface OpenFile {
  readonly fd: number;
  readonly path: string;
  readonly flags: number;
}

/** The open files of a process; those that are closed meanwhile are left out. */
export async function openFiles(pid: number, proc = "/proc"): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  for (const fd of await listOrGone(`${proc}/${pid}/fd`)) {
    const path = await linkOrGone(`${proc}/${pid}/fd/${fd}`);
    const info = await readOrGone(`${proc}/${pid}/fdinfo/${fd}`);
    const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? "")?.[1];
    if (path !== undefined && flags !== undefined) {
      files.push({ fd: Number(fd), path, flags: Number.parseInt(flags, 8) });
    }
  }
  return files;
}

/** Files that a process has mapped shared and writable: it can change them without an open descriptor. */
export async function sharedWritableMaps(pid: number, proc = "/proc"): Promise<string[]> {
  const text = (await readOrGone(`${proc}/${pid}/maps`)) ?? "";
  const paths = new Set<string>();
  for (const line of text.split("\n")) {
    const found = /^\S+ .w.s \S+ \S+ \d+ +(\/.*)$/.exec(line);
    if (found?.[1] !== undefined) {
      paths.add(found[1]);
    }
  }
  return [...paths];
}

const GONE = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

function goneOrThrow(cause: unknown): undefined {
  if (cause instanceof Error && "code" in cause && GONE.has(String(cause.code))) {
    return undefined;
  }
  throw cause;
}

function readOrGone(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(goneOrThrow);
}

function linkOrGone(path: string): Promise<string | undefined> {
  return readlink(path).catch(goneOrThrow);
}

async function listOrGone(path: string): Promise<string[]> {
  return (await readdir(path).catch(goneOrThrow)) ?? [];
}
