/**
 * The script that runs as PID 1 of a box's namespaces until it becomes systemd: it lays the overlay, makes fresh API file
 * systems, and pivots. Sources: systemd's CONTAINER_INTERFACE document, overlayfs.rst, mount(8); measured with systemd 257 on
 * Linux 6.18. Its output, one line each, is read by guard.ts: `note TEXT`, `error TEXT`, `leader PID`.
 */
import { bootFiles, trimWants } from "./boot-units.ts";
import type { Placement } from "./mounts.ts";
import { command, quote, step } from "./shell-text.ts";

/** Everything the script depends on. All paths are absolute. */
export interface InitPlan {
  readonly containerName: string;
  /** An existing empty directory to build on; it stays empty, since only the box's mount namespace sees what is mounted there. */
  readonly base: string;
  /** Descriptor of the unlinked image file for what the box writes; undefined keeps it in memory. */
  readonly imageFd: number | undefined;
  /** Descriptor of the program that becomes systemd (see manager-plan.ts). */
  readonly managerFd: number;
  /** The directory that the overlay begins with: `/`, or the root of another system. */
  readonly lowest: string;
  readonly root: Layered;
  /** For each mount of its own: what it becomes, and what is laid over it. */
  readonly placements: readonly { readonly placement: Placement; readonly layered: Layered }[];
  readonly bindReadOnly: readonly { readonly source: string; readonly target: string; readonly file: boolean }[];
  readonly emptied: readonly string[];
  readonly network: "private" | "host";
  readonly addresses: readonly string[];
  /** Character devices to make besides the usual ones, if the host has them: path below /dev, major, minor, mode. */
  readonly devices: readonly Device[];
  readonly resolver: string | undefined;
  /** The program that leaves the keeper of the entrance behind and becomes systemd (entrance-keeper.ts). */
  readonly keeper: Uint8Array;
  /** Files below /run/systemd, path → content; `null` is a link to /dev/null. */
  readonly runFiles: ReadonlyMap<string, string | null>;
}

/** What is laid over one mount of the machine. */
export interface Layered {
  /** Directories, from the top. */
  readonly layers: readonly string[];
  /** One of them lies on the very file system that it is laid over. */
  readonly aside: boolean;
}

/** A character device: its path below /dev, its numbers, its mode in octal. */
export type Device = readonly [path: string, major: number, minor: number, mode: string];

/** What every box has: the pseudo-devices that programs take for granted. */
export const USUAL_DEVICES: readonly Device[] = [
  ["null", 1, 3, "666"],
  ["zero", 1, 5, "666"],
  ["full", 1, 7, "666"],
  ["random", 1, 8, "666"],
  ["urandom", 1, 9, "666"],
  ["tty", 5, 0, "666"],
];

const PROLOGUE = `set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL
fail() { echo "error $*"; exit 1; }
inside() { place=$(chroot . realpath -m -- "$1" && echo .) && place=.\${place%??} && [ "$place" != . ] || fail "find $1"; }
read -r leader _ </proc/self/stat`;

/** The whole script. */
export function initScript(plan: InitPlan): string {
  return [
    PROLOGUE,
    ...scratchSteps(plan),
    ...rootSteps(plan),
    ...plan.placements.flatMap(({ placement, layered }, index) => placementSteps(placement, layered, index, plan.base)),
    ...apiSteps(plan),
    ...dataSteps(plan),
    ...plan.bindReadOnly.flatMap((bind) => bindSteps(bind, plan.base)),
    ...networkSteps(plan),
    ...fileSteps(plan),
    ...trimWants(),
    ...keeperSteps(plan),
    ...pivotSteps(),
    becomeSystemd(plan),
  ].join("\n");
}

