/**
 * What is around a sandbox: facts of the machine and of the process's past that no wall tells. Whoever judges hands in what
 * is known; what is not known makes an answer unclear where it decides.
 */
import type { FileFacts } from "../action/action.ts";

/** The machine around a sandbox, as far as it is known. */
export interface Surroundings {
  /** Whether the process (or its service) itself made what is at a path, or the abstract socket `@name`. */
  readonly made?: (path: string) => boolean;
  /**
   * What the machine has at an absolute path without symlinks, seen without any wall; `absent` if nothing is there,
   * undefined if nobody looked.
   */
  readonly file?: (path: string) => FileFacts | "absent" | undefined;
  /**
   * Whether what the machine has at a path, other than a directory, was replaced or removed since the sandbox was built; absent:
   * nothing was.
   */
  readonly replaced?: (path: string) => boolean;
}

/** Whether the process made what is at a path; nothing is known to have been made where nobody says so. */
export function isMade(surroundings: Surroundings, path: string): boolean {
  return surroundings.made?.(path) ?? false;
}
