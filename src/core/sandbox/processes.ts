/**
 * Judges what an action does to another process. Facts: ptrace(2) "Ptrace access mode checking", kill(2),
 * pid_namespaces(7), hidepid= in proc(5); measured on Linux 6.18. The Yama module's ptrace_scope is not modelled.
 */
import type { Need, ProcessFacts } from "../action/action.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { type Answer, GRANTED, refused } from "./answer.ts";
import { type Credentials, credentialsOf, isCapable } from "./credentials.ts";
import type { ProcHiding, Wall } from "./wall.ts";

/** Judges a signal to another process, a trace of it or a look inside it. */
export function judgeProcess(walls: readonly Wall[], need: Extract<Need, { readonly kind: "process" }>): Answer {
  const { operation, target } = need;
  if (target.relation === "self") {
    return GRANTED;
  }
  const foreign = target.relation !== "unit";
  if (foreign && walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid")) {
    return refused("ESRCH");
  }
  return mayDo(credentialsOf(walls), operation, target) ? GRANTED : refused("EPERM");
}

/** The user namespace in which a capability counts over a process: the unit's own for processes of the unit. */
function over(target: ProcessFacts): "own" | "init" {
  return target.relation === "unit" ? "own" : "init";
}

function mayDo(credentials: Credentials, operation: "signal" | "trace" | "inspect", target: ProcessFacts): boolean {
  switch (operation) {
    case "signal":
      return credentials.uid === target.uid || isCapable(credentials, "CAP_KILL", over(target));
    case "trace":
      return mayTrace(credentials, target);
    case "inspect":
      return mayTrace(credentials, target) || mayMeasure(credentials);
  }
}

/**
 * Since Linux 6.13 whoever may use perf system-wide may also read every process's memory, /proc/PID/environ included.
 */
function mayMeasure(credentials: Credentials): boolean {
  return isCapable(credentials, "CAP_PERFMON", "init") || isCapable(credentials, "CAP_SYS_ADMIN", "init");
}

/** Whether the kernel's ptrace access check passes. */
function mayTrace(credentials: Credentials, target: ProcessFacts): boolean {
  if (isCapable(credentials, "CAP_SYS_PTRACE", over(target))) {
    return true;
  }
  if (credentials.uid !== target.uid || credentials.gid !== target.gid) {
    return false;
  }
  if (target.relation !== "unit" && credentials.map !== undefined) {
    return false;
  }
  const held = target.capabilities ?? (target.uid === 0 ? CAPABILITIES : []);
  return held.every((capability) => credentials.capabilities.has(capability));
}

/** Whether a procfs with this hidepid= shows a process's directory; group root sees it unless it is `ptraceable`. */
export function isShown(credentials: Credentials, hide: ProcHiding, target: ProcessFacts): boolean {
  if (hide === "default") {
    return true;
  }
  const rooted = credentials.gid === 0 || credentials.groups.has(0);
  return (rooted && hide !== "ptraceable") || mayTrace(credentials, target);
}
