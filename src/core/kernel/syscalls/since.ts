/**
 * With which kernel a system call came. Facts: syscalls(2) (the generated table); what is newer than that page or has
 * another name there, from the history of the kernel's own tables (arch/x86/entry/syscalls).
 */
import { SINCE } from "./since.generated.ts";

const BEYOND_PAGE: Readonly<Record<string, string>> = {
  pread64: "2.2",
  pwrite64: "2.2",
  arm_fadvise64_64: "2.6",
  arm_sync_file_range: "2.6.22",
  mount_setattr: "5.12",
  process_mrelease: "5.15",
  futex_waitv: "5.16",
  set_mempolicy_home_node: "5.17",
  cachestat: "6.5",
  fchmodat2: "6.6",
  map_shadow_stack: "6.6",
  futex_wake: "6.7",
  futex_wait: "6.7",
  futex_requeue: "6.7",
  statmount: "6.8",
  listmount: "6.8",
  lsm_get_self_attr: "6.8",
  lsm_set_self_attr: "6.8",
  lsm_list_modules: "6.8",
  mseal: "6.10",
  uretprobe: "6.11",
};

/** Calls with 64-bit times, which came together. */
const TIME64 = /^(?:clock_(?:get|set|adj)time64|timer(?:fd)?_[gs]ettime64|\w+_time64)$/;

/**
 * The version with which a call came, such as "5.6"; "1.0" for the oldest; undefined where it is not known (calls of one
 * architecture, calls newer than this table).
 *
 * @example
 * import { sinceKernel } from "cloison";
 * import assert from "node:assert";
 * assert.equal(sinceKernel("openat2"), "5.6");
 * assert.equal(sinceKernel("no_such_call"), undefined);
 */
export function sinceKernel(name: string): string | undefined {
  if (Object.hasOwn(SINCE, name)) return SINCE[name];
  if (Object.hasOwn(BEYOND_PAGE, name)) return BEYOND_PAGE[name];
  return TIME64.test(name) ? "5.1" : undefined;
}

/** Whether kernel `a` is older than kernel `b`: numbers compared part by part, a missing part is 0. */
export function olderKernel(a: string, b: string): boolean {
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [mine, other] = [Number(left[index] ?? 0), Number(right[index] ?? 0)];
    if (mine !== other) return mine < other;
  }
  return false;
}
