/** Whether something is at a path. */
import { access } from "node:fs/promises";

/** Links are followed: one that leads nowhere is not there. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
