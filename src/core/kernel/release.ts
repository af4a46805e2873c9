/** Releases of Linux as `uname -r` writes them, "6.12.41+deb13-amd64", beside the versions in which something came. */
import { olderKernel } from "./syscalls/since.ts";

/** Whether a release is older than a version, "5.6"; undefined where it says none. */
export function isOlder(release: string, version: string): boolean | undefined {
  const [own] = /^\d+\.\d+/.exec(release) ?? [];
  return own === undefined ? undefined : olderKernel(own, version);
}
