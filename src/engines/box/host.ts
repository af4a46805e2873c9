/** What the machine offers to a box, checked before anything is made: root, cgroup2, namespaces, tools, room on the disk. */
import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../linux/exists.ts";
import { visibleMounts } from "../../linux/mountinfo.ts";
import { mountsOf } from "../../linux/proc.ts";
import { SystemError } from "../../linux/system-error.ts";

/** Facts about the host that decide how a box is built. */
export interface BootHost {
  /** Where cgroup2 is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1. */
  readonly cgroupMount: string;
  /** Where hierarchies of version 1 are mounted. */
  readonly oldHierarchies: readonly string[];
  /** PID 1 is systemd: the box gets a delegated scope from it. */
  readonly systemd: boolean;
  /** Boxes can keep their writes in an image file behind a loop device. */
  readonly loop: boolean;
}

const TOOLS: readonly (readonly [tool: string, debianPackage: string])[] = [
  ["unshare", "util-linux"],
  ["setpriv", "util-linux"],
  ["mount", "mount"],
  ["systemctl", "systemd"],
  ["/lib/systemd/systemd", "systemd"],
];
const NAMESPACES = ["mnt", "pid", "cgroup", "uts", "ipc", "net"];
const MINIMUM_BYTES = 256 * 2 ** 20;
const PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Looks at the host, or throws a SystemError that names what is missing and the way out. */
export async function inspectHost(): Promise<BootHost> {
  if (process.getuid?.() !== 0) {
    throw new SystemError("boot a box", {
      code: "EPERM",
      reason: "only root can create namespaces",
      help: "run it with sudo",
    });
  }
  for (const [tool, debianPackage] of TOOLS) {
    if (!(await findTool(tool))) {
      throw new SystemError("boot a box", {
        path: tool,
        code: "ENOENT",
        reason: "not found",
        help: `apt install ${debianPackage}`,
      });
    }
  }
  for (const name of NAMESPACES) {
    if (!(await exists(`/proc/self/ns/${name}`))) {
      throw new SystemError("boot a box", { code: "ENOSYS", reason: `the kernel has no ${name} namespaces` });
    }
  }
  const mounts = visibleMounts(await mountsOf("self"));
  const mount = mounts.find((each) => each.type === "cgroup2");
  if (mount === undefined) {
    throw new SystemError("boot a box", {
      reason: "no cgroup2 mount",
      help: "mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
    });
  }
  return {
    cgroupMount: mount.target,
    oldHierarchies: mounts.filter((each) => each.type === "cgroup").map((each) => each.target),
    systemd: await exists("/run/systemd/system"),
    loop: (await exists("/dev/loop-control")) && (await findTool("mkfs.ext4")),
  };
}

/** Free bytes below `scratch` that root may use; a SystemError when that is too little for any service. */
export async function checkScratch(scratch: string): Promise<number> {
  const info = await statfs(scratch).catch((cause: unknown) => {
    throw new SystemError("use as scratch", { path: scratch, cause, help: "name an existing directory" });
  });
  const free = info.bavail * info.bsize;
  if (free >= MINIMUM_BYTES) {
    return free;
  }
  const reason = `${Math.floor(free / 2 ** 20)} MiB free, ${MINIMUM_BYTES / 2 ** 20} MiB needed`;
  throw new SystemError("use as scratch", {
    path: scratch,
    code: "ENOSPC",
    reason,
    help: "free some space or name another directory",
  });
}

/** Is the program on the usual path (or, with a slash, there)? */
export async function findTool(tool: string): Promise<boolean> {
  if (tool.startsWith("/")) {
    return exists(tool);
  }
  for (const directory of PATH) {
    if (await exists(join(directory, tool))) {
      return true;
    }
  }
  return false;
}

/** The machine's resolver settings with all links followed, or undefined: the file often links into /run. */
export async function resolverSettings(path = "/etc/resolv.conf"): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
