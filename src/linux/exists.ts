/** Whether something is at a path. */
import { access } from "node:fs/promises";

/** Links are followed: a dangling one does not exist. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
