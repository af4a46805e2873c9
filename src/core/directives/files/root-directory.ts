/**
 * RootDirectory=. Facts: systemd.exec(5), chroot(2); without a mount namespace it is a chroot: systemd's execute.c. Read and
 * judged; never proposed: such a root must be made first.
 */
import { setting } from "../../sandbox/origin.ts";
import { apiOfAnotherRoot } from "../_another-root.ts";
import { mountWall } from "../_mount.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never } from "../directive.ts";
import { mountApiVfs, NO_SINCE } from "./mount-api-vfs.ts";

/** A directory of the machine is all that the service sees. */
export const rootDirectory: Directive<string> = placeDirective({
  name: "RootDirectory",
  since: 1,
  group: "files",
  evenPrivileged: true,
  fatal: true,
  summary: "Makes a directory of the machine the service's root: it sees nothing else.",
  breaks: "Whatever the directory lacks: libraries, certificates, /etc/resolv.conf, the users of /etc/passwd.",
  implies: (value, { systemd }) =>
    value === "" || value === "/" ? [] : ["MountAPIVFS=yes", ...(systemd >= 257 ? ["BindLogSockets=yes"] : [])],
  weight: 200,
  requires: [],
  ineffective: [
    "Paths of ReadOnlyPaths= and its kin mean the machine's unless they begin with +.",
    "With MountAPIVFS=no and no other mount it is a chroot, which root with CAP_SYS_CHROOT leaves.",
    "What BindPaths= shows in it is the machine's.",
  ],
  samples: ["/srv"],
  walls: (value, facts) => {
    if (value === "" || value === "/") {
      return [];
    }
    const by = setting("RootDirectory", value);
    const own = mountWall(by, "/", { kind: "bind", source: value, readOnly: false });
    if (facts.valueOf(mountApiVfs) !== "no" || facts.systemd < NO_SINCE) {
      return [own, ...apiOfAnotherRoot(by, facts)];
    }
    // A chroot makes no mount namespace, which a mount wall would.
    return facts.mountNamespace ? [own] : [{ kind: "unmodelled", by, about: ["path"], opens: true }];
  },
  ladder: never("Another root has to be built first, and to be kept up to date beside the system."),
});
