/**
 * What the prefix of an Exec line leaves of its walls. `+` takes away what concerns the process alone; what concerns the control
 * group stays, and so do network and IPC namespaces, the mounts of `evenPrivileged` directives, the umask, the keyring and the
 * scheduling class. `!` takes away the identity alone. `!!` does something only where the kernel has no ambient capabilities,
 * and `-`, `:`, `@`, `|` change no wall.
 * Facts: systemd.service(5) "Executable path"; the conditions in systemd 257's exec-invoke.c.
 */
import type { Wall } from "../sandbox/wall.ts";
import type { ExecCommand } from "../unit/exec.ts";
import type { AnyDirective } from "./directive.ts";

/** How a command is started, as its prefix says. */
export type Privilege = ExecCommand["privilege"];

/** The prefixes that bear on walls. */
export const PREFIXES = { "+": "full", "!": "no-identity", "!!": "ambient" } as const;

const KEPT: ReadonlySet<Wall["kind"]> = new Set([
  "devices",
  "addresses",
  "ports",
  "umask",
  "keyring",
  "scheduling",
  "remove-ipc",
]);

/** Namespaces in which the unit's commands meet, whatever their prefix. */
const SHARED = ["net", "ipc", "mnt"];

/** Whether a command with this prefix starts as root, whatever User= says. */
export function startsAsRoot(privilege: Privilege | undefined): boolean {
  return privilege === "full" || privilege === "no-identity";
}

/** Whether a wall that a directive builds stands around a command with this prefix. */
export function standsAround(
  privilege: Privilege | undefined,
  { wall, directive }: { readonly wall: Wall; readonly directive: AnyDirective },
): boolean {
  if (startsAsRoot(privilege) && wall.kind === "identity") {
    return false;
  }
  if (privilege !== "full" || KEPT.has(wall.kind)) {
    return true;
  }
  if (wall.kind === "namespace") {
    return SHARED.includes(wall.namespace);
  }
  return wall.kind === "unmodelled"
    ? directive.group !== "labels"
    : wall.kind === "mount" && directive.evenPrivileged === true;
}
