/**
 * Judges what an action does to another process. Facts: ptrace(2) "Ptrace access mode checking", kill(2), prlimit(2),
 * pid_namespaces(7), user_namespaces(7), hidepid= in proc(5); cap_ptrace_access_check and cap_capable in the kernel's
 * security/commoncap.c, yama_ptrace_access_check in security/yama/yama_lsm.c, check_prlimit_permission in kernel/sys.c; measured on
 * Linux 6.18.
 */
import type { Need, ProcessFacts, ProcessOperation } from "../action/action.ts";
import { CAPABILITIES, type Capability } from "../kernel/capability.ts";
import { type Answer, GRANTED, refused, unclear } from "./answer.ts";
import { type Credentials, credentialsOf, isCapable } from "./credentials.ts";
import type { Surroundings } from "./surroundings.ts";
import type { ProcHiding, Wall } from "./wall.ts";

/** Judges what is done to another process. */
export function judgeProcess(
  walls: readonly Wall[],
  { operation, target }: Pick<Extract<Need, { readonly kind: "process" }>, "operation" | "target">,
  surroundings: Surroundings,
): Answer {
  if (target.relation === "self") {
    return GRANTED;
  }
  const foreign = target.relation !== "unit";
  if (foreign && walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid")) {
    return refused("ESRCH");
  }
  const credentials = credentialsOf(walls);
  if (!mayDo(credentials, operation, target)) {
    return refused("EPERM");
  }
  return operation === "trace" ? judgeYama(credentials, target, surroundings) : GRANTED;
}

/**
 * Whether a process holds a capability over another one. Whoever made a user namespace has all of them over those in it, unless it is
 * in another user namespace than the machine's itself: one's uid is enough.
 */
function isCapableOver(credentials: Credentials, capability: Capability, target: ProcessFacts): boolean {
  if (target.relation === "unit") {
    return isCapable(credentials, capability, "own");
  }
  const made = credentials.map === undefined && target.userNamespace?.owner === credentials.uid;
  return made || isCapable(credentials, capability, "init");
}

function mayDo(credentials: Credentials, operation: ProcessOperation, target: ProcessFacts): boolean {
  switch (operation) {
    case "name":
      return true;
    case "signal":
      return credentials.uid === target.uid || isCapableOver(credentials, "CAP_KILL", target);
    case "trace":
    case "enter":
      return mayTrace(credentials, target);
    case "inspect":
      return mayTrace(credentials, target) || mayMeasure(credentials);
    case "limit":
      return isSame(credentials, target) || isCapableOver(credentials, "CAP_SYS_RESOURCE", target);
  }
}

function isSame({ uid, gid }: Credentials, target: ProcessFacts): boolean {
  return uid === target.uid && gid === target.gid;
}

/**
 * Since Linux 6.13 whoever may use perf system-wide may also read every process's memory, /proc/PID/environ included.
 */
function mayMeasure(credentials: Credentials): boolean {
  return isCapable(credentials, "CAP_PERFMON", "init") || isCapable(credentials, "CAP_SYS_ADMIN", "init");
}

/** Whether the kernel's ptrace access check passes: the same ids, the same user namespace, and no capability that one lacks. */
function mayTrace(credentials: Credentials, target: ProcessFacts): boolean {
  if (isCapableOver(credentials, "CAP_SYS_PTRACE", target)) {
    return true;
  }
  const apart = target.relation !== "unit" && (credentials.map !== undefined || target.userNamespace !== undefined);
  if (!isSame(credentials, target) || apart) {
    return false;
  }
  const held = target.capabilities ?? (target.uid === 0 ? CAPABILITIES : []);
  return held.every((capability) => credentials.capabilities.has(capability));
}

/** From this value of kernel.yama.ptrace_scope on nobody may attach to a process. */
const NO_ATTACH = 3;

/** What the Yama module adds: from 1 on, only ancestors may trace without CAP_SYS_PTRACE. */
function judgeYama(credentials: Credentials, target: ProcessFacts, { ptraceScope }: Surroundings): Answer {
  if (ptraceScope === undefined || ptraceScope === 0) {
    return GRANTED;
  }
  if (ptraceScope >= NO_ATTACH) {
    return refused("EPERM");
  }
  if (isCapableOver(credentials, "CAP_SYS_PTRACE", target)) {
    return GRANTED;
  }
  return target.relation === "unit" && ptraceScope === 1
    ? unclear("whether it is a descendant of whoever traces it is not known")
    : refused("EPERM");
}

/** Whether a procfs with this hidepid= shows a process's directory; group root sees it unless it is `ptraceable`. */
export function isShown(credentials: Credentials, hide: ProcHiding, target: ProcessFacts): boolean {
  if (hide === "default") {
    return true;
  }
  const rooted = credentials.gid === 0 || credentials.groups.has(0);
  return (rooted && hide !== "ptraceable") || mayTrace(credentials, target);
}
