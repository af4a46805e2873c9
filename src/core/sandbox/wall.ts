/**
 * A sandbox as plain data: the list of its walls, each with what built it. Knows no directive.
 * What each wall does in the kernel: namespaces(7), capabilities(7), mount_namespaces(7), seccomp(2), cgroups(7).
 */
import type { Need, RealTimePolicy } from "../action/action.ts";
import type { Capability } from "../kernel/capability.ts";
import type { NamespaceKind } from "../kernel/namespace.ts";
import type { Policy } from "../seccomp/policy/policy.ts";
import type { WallOrigin } from "./origin.ts";

/** What a procfs shows of other users' processes, loosest first, in ProtectProc='s words for hidepid=. */
export const PROC_HIDING = ["default", "noaccess", "invisible", "ptraceable"] as const;

/** One of these words. */
export type ProcHiding = (typeof PROC_HIDING)[number];

/** How a mount wall changes what is seen at a path and below. */
export type MountMode =
  | { readonly kind: "read-only" }
  /** An exception in a read-only surrounding; never lifts what the host itself mounted read-only. */
  | { readonly kind: "read-write" }
  /** Left alone below a changed path; `firm`: even where this very path is set to read-only or noexec. */
  | { readonly kind: "keep"; readonly firm?: true }
  | { readonly kind: "inaccessible" }
  | { readonly kind: "no-exec" }
  | { readonly kind: "exec" }
  /**
   * An empty file system hides what was there; `everyones`: its top has mode 1777, as a tmpfs has without options; `made`: the mode
   * of the directories in it that lead to further mounts, where that is not 0755.
   */
  | {
      readonly kind: "empty";
      readonly readOnly: boolean;
      readonly noExec?: boolean;
      readonly everyones?: true;
      readonly made?: number;
    }
  /** Another place of the host appears here. */
  | { readonly kind: "bind"; readonly source: string; readonly readOnly: boolean }
  /** Something that the model does not look into, such as an image. */
  | { readonly kind: "unseen" }
  /** A fresh writable directory of the unit's own, as PrivateTmp= makes; `shared`: units that join it may keep files there. */
  | { readonly kind: "private"; readonly shared?: true }
  /** A /dev with only the harmless pseudo-devices. */
  | { readonly kind: "devices" }
  /** A fresh procfs; `pidOnly` is ProcSubset=pid. */
  | { readonly kind: "proc"; readonly hide: ProcHiding; readonly pidOnly: boolean }
  /** A fresh cgroup file system showing the service's own subtree. */
  | { readonly kind: "cgroup"; readonly readOnly: boolean }
  /** A fresh sysfs or mqueue of a new namespace, or a fresh BPF file system. */
  | { readonly kind: "fresh"; readonly filesystem: "sysfs" | "mqueue" | "bpf" };

/** One device rule of a cgroup: `*` for any number. */
export interface DeviceRule {
  readonly type: "char" | "block";
  readonly major: number | "*";
  readonly minor: number | "*";
  readonly access: string;
}

