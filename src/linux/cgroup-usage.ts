/**
 * What a control group uses, from its own figures where it has them (pids.peak, memory.peak), else from its processes: threads, and the
 * most memory that each has had. Facts: the kernel's Documentation/admin-guide/cgroup-v2.rst; VmHWM and Threads in proc_pid_status(5).
 */
import { readdir, readFile } from "node:fs/promises";
import type { Peak } from "../core/action/action.ts";
import { processesBelow } from "./cgroup.ts";
import { readStatus } from "./proc.ts";

async function figure(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

async function usageOfProcess(pid: number, proc: string): Promise<Peak> {
  const status = await readStatus(pid, proc);
  const files = await readdir(`${proc}/${pid}/fd`).catch(() => []);
  const kibibytes = Number.parseInt(status?.get("VmHWM") ?? "0", 10);
  return { tasks: Number(status?.get("Threads") ?? 0), memory: 1024 * kibibytes, files: files.length };
}

/** What the group in this directory and those below use, or have used where the kernel tells; undefined if nothing runs there. */
export async function usageOf(directory: string, proc = "/proc"): Promise<Peak | undefined> {
  const pids = await processesBelow(directory);
  if (pids.length === 0) {
    return undefined;
  }
  const each = await Promise.all(pids.map((pid) => usageOfProcess(pid, proc)));
  const sum = (of: "tasks" | "memory"): number => each.reduce((all, usage) => all + usage[of], 0);
  return {
    tasks: (await figure(`${directory}/pids.peak`)) ?? sum("tasks"),
    memory: (await figure(`${directory}/memory.peak`)) ?? sum("memory"),
    files: Math.max(...each.map(({ files }) => files)),
  };
}
