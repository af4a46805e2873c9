/**
 * Judges what an action does to another process. Facts: ptrace(2) "Ptrace access mode checking", kill(2),
 * pid_namespaces(7), security/commoncap.c in the kernel. The Yama module's ptrace_scope is not modelled.
 */
import type { Need, ProcessFacts } from "../action/action.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { type Answer, GRANTED, refused } from "./answer.ts";
import { type Credentials, credentialsOf, isCapable } from "./credentials.ts";
import type { Wall } from "./wall.ts";

/** What the walls say of a signal, a trace or a look at another process's inside. */
export function judgeProcess(walls: readonly Wall[], need: Extract<Need, { readonly kind: "process" }>): Answer {
  const { operation, target } = need;
  if (target.relation === "self") return GRANTED;
  const foreign = target.relation !== "unit";
  if (foreign && walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid")) return refused("ESRCH");
  const credentials = credentialsOf(walls);
  const granted = operation === "signal" ? maySignal(credentials, target) : mayInspect(credentials, target);
  return granted ? GRANTED : refused("EPERM");
}

/** To whom a capability must be held to count over a process: of the unit, towards the unit's own user namespace. */
function over(target: ProcessFacts): "own" | "init" {
  return target.relation === "unit" ? "own" : "init";
}

function maySignal(credentials: Credentials, target: ProcessFacts): boolean {
  return credentials.uid === target.uid || isCapable(credentials, "CAP_KILL", over(target));
}

/** Whether the kernel's ptrace access check passes, for reading as for attaching. */
export function mayInspect(credentials: Credentials, target: ProcessFacts): boolean {
  if (isCapable(credentials, "CAP_SYS_PTRACE", over(target))) return true;
  if (credentials.uid !== target.uid || credentials.gid !== target.gid) return false;
  if (target.relation !== "unit" && credentials.map !== undefined) return false;
  const held = target.capabilities ?? (target.uid === 0 ? CAPABILITIES : []);
  return held.every((capability) => credentials.capabilities.has(capability));
}
