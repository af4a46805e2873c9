/**
 * The kernel version that introduced a system call. Facts: syscalls(2) (the generated table); for calls newer than that
 * page or named differently there, the history of the kernel's own tables (arch/x86/entry/syscalls and its siblings).
 */
import { SINCE } from "./since.generated.ts";
import { numberOf } from "./syscall.ts";
import type { Abi } from "./table.ts";

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
  setxattrat: "6.13",
  getxattrat: "6.13",
  listxattrat: "6.13",
  removexattrat: "6.13",
  open_tree_attr: "6.15",
  file_getattr: "6.17",
  file_setattr: "6.17",
  riscv_hwprobe: "6.4",
};

/** Calls with 64-bit times, all added in one release. */
const TIME64 = /^(?:clock_(?:get|set|adj)time64|timer(?:fd)?_[gs]ettime64|\w+_time64)$/;

/** The kernels that introduced whole ABIs. */
const ABI_SINCE: { readonly [abi in Abi]?: string } = {
  x32: "3.4",
  aarch64: "3.7",
  riscv64: "4.15",
  loongarch64: "5.19",
};

/** ABIs with the multiplexers socketcall and ipc got direct numbers for the calls behind them only much later. */
const SPLIT: readonly {
  readonly abis: readonly Abi[];
  readonly from: number;
  readonly to: number;
  readonly since: string;
}[] = [
  { abis: ["i386", "s390", "s390x"], from: 359, to: 373, since: "4.3" },
  {
    abis: ["i386", "s390", "s390x", "ppc", "ppc64", "ppc64le", "mips", "mipsel"],
    from: 392,
    to: 402,
    since: "5.1",
  },
];

/** Where the numbers of 32-bit mips begin. */
const MIPS_BASE = 4000;

/** The kernel before which an ABI cannot have had a call under this number. */
function floorOf(abi: Abi, number: number): string {
  const place = number % MIPS_BASE;
  const split = SPLIT.find(({ abis, from, to }) => abis.includes(abi) && place >= from && place <= to);
  return split?.since ?? ABI_SINCE[abi] ?? "1.0";
}

function anywhere(name: string): string | undefined {
  if (Object.hasOwn(SINCE, name)) {
    return SINCE[name];
  }
  if (Object.hasOwn(BEYOND_PAGE, name)) {
    return BEYOND_PAGE[name];
  }
  return TIME64.test(name) ? "5.1" : undefined;
}

/**
 * The version that introduced a call, such as "5.6"; "1.0" for the oldest; undefined where it is not known (names that
 * were only ever reserved, some calls of a single architecture, calls newer than this table). With an ABI, the earliest
 * version in which that ABI can have had the call; undefined if it lacks it.
 *
 * @example
 * import { sinceKernel } from "cloison";
 * import assert from "node:assert";
 * assert.equal(sinceKernel("openat2"), "5.6");
 * assert.equal(sinceKernel("socket"), "2.0");
 * assert.equal(sinceKernel("socket", "i386"), "4.3");
 * assert.equal(sinceKernel("socket", "riscv64"), "4.15");
 * assert.equal(sinceKernel("no_such_call"), undefined);
 */
export function sinceKernel(name: string, abi?: Abi): string | undefined {
  const since = anywhere(name);
  if (abi === undefined || since === undefined) {
    return since;
  }
  const number = numberOf(abi, name);
  if (number === undefined) {
    return undefined;
  }
  const floor = floorOf(abi, number);
  return olderKernel(since, floor) ? floor : since;
}

/** Whether kernel `a` is older than kernel `b`: numbers compared part by part, a missing part is 0. */
export function olderKernel(a: string, b: string): boolean {
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [mine, other] = [Number(left[index] ?? 0), Number(right[index] ?? 0)];
    if (mine !== other) {
      return mine < other;
    }
  }
  return false;
}
