/**
 * Calls that a service rarely needs and an intruder likes, and answers that do not do what they seem to. Facts: manual pages
 * of the calls, seccomp(2).
 */
import { RETURN_ACTIONS } from "../../bpf/return-value.ts";
import { ioctlsOf } from "../../kernel/ioctl-request.ts";
import { SKIPPED } from "../canonical/canonical.ts";
import { constantOf } from "../canonical/intervals.ts";
import { branchNode } from "../diagram/combine.ts";
import { equals } from "../diagram/condition.ts";
import { NO } from "../diagram/diagram.ts";
import { findInput } from "../diagram/witness.ts";
import { argumentWord } from "../diagram/words.ts";
import { letsThrough } from "../policy/evaluate.ts";
import {
  type Check,
  canPass,
  type Finding,
  namesText,
  nativeAbis,
  nodeAt,
  nodeOf,
  passes,
  type Subject,
} from "./check.ts";

/** Calls that open more of the kernel than services need; `code` of the finding, `what` they are. */
const RISKY: readonly (Pick<Finding, "code" | "severity" | "calls"> & { readonly what: string })[] = [
  {
    code: "allows-kernel-code",
    severity: "high",
    calls: ["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"],
    what: "a way to load code into the kernel",
  },
  {
    code: "allows-kernel-tools",
    severity: "high",
    calls: ["bpf", "perf_event_open", "userfaultfd"],
    what: "among the kernel's most attacked parts",
  },
  {
    code: "io-uring",
    severity: "medium",
    calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],
    what: "a way to operations that no filter sees",
  },
  {
    code: "allows-other-processes",
    severity: "medium",
    calls: ["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"],
    what: "a way into other processes",
  },
  {
    code: "allows-mounts",
    severity: "medium",
    calls: [
      "mount",
      "umount2",
      "pivot_root",
      "open_tree",
      "move_mount",
      "fsopen",
      "fsmount",
      "fsconfig",
      "mount_setattr",
    ],
    what: "a way to change mounts",
  },
  {
    code: "allows-namespaces",
    severity: "medium",
    calls: ["unshare", "setns"],
    what: "a way into namespaces, where more of the kernel is within reach",
  },
  {
    code: "allows-keyrings",
    severity: "medium",
    calls: ["add_key", "request_key", "keyctl"],
    what: "a way to the kernel's key rings",
  },
  {
    code: "allows-file-handles",
    severity: "medium",
    calls: ["open_by_handle_at"],
    what: "a way to open files past directories",
  },
  {
    code: "allows-whole-machine",
    severity: "medium",
    calls: ["reboot", "swapon", "swapoff", "acct", "syslog", "iopl", "ioperm", "settimeofday", "clock_settime"],
    what: "a way to change the whole machine",
  },
];

/** A filter that lets everything through, which is no filter at all. */
function everything({ diagrams, root }: Subject): readonly Finding[] {
  const action = constantOf(diagrams, root);
  if (action === undefined || !letsThrough(action)) {
    return [];
  }
  return [{ code: "allows-all", severity: "high", calls: [], message: "every call of every architecture passes" }];
}

function risky(subject: Subject): readonly Finding[] {
  return nativeAbis(subject).flatMap((abi) =>
    RISKY.flatMap(({ code, severity, calls: names, what }): readonly Finding[] => {
      const calls = names.filter((name) => canPass(subject, nodeOf(subject, abi, name)));
      if (calls.length === 0) {
        return [];
      }
      return [
        {
          code,
          severity,
          abi,
          calls,
          message: `${namesText(calls)} ${calls.length === 1 ? "passes" : "pass"}: ${what}`,
        },
      ];
    }),
  );
}

/** Requests that write into the terminal of whoever started the program: ioctl_tty(2), ioctl_console(2). */
const TYPES_INTO_TERMINAL = ["TIOCSTI", "TIOCLINUX"] as const;

function terminal(subject: Subject): readonly Finding[] {
  const { diagrams } = subject;
  return nativeAbis(subject).flatMap((abi) => {
    const node = nodeOf(subject, abi, "ioctl");
    if (node === undefined) {
      return [];
    }
    return TYPES_INTO_TERMINAL.flatMap((name): readonly Finding[] => {
      const under = branchNode(diagrams, equals(diagrams, argumentWord(1) + 1, ioctlsOf(abi)[name]), node, NO);
      if (findInput(diagrams, under, passes) === undefined) {
        return [];
      }
      const message = `ioctl with ${name} passes: it types into the terminal of whoever started the program`;
      return [{ code: name.toLowerCase(), severity: "medium", abi, calls: ["ioctl"], message }];
    });
  });
}

/** A tracer skips a call by setting its number to -1, which the filter then sees. */
function skipped(subject: Subject): readonly Finding[] {
  return nativeAbis(subject).flatMap((abi): readonly Finding[] => {
    const action = constantOf(subject.diagrams, nodeAt(subject, abi, SKIPPED));
    if (action?.kind !== "kill-process" && action?.kind !== "kill-thread" && action?.kind !== "trap") {
      return [];
    }
    const message = "number -1, with which a tracer skips a call, does not survive the filter";
    return [{ code: "skipped-call", severity: "low", abi, calls: [], message }];
  });
}

/** KILL_THREAD where KILL_PROCESS was meant. */
function threads(subject: Subject): readonly Finding[] {
  const killed = findInput(
    subject.diagrams,
    subject.root,
    (leaf) => leaf.kind === "return" && leaf.value === RETURN_ACTIONS.KILL_THREAD,
  );
  if (killed === undefined) {
    return [];
  }
  const message = "KILL_THREAD kills one thread and leaves the others, which may wait for it forever";
  return [{ code: "kill-thread", severity: "low", calls: [], message }];
}

/** All of these checks. */
export const RISKS: readonly Check[] = [everything, risky, terminal, skipped, threads];
