/**
 * Judges the remaining needs: capabilities, namespaces, executable memory, IPC objects, scheduling, keyrings, privilege
 * by execution. Facts: capabilities(7), namespaces(7), PR_SET_MDWE in prctl(2), sysvipc(7), mq_overview(7),
 * sched(7), keyrings(7), session-keyring(7), PR_SET_NO_NEW_PRIVS in prctl(2).
 */
import type { Need } from "../action/action.ts";
import { type Answer, GRANTED, refused, together, unclear } from "./answer.ts";
import { type Credentials, credentialsOf, isCapable, isMapped } from "./credentials.ts";
import type { Wall } from "./wall.ts";

type NeedOf<K extends Need["kind"]> = Extract<Need, { readonly kind: K }>;

/** A capability in the user namespace that owns something. */
export function judgeCapability(walls: readonly Wall[], need: NeedOf<"capability">): Answer {
  const credentials = credentialsOf(walls);
  const enough = [need.capability, ...(need.or ?? [])];
  return enough.some((capability) => isCapable(credentials, capability, need.over)) ? GRANTED : refused("EPERM");
}

/** Becoming another user or group: the id must be mapped in the process's user namespace, and the change permitted. */
export function judgeBecome(walls: readonly Wall[], need: NeedOf<"become">): Answer {
  const credentials = credentialsOf(walls);
  return together(
    judgeId(credentials, need.uid, credentials.uid, "CAP_SETUID"),
    judgeId(credentials, need.gid, credentials.gid, "CAP_SETGID"),
  );
}

function judgeId(
  credentials: Credentials,
  id: number | undefined,
  own: number,
  capability: "CAP_SETUID" | "CAP_SETGID",
): Answer {
  if (id === undefined || id === own) {
    return GRANTED;
  }
  if (!isMapped(credentials, id, own)) {
    return refused("EINVAL");
  }
  return isCapable(credentials, capability, "own") ? GRANTED : refused("EPERM");
}

/** New namespaces: anyone may make a user namespace, which brings the right to make the others. */
export function judgeNamespace(walls: readonly Wall[], need: NeedOf<"namespace">): Answer {
  const credentials = credentialsOf(walls);
  if (need.namespaces.length === 0) {
    return GRANTED;
  }
  if (need.namespaces.includes("user")) {
    const named =
      isMapped(credentials, credentials.uid, credentials.uid) &&
      isMapped(credentials, credentials.gid, credentials.gid);
    return named ? GRANTED : refused("EPERM");
  }
  return isCapable(credentials, "CAP_SYS_ADMIN", "own") ? GRANTED : refused("EPERM");
}

/** PR_SET_MDWE: no mapping both writable and executable, and none that becomes executable later. */
export function judgeMemory(walls: readonly Wall[], need: NeedOf<"memory">): Answer {
  if (!need.executable || !walls.some((wall) => wall.kind === "write-xor-execute")) {
    return GRANTED;
  }
  const becomes = need.operation === "protect" && need.already !== true;
  return need.writable || becomes ? refused("EACCES") : GRANTED;
}

/** An object of the IPC namespace, readable by its mode or with CAP_IPC_OWNER. */
export function judgeIpc(walls: readonly Wall[], need: NeedOf<"ipc">): Answer {
  if (walls.some((wall) => wall.kind === "namespace" && wall.namespace === "ipc")) {
    return refused("ENOENT");
  }
  const credentials = credentialsOf(walls);
  const bits = credentials.uid === need.uid ? need.mode >> 6 : need.mode;
  if ((bits & 0o4) !== 0) {
    return GRANTED;
  }
  const override = need.object === "sysv" ? "CAP_IPC_OWNER" : "CAP_DAC_OVERRIDE";
  return isCapable(credentials, override, "ipc") ? GRANTED : refused("EACCES");
}

/**
 * A real-time class: services have RLIMIT_RTPRIO 0, so only CAP_SYS_NICE helps, whether or not a wall repeats that 0;
 * unless the unit raises it, or starts the service in that class. How the two are compared:
 * user_check_sched_setscheduler in the kernel's kernel/sched/syscalls.c.
 */
export function judgeRealTime(walls: readonly Wall[], need: NeedOf<"real-time">): Answer {
  if (isCapable(credentialsOf(walls), "CAP_SYS_NICE", "init")) {
    return GRANTED;
  }
  const limit = walls.findLast((wall) => wall.kind === "limit")?.soft ?? 0;
  const own = walls.find((wall) => wall.kind === "scheduling");
  if ((limit === 0 && own === undefined) || need.policy === "SCHED_DEADLINE") {
    return refused("EPERM");
  }
  if (need.policy === undefined || need.priority === undefined) {
    return unclear("for which real-time class and priority it asks is not known");
  }
  const entered = own?.policy === need.policy && !own.resetsOnFork;
  if (limit === 0 && !entered) {
    return refused("EPERM");
  }
  return judgePriority(need.priority, limit, own);
}

function judgePriority(
  priority: number,
  limit: number,
  own: Extract<Wall, { readonly kind: "scheduling" }> | undefined,
): Answer {
  if (own === undefined) {
    return priority <= limit ? GRANTED : refused("EPERM");
  }
  if (own.resetsOnFork) {
    return unclear("whether it is a child of the process that was started in a real-time class is not known");
  }
  const known = priority <= Math.max(limit, LEAST_PRIORITY);
  return known ? GRANTED : unclear("the priority with which the service starts is not known");
}

/** Of a process in a real-time class. */
const LEAST_PRIORITY = 1;

/** Memory that counts against a limit, which no process with CAP_IPC_LOCK is held to; a process starts with its soft limit. */
export function judgeLockedMemory(walls: readonly Wall[], need: NeedOf<"locked-memory">): Answer {
  const limit = walls.find((wall) => wall.kind === "locked-memory");
  if (limit === undefined || need.bytes <= limit.soft || isCapable(credentialsOf(walls), "CAP_IPC_LOCK", "init")) {
    return GRANTED;
  }
  return refused("ENOMEM");
}

/**
 * Privilege through a set-user-ID file: refused by no_new_privs, which implies nosuid mounts, and where the file's
 * owner is not mapped in the process's user namespace.
 */
export function judgeGain(walls: readonly Wall[], need: NeedOf<"gain">): Answer {
  if (walls.some((wall) => wall.kind === "no-new-privileges")) {
    return refused("EPERM");
  }
  const credentials = credentialsOf(walls);
  return isMapped(credentials, need.uid ?? 0, credentials.uid) ? GRANTED : refused("EPERM");
}

/** A key of the manager's or user's keyring: a private session keyring links to neither, a shared one to the user's. */
export function judgeKeyring(walls: readonly Wall[], need: NeedOf<"keyring">): Answer {
  const foreign = walls.some(
    (wall) =>
      wall.kind === "keyring" && (wall.mode === "private" || (wall.mode === "shared" && need.keyring === "session")),
  );
  return foreign ? refused("EACCES") : GRANTED;
}