function scratchSteps({ base, imageFd }: InitPlan): string[] {
  const inMemory = step("mount", "-t", "tmpfs", "-o", "mode=755,size=50%", "cloison", base);
  if (imageFd === undefined) {
    return [inMemory, step("cd", base), step("mkdir", "root", "none")];
  }
  // The image has no name any more: loop and mount hold the only references, so that it goes when the namespace goes.
  const mount = command("mount", "-o", "loop,noatime,noinit_itable", `/proc/self/fd/${imageFd}`, base);
  return [
    `if ! ${mount}; then echo "note no loop device: what the box writes is kept in memory"; ${inMemory}; fi`,
    `exec ${imageFd}>&-`,
    step("cd", base),
    step("mkdir", "root", "none"),
  ];
}

function rootSteps({ lowest, root }: InitPlan): string[] {
  return [
    ...asideSteps(lowest, root, "machine"),
    step("mkdir", "upper", "work"),
    step("chmod", `--reference=${lowest}`, "upper"),
    step(
      "mount",
      "-t",
      "overlay",
      "-o",
      overlayOptions(lower(lowest, root, "machine"), "upper", "work"),
      "overlay",
      "root",
    ),
  ];
}

/**
 * Overlayfs refuses two lower layers of which one lies inside the other (ELOOP), and a layer may well lie inside the mount it
 * is laid over. Seen through a read-only overlay of its own, that mount is elsewhere; the layers stay as they are, so that
 * what they removed stays removed. `none` is there because an overlay needs two lower layers when it has no upper one.
 */
function asideSteps(target: string, { aside }: Layered, place: string): string[] {
  if (!aside) {
    return [];
  }
  const options = `ro,lowerdir=${target}:none`;
  return [step("mkdir", "-p", "none", place), step("mount", "-t", "overlay", "-o", options, "overlay", place)];
}

function lower(target: string, { layers, aside }: Layered, place: string): string[] {
  return [...layers, aside ? place : target];
}

/** redirect_dir lets directories be renamed, as they can be outside; `volatile` skips syncs, for nothing is to survive. */
function overlayOptions(lower: readonly string[], upper: string, work: string, flags: readonly string[] = []): string {
  const settings = [
    `lowerdir=${lower.join(":")}`,
    `upperdir=${upper}`,
    `workdir=${work}`,
    "redirect_dir=on",
    "volatile",
  ];
  return [...settings, ...flags].join(",");
}

function placementSteps(placement: Placement, layered: Layered, index: number, base: string): string[] {
  const { target } = placement;
  const inside = `root${target}`;
  const readOnly = command("mount", "--bind", "-o", "ro", target, inside);
  switch (placement.kind) {
    case "absent":
      return [];
    case "file":
      return [`${command("cp", "-p", "--remove-destination", target, inside)} || fail ${quote(`copy ${target}`)}`];
    case "read-only":
      return [showReadOnly(target, inside, base, ":")];
    case "overlay": {
      const [upper, work, aside] = [`upper${index}`, `work${index}`, `machine${index}`];
      const options = overlayOptions(lower(target, layered, aside), upper, work, placement.flags);
      const overlay = command("mount", "-t", "overlay", "-o", options, "overlay", inside);
      const note = command("echo", `note ${target} is shown read-only: it cannot be a lower layer of an overlay`);
      return [
        ...asideSteps(target, layered, aside),
        step("mkdir", upper, work),
        `${command("chmod", `--reference=${target}`, upper)} && ${command("chown", `--reference=${target}`, upper)} || fail ${quote(target)}`,
        `${overlay} 2>/dev/null || { ${readOnly} && ${note}; } || fail ${quote(`mount ${target}`)}`,
      ];
    }
  }
}

/** What of /proc is the machine's own and can be written there by root: proc(5), and ProtectKernelTunables= in systemd.exec(5). */
const READ_ONLY = ["sys", "sysrq-trigger", "acpi", "asound", "bus", "fs", "irq", "latency_stats", "mtrr", "scsi"].map(
  (name) => `proc/${name}`,
);
/** What tells of the machine's own keys. */
const HIDDEN = ["proc/keys", "proc/key-users"];

