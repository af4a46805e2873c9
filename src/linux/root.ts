/** Cloison's engines need root; this says so before anything else fails. */
import { SystemError } from "./system-error.ts";

/** Throws a SystemError unless this process is root. */
export function assertRoot(operation: string, uid: number | undefined = process.getuid?.()): void {
  if (uid !== 0) {
    const help = "run it with sudo: it boots a private systemd and traces it";
    throw new SystemError(operation, { reason: "root is needed", code: "EPERM", help });
  }
}
