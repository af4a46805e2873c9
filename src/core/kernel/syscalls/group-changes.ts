/**
 * What systemd's sets of system calls have or lack in other releases than the one of the generated table (257): what
 * `systemd-analyze syscall-filter` of Debian 11 (247), 12 (252) and sid (262) prints. A release between two of them counts as the older
 * one. @known is left out: it decides how a call is refused, not whether.
 */

/** The change of one set against that of systemd 257. */
export interface GroupChange {
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

/** Changes by set. */
export type GroupChanges = Readonly<Record<string, GroupChange>>;

const XATTR_AT = ["getxattrat", "listxattrat", "removexattrat", "setxattrat"];
const FILES_SINCE_257 = [...XATTR_AT, "file_getattr", "file_setattr", "listmount", "statmount"];
const SECURITY_MODULES = ["lsm_get_self_attr", "lsm_list_modules"];

const IN_252: GroupChanges = {
  "@default": { lacks: ["@sandbox", ...SECURITY_MODULES, "mseal"] },
  "@file-system": { lacks: FILES_SINCE_257 },
};

const IN_247: GroupChanges = {
  "@default": {
    lacks: [
      ...["@sandbox", "arch_prctl", "futex_waitv", "getrandom", ...SECURITY_MODULES, "mprotect", "mseal"],
      ...["riscv_flush_icache", "riscv_hwprobe", "sched_getaffinity", "uretprobe"],
    ],
  },
  "@file-system": { lacks: [...FILES_SINCE_257, "fchmodat2"] },
  "@io-event": { lacks: ["epoll_pwait2"] },
  "@ipc": { lacks: ["process_madvise"] },
  "@mount": { lacks: ["mount_setattr"] },
  "@privileged": { lacks: ["quotactl_fd"] },
  "@process": { has: ["arch_prctl"] },
  "@resources": { lacks: ["set_mempolicy_home_node"] },
  "@system-service": { has: ["getrandom", "mprotect", "sched_getaffinity"] },
};

const IN_262: GroupChanges = {
  "@file-system": { has: ["open_tree"] },
  "@mount": { has: ["open_tree_attr"], lacks: ["open_tree"] },
};

/** The changes of a release; none of that of the table. */
export function groupChanges(systemd: number): GroupChanges | undefined {
  if (systemd < 252) {
    return IN_247;
  }
  if (systemd < 257) {
    return IN_252;
  }
  return systemd < 262 ? undefined : IN_262;
}
