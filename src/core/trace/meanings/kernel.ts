/** Mounts, and calls that concern the machine as a whole. Facts: mount(2), capabilities(7), syslog(2), adjtimex(2), ioctl(2), bpf(2). */

import type { Need } from "../../action/action.ts";
import type { Capability } from "../../kernel/capability.ts";
import type { NamespaceKind } from "../../kernel/namespace.ts";
import { type FinishedCall, numberAt, succeeded } from "../call/call.ts";
import { pathAt, pathNeed, settle } from "../call/paths.ts";
import { fieldOf, numberOfValue } from "../call/value.ts";
import { each, type Meaning, type Meanings } from "./meaning.ts";

function capability(name: Capability, over: NamespaceKind | "init" | "own"): readonly Need[] {
  return [{ kind: "capability", capability: name, over }];
}

function always(name: Capability, over: NamespaceKind | "init" | "own" = "init"): Meaning {
  return { needs: () => capability(name, over) };
}

/** A mount call: the capability, and the path on which it acts. */
function mountAt(base: "directory" | number, index: number, numbers: readonly number[] = []): Meaning {
  return {
    numbers,
    needs: (call) => {
      const written = pathAt(call, base, index);
      const place = written === undefined ? [] : [pathNeed(call, settle(call, written, true), "look")];
      return [...place, ...capability("CAP_SYS_ADMIN", "mnt")];
    },
  };
}

const mounts: Meanings = {
  mount: mountAt("directory", 1, [3]),
  umount2: mountAt("directory", 0, [1]),
  umount: mountAt("directory", 0),
  pivot_root: {
    ...always("CAP_SYS_ADMIN", "mnt"),
    effect: (call) => {
      if (!succeeded(call)) {
        return;
      }
      call.process.place.root = "/";
      call.process.place.directory = "/";
    },
  },
  open_tree: mountAt(0, 1),
  move_mount: mountAt(2, 3),
  mount_setattr: mountAt(0, 1),
  fspick: mountAt(0, 1),
  ...each(["fsopen", "fsconfig", "fsmount"], always("CAP_SYS_ADMIN", "mnt")),
  quotactl: { numbers: [0] },
};

/** CAP_SYS_TIME, if a call of the adjtimex family sets anything. */
function setsClock(call: FinishedCall, index: number): readonly Need[] {
  const modes = fieldOf(call.argument(index), "modes");
  const reads = modes !== undefined && numberOfValue(modes) === 0n;
  return reads ? [] : capability("CAP_SYS_TIME", "init");
}

/** Reading the whole log and asking its size may need no capability; everything else in syslog(2) does. */
const SYSLOG_ACTION_READ_ALL = 3;
const SYSLOG_ACTION_SIZE_BUFFER = 10;

function syslogNeeds(call: FinishedCall): readonly Need[] {
  const type = numberAt(call, 0);
  return type === SYSLOG_ACTION_READ_ALL || type === SYSLOG_ACTION_SIZE_BUFFER ? [] : capability("CAP_SYSLOG", "init");
}

const machine: Meanings = {
  ...each(["settimeofday", "clock_settime", "clock_settime64", "stime"], always("CAP_SYS_TIME")),
  adjtimex: { needs: (call) => setsClock(call, 0) },
  clock_adjtime: { needs: (call) => setsClock(call, 1) },
  clock_adjtime64: { needs: (call) => setsClock(call, 1) },
  ...each(["init_module", "finit_module", "delete_module"], always("CAP_SYS_MODULE")),
  ...each(["kexec_load", "kexec_file_load"], always("CAP_SYS_BOOT")),
  reboot: { numbers: [2], ...always("CAP_SYS_BOOT", "pid") },
  ...each(["sethostname", "setdomainname"], always("CAP_SYS_ADMIN", "uts")),
  ...each(["iopl", "ioperm"], always("CAP_SYS_RAWIO")),
  vhangup: always("CAP_SYS_TTY_CONFIG"),
  fanotify_init: { numbers: [0] },
  syslog: { numbers: [0], needs: syslogNeeds },
};

/** KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING and KEY_SPEC_USER_SESSION_KEYRING of linux/keyctl.h. */
const KEYRINGS: Readonly<Record<number, "session" | "user">> = { [-3]: "session", [-4]: "user", [-5]: "user" };

function keyringNeeds(call: FinishedCall, index: number): readonly Need[] {
  const number = numberAt(call, index);
  // The kernel takes a signed 32-bit number.
  const keyring = number === undefined ? undefined : KEYRINGS[number | 0];
  return keyring === undefined ? [] : [{ kind: "keyring", keyring }];
}

const objects: Meanings = {
  bpf: { numbers: [0] },
  keyctl: { numbers: [0], needs: (call) => keyringNeeds(call, 1) },
  add_key: { needs: (call) => keyringNeeds(call, 4) },
  request_key: { needs: (call) => keyringNeeds(call, 3) },
  seccomp: { numbers: [0, 1] },
  ioctl: { numbers: [1] },
  fcntl: { numbers: [1] },
  fcntl64: { numbers: [1] },
  userfaultfd: { numbers: [0] },
  io_uring_setup: {
    effect: (call) => {
      if (succeeded(call)) {
        call.gap({ code: "io-uring" });
      }
    },
  },
};

/** Meanings of mount calls and of calls about the machine. */
export const kernelMeanings: Meanings = { ...mounts, ...machine, ...objects };
