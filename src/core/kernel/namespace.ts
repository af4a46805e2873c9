/** The kinds of namespaces. Facts: namespaces(7), linux/sched.h. */
import { CLONE_FLAGS } from "./clone-flags.ts";

/** A kind of namespace, as its link in /proc/PID/ns is called. */
export type NamespaceKind = "mnt" | "net" | "ipc" | "uts" | "pid" | "user" | "cgroup" | "time";

/** Kind → the flag of clone, unshare and setns. */
export const NAMESPACE_FLAGS: Readonly<Record<NamespaceKind, number>> = {
  mnt: CLONE_FLAGS.CLONE_NEWNS,
  net: CLONE_FLAGS.CLONE_NEWNET,
  ipc: CLONE_FLAGS.CLONE_NEWIPC,
  uts: CLONE_FLAGS.CLONE_NEWUTS,
  pid: CLONE_FLAGS.CLONE_NEWPID,
  user: CLONE_FLAGS.CLONE_NEWUSER,
  cgroup: CLONE_FLAGS.CLONE_NEWCGROUP,
  time: CLONE_FLAGS.CLONE_NEWTIME,
};

/** All kinds. */
export const NAMESPACE_KINDS: readonly NamespaceKind[] = ["mnt", "net", "ipc", "uts", "pid", "user", "cgroup", "time"];

/** The kinds whose flags are set in the flags of unshare, setns or clone3. For clone(2), mask out the low byte first. */
export function namespacesOfFlags(flags: number): readonly NamespaceKind[] {
  return NAMESPACE_KINDS.filter((kind) => (flags & NAMESPACE_FLAGS[kind]) !== 0);
}

/** Whether a text names a kind. */
export function isNamespaceKind(name: string): name is NamespaceKind {
  return Object.hasOwn(NAMESPACE_FLAGS, name);
}
