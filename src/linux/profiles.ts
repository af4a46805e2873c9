/** The AppArmor profiles that the kernel has loaded. Facts: apparmor(7); the list is the kernel's own, `NAME (MODE)` a line. */
import { readFileSync } from "node:fs";

/** Whether a profile is loaded, by its name; undefined if the kernel has no list or does not show it. */
export function profileLookup(
  list = "/sys/kernel/security/apparmor/profiles",
): ((name: string) => boolean) | undefined {
  try {
    const lines = readFileSync(list, "utf8").split("\n");
    const names = new Set(lines.map((line) => line.replace(/ \(\w+\)$/, "")));
    return (name) => names.has(name);
  } catch {
    return undefined;
  }
}
