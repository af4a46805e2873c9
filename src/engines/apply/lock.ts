/**
 * One at a time: whoever changes a unit holds its lock. The lock is the kernel's, on an open file, so it ends with its holder,
 * however that ends. Facts: flock(2), flock(1).
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SystemError } from "../../linux/system-error.ts";
import { ownDirectory } from "./durable.ts";
import { type Places, TRIALS } from "./places.ts";

/** Does something while holding the lock of a unit. Throws a SystemError at once if somebody else holds it. */
export async function locked<T>(places: Places, work: () => Promise<T>): Promise<T> {
  await ownDirectory(TRIALS, 0o700);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(places.lock, flags, 0o600).catch((cause: unknown) => {
    throw new SystemError("open", { path: places.lock, cause, help: "see who made it, and move it away" });
  });
  try {
    if (!(await take(places, file.fd))) {
      const reason = "another cloison apply is working on it";
      throw new SystemError("apply", { path: places.unit, reason, help: "wait until it has ended" });
    }
    return await work();
  } finally {
    await file.close();
  }
}

/** How flock(1) ends where somebody else has the lock. */
const HELD_BY_ANOTHER = 1;

/** flock(1) locks the open file that it inherits, which is also ours: the lock stays when it ends. */
function take(places: Places, descriptor: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["--exclusive", "--nonblock", "3"], {
      stdio: ["ignore", "ignore", "ignore", descriptor],
    });
    child.once("error", (cause) =>
      reject(new SystemError("run", { path: "flock", cause, help: "install util-linux" })),
    );
    child.once("close", (status) => {
      if (status === 0 || status === HELD_BY_ANOTHER) {
        resolve(status === 0);
      } else {
        const help = "see whether the file system of /run takes locks";
        reject(new SystemError("lock", { path: places.lock, reason: `flock ended with status ${status}`, help }));
      }
    });
  });
}