function apiSteps({ network, devices }: InitPlan): string[] {
  const api = "nosuid,nodev,noexec";
  const net = network === "host" ? "ro" : "rw";
  // The machine's sysctls are out of reach, for PID 1 itself would raise fs.nr_open and others; the namespaced ones are not.
  const guarded = [
    ...READ_ONLY.map((path) => [path, "ro"]),
    ["proc/sys/kernel/hostname", "rw"],
    ["proc/sys/kernel/domainname", "rw"],
    ["proc/sys/net", net],
  ];
  return [
    step("cd", "root"),
    step("mount", "-t", "proc", "-o", api, "proc", "proc"),
    step("mount", "-t", "sysfs", "-o", `ro,${api}`, "sysfs", "sys"),
    step("mount", "-t", "cgroup2", "-o", api, "cgroup2", "sys/fs/cgroup"),
    ...guarded.map(
      ([path, mode]) =>
        `[ ! -e ${path} ] || { mount --bind ${path} ${path} && mount -o remount,bind,${mode},${api} ${path}; } || fail ${path}`,
    ),
    step("mount", "-t", "tmpfs", "-o", "mode=755,nosuid,size=4m", "tmpfs", "dev"),
    step("mkdir", "dev/pts", "dev/shm", "dev/mqueue", "dev/net"),
    ...[...USUAL_DEVICES, ...devices].map(([path, major, minor, mode]) =>
      step("mknod", "-m", mode, `dev/${path}`, "c", String(major), String(minor)),
    ),
    ...HIDDEN.map((path) => `[ ! -e ${path} ] || ${command("mount", "--bind", "dev/null", path)} || fail ${path}`),
    "ln -s /proc/self/fd dev/fd; ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr; ln -s pts/ptmx dev/ptmx",
    step("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=666,mode=620,gid=5,nosuid,noexec", "devpts", "dev/pts"),
    step("mount", "-t", "tmpfs", "-o", "mode=1777,nosuid,nodev", "tmpfs", "dev/shm"),
    step("mount", "-t", "mqueue", "-o", api, "mqueue", "dev/mqueue"),
    step("mount", "-t", "tmpfs", "-o", "mode=755,nosuid,nodev,size=20%", "tmpfs", "run"),
    step("mount", "-t", "tmpfs", "-o", "mode=1777,nosuid,nodev", "tmpfs", "tmp"),
  ];
}

/**
 * An emptied directory is a fresh one of the same owner and mode, bound over the place. The links on the way are followed by
 * the box's own realpath(1) in the box's own root: absolute ones would lead into the machine's.
 */
function dataSteps({ emptied, base }: InitPlan): string[] {
  return emptied.flatMap((path, index) => {
    const fresh = `${base}/data${index}`;
    return [
      command("inside", path),
      ...[
        `mkdir -p ${fresh} "$place"`,
        `chmod --reference="$place" ${fresh}`,
        `chown --reference="$place" ${fresh}`,
        `mount --bind ${fresh} "$place"`,
      ].map((line) => `${line} || fail ${quote(`empty ${path}`)}`),
    ];
  });
}

/** A file is copied, a directory shown: neither leads back to the original. */
function bindSteps({ source, target, file }: InitPlan["bindReadOnly"][number], base: string): string[] {
  const inside = `.${target}`;
  const parent = inside.slice(0, inside.lastIndexOf("/"));
  if (file) {
    return [step("mkdir", "-p", parent), step("cp", "-p", "--remove-destination", "-T", source, inside)];
  }
  const note = command("echo", `note ${target} is the machine's own, shown read-only: root in the box could change it`);
  return [step("mkdir", "-p", inside), showReadOnly(source, inside, base, note)];
}

/**
 * A directory of the machine as an overlay without an upper layer: a read-only bind mount could be made writable by root
 * inside. Two lower layers are needed for that, of which one is empty.
 */
