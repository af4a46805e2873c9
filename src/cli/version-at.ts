/** Which systemd reads the units of this machine, or of the system below another root. */
import { SystemError } from "../linux/system-error.ts";
import { systemdVersion, systemdVersionBelow } from "../linux/systemd-version.ts";

/** Its version, where nobody named one; `""`: this machine. Throws a SystemError where there is none. */
export async function versionAt(root: string): Promise<number> {
  const help = "say which one will read it: --target-version 257";
  if (root !== "") {
    const found = systemdVersionBelow(root);
    if (found === undefined) {
      throw new SystemError("learn the version of systemd", { reason: `${root} has none`, help });
    }
    return found;
  }
  const here = await systemdVersion().catch((cause: unknown) => {
    throw new SystemError("learn the version of systemd", { cause, help });
  });
  return here.version;
}
