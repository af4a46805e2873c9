/** Sets up an io_uring of one entry. Facts: io_uring_setup(2), io_uring_disabled in the kernel's sysctl documentation. */
import type { Need } from "../../action/action.ts";
import { call, number, room, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const SIZE_OF_PARAMETERS = 120;

/** Both rings of one entry share a page, the entries have one of their own. */
const RINGS = 2 * 4096;

/** Whether the rings count as locked memory: before Linux 5.12, and again since 6.14 (io_create_region() in io_uring/memmap.c). */
function countsRings(release: string): boolean {
  const [, major = "", minor = ""] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const version = Number(major) * 1000 + Number(minor);
  return version !== 0 && (version < 5012 || version >= 6014);
}

/** The attack: use io_uring. */
export const useIoUring: Probe = {
  id: "use-io-uring",
  title: "use io_uring",
  gain: "File and network calls that no system call filter sees.",
  goals: ["kernel-code"],
  steps: (machine) => {
    const disabled = machine.sysctl("kernel.io_uring_disabled") ?? "0";
    if (disabled === "2") {
      return { notApplicable: "io_uring is switched off on this machine" };
    }
    const needs: readonly Need[] =
      disabled === "1" ? [{ kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" }] : [];
    const rings: readonly Need[] = countsRings(machine.sysctl("kernel.osrelease") ?? "")
      ? [{ kind: "locked-memory", bytes: RINGS }]
      : [];
    return [step("setup", call("io_uring_setup", number(1), room(SIZE_OF_PARAMETERS)), [...needs, ...rings])];
  },
};