function showReadOnly(source: string, inside: string, base: string, note: string): string {
  const bind = `{ ${command("mount", "--bind", "-o", "ro", source, inside)} && ${note}; } || fail ${quote(`show ${source}`)}`;
  if (/[:,\\]/.test(source)) {
    return bind;
  }
  const options = `ro,lowerdir=${source}:${base}/none`;
  return `${command("mount", "-t", "overlay", "-o", options, "overlay", inside)} 2>/dev/null || ${bind}`;
}

function networkSteps({ network, addresses }: InitPlan): string[] {
  if (network === "host") {
    return [];
  }
  const commands = addresses.map((address) => {
    const noDad = address.includes(":") ? ["nodad"] : [];
    return step("ip", "address", "add", address, "dev", "lo", ...noDad);
  });
  return addresses.length === 0 ? [] : [step("ip", "link", "set", "lo", "up"), ...commands];
}

function fileSteps(plan: InitPlan): string[] {
  const files = new Map([...bootFiles(), ...plan.runFiles]);
  const lines: string[] = [];
  const made = new Set<string>();
  for (const [path, content] of files) {
    const inside = `run/systemd/${path}`;
    const parent = inside.slice(0, inside.lastIndexOf("/"));
    if (!made.has(parent)) {
      lines.push(step("mkdir", "-p", parent));
    }
    made.add(parent);
    if (content === null) {
      lines.push(step("ln", "-sf", "/dev/null", inside));
    } else {
      lines.push(`printf %s ${quote(content)} >${quote(inside)} || fail ${quote(inside)}`);
    }
  }
  // By this file programs can tell that they are in a box: the demonstration's server starts nowhere else.
  lines.push(step("mkdir", "run/cloison"), step("touch", "run/cloison/box"));
  if (plan.resolver !== undefined) {
    lines.push("rm -f etc/resolv.conf", `printf %s ${quote(plan.resolver)} >etc/resolv.conf || fail resolv.conf`);
  }
  return lines;
}

const KEEPER = "/run/cloison/keeper";

function keeperSteps({ keeper }: InitPlan): string[] {
  const octal = [...keeper].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return [`printf '${octal}' >.${KEEPER} || fail ${KEEPER}`, step("chmod", "500", `.${KEEPER}`)];
}

/** With container= set, propagation is the manager's job: without rshared, LoadCredential= and its kin find no files. */
function pivotSteps(): string[] {
  return [
    step("mkdir", "run/.old"),
    step("pivot_root", ".", "run/.old"),
    "umount -l /run/.old && rmdir /run/.old || fail detach the old root",
    step("mount", "--make-rshared", "/"),
  ];
}

/** Where the program lies that becomes systemd, until it does. */
export const MANAGER_PROGRAM = "/run/cloison/init";

export const MANAGER_PATH = "/lib/systemd/systemd";

/** What it becomes: the keeper comes last, so that it has all that PID 1 was given, and not more. */
export const MANAGER: readonly string[] = [
  KEEPER,
  MANAGER_PATH,
  "--system",
  "--unit=cloison.target",
  "--log-target=journal",
  "--show-status=no",
];

/** Hard limits can only be raised as long as the capability for it is there. */
function becomeSystemd({ containerName, managerFd }: InitPlan): string {
  const environment = [
    `container=${containerName}`,
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
    "LANG=C.UTF-8",
    "TERM=dumb",
  ];
  return [
    `cat <&${managerFd} >${MANAGER_PROGRAM} && chmod 700 ${MANAGER_PROGRAM} || fail ${MANAGER_PROGRAM}`,
    "ulimit -H -n 1048576 2>/dev/null; ulimit -H -l unlimited 2>/dev/null",
    'echo "leader $leader"',
    `exec ${command("env", "-i", ...environment, MANAGER_PROGRAM)} </dev/null`,
  ].join("\n");
}