/** One isolation. `by` is what built it. */
export type Wall =
  | {
      readonly kind: "identity";
      readonly by: WallOrigin;
      readonly uid: number;
      readonly gid: number;
      readonly groups: readonly number[];
      /** A transient user that owns no file of the host (DynamicUser=). */
      readonly transient?: boolean;
    }
  /** Only these capabilities can ever be held. Several walls: their intersection. */
  | { readonly kind: "bounding"; readonly by: WallOrigin; readonly keep: readonly Capability[] }
  /** Not a wall but a door: capabilities that a non-root user keeps over execve. */
  | { readonly kind: "ambient"; readonly by: WallOrigin; readonly capabilities: readonly Capability[] }
  | { readonly kind: "no-new-privileges"; readonly by: WallOrigin }
  /** The securebits flags in systemd's words: `noroot` is a wall, `no-setuid-fixup` a door. */
  | { readonly kind: "secure-bits"; readonly by: WallOrigin; readonly bits: readonly string[] }
  | { readonly kind: "filter"; readonly by: WallOrigin; readonly policy: Policy }
  /** No memory both writable and executable, ever (PR_SET_MDWE). */
  | { readonly kind: "write-xor-execute"; readonly by: WallOrigin }
  | {
      readonly kind: "mount";
      readonly by: WallOrigin;
      readonly path: string;
      readonly mode: MountMode;
      /** A missing path is no error. */
      readonly optional: boolean;
    }
  | {
      readonly kind: "namespace";
      readonly by: WallOrigin;
      readonly namespace: NamespaceKind;
      /** Of a user namespace: `self` maps root and the service's own ids, `identity` 0 to 65535, absent: all ids. */
      readonly map?: "self" | "identity";
      /**
       * Who may administer it: the initial user namespace (systemd makes the user namespace after all others; the
       * default), or the sandbox's own one.
       */
      readonly owner?: "init" | "own";
    }
  /** The cgroup's device allow list. Several: all must allow. */
  | { readonly kind: "devices"; readonly by: WallOrigin; readonly allow: readonly DeviceRule[] }
  /**
   * Prefixes as `10.0.0.0/8`, `::/0`. Several walls are one pair of lists. Longest match does not decide: an allowed
   * prefix wins over a denied one, what is in no list is allowed.
   */
  | {
      readonly kind: "addresses";
      readonly by: WallOrigin;
      readonly deny: readonly string[];
      readonly allow: readonly string[];
    }
  /** `[ipv4:|ipv6:][tcp:|udp:]PORT[-PORT]` or `any` instead of the port; lists as for addresses. */
  | {
      readonly kind: "ports";
      readonly by: WallOrigin;
      readonly deny: readonly string[];
      readonly allow: readonly string[];
    }
  | { readonly kind: "real-time"; readonly by: WallOrigin }
  /** A limit of the process. Of real-time priorities it is a door: absent, it is 0. */
  | {
      readonly kind: "limit";
      readonly by: WallOrigin;
      readonly name: "RTPRIO";
      readonly soft: number;
      readonly hard: number;
    }
  /** How many bytes a process may lock into memory; up to the hard limit it may raise that. */
  | { readonly kind: "locked-memory"; readonly by: WallOrigin; readonly soft: number; readonly hard: number }
  /** Not a wall but a door: the process is in a real-time class from its start, with a priority of at least 1. */
  | {
      readonly kind: "scheduling";
      readonly by: WallOrigin;
      readonly policy: RealTimePolicy;
      /** Its children are not, and it may not take that back. */
      readonly resetsOnFork: boolean;
    }
  | { readonly kind: "umask"; readonly by: WallOrigin; readonly mask: number }
  | { readonly kind: "keyring"; readonly by: WallOrigin; readonly mode: "inherit" | "private" | "shared" }
  | { readonly kind: "remove-ipc"; readonly by: WallOrigin }
  /**
   * Not a wall: with these settings the manager fails before it executes anything, with this exit status (systemd.exec(5), "Process
   * Exit Codes").
   */
  | { readonly kind: "unstartable"; readonly by: WallOrigin; readonly status: number; readonly reason: string }
  /**
   * Something that changes the sandbox in a way that the model cannot reckon, such as a program of the machine's own that
   * filters packets: what it is about is undecided, unless another wall refuses it anyway.
   */
  | {
      readonly kind: "unmodelled";
      readonly by: WallOrigin;
      readonly about: readonly Concern[] | "everything";
      /** Whether it might also open what other walls close. */
      readonly opens: boolean;
    };

/**
 * What a wall can be about: the call as a filter sees it, a path that is a device, packets (all that is done with internet addresses
 * but binding to one), or one kind of need.
 */
export type Concern = "call" | "device" | "packet" | Need["kind"];

/** All walls of a process, in the order in which they are built. An empty list: root on the bare host. */
export interface Sandbox {
  readonly walls: readonly Wall[];
}

/** What the model says of an action. `by` is what built the walls that refuse, each sufficient. */
export type Verdict =
  | { readonly kind: "allowed" }
  | {
      readonly kind: "denied";
      readonly by: readonly WallOrigin[];
      readonly as: { readonly errno: string } | { readonly signal: string };
    }
  | { readonly kind: "unknown"; readonly reason: string };
