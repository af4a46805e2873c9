/**
 * The kernel and the first root of the virtual machine that plays a host in tests: Debian's own kernel, unpacked into the
 * cache and not installed, and a busybox that mounts this machine's root, or that of another release below it, read-only, under a
 * disk that keeps what is written. Beside it what loads profiles of AppArmor, which this machine may lack.
 * Facts: initramfs (kernel Documentation/filesystems/ramfs-rootfs-initramfs.rst), overlayfs, v9fs; modinfo(8) for dependencies.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { cacheDirectory } from "./layer.mjs";
import { setupError } from "./setup-error.mjs";

/** The image that this package stands for; the one for clouds lacks 9p. */
const KERNEL = "linux-image-amd64";

/** Holds apparmor_parser(8), which needs the C library alone. */
const APPARMOR = "apparmor";

const PARENT = join(cacheDirectory, "machine");

/** Raised whenever what stands in the first root changes. */
const RECIPE_VERSION = 3;

/**
 * What mounts the root, and what a Debian loads by itself as soon as it is asked for, which a root without modules cannot: where nothing
 * answers for sets of nftables, NFTSet= freezes PID 1 of systemd 257. Their dependencies are followed.
 */
const MODULES = ["9p", "9pnet_virtio", "overlay", "virtio_blk", "crc32c_generic", "ext4", "nfnetlink", "nf_tables"];

/**
 * The first process. The disk is ext4 and holds the upper layer, so that a reboot finds what was written before it; `cloison.root` of
 * the command line is the directory of this machine that is shown as the root.
 */
const INIT = `#!/bin/busybox sh
b=/bin/busybox
stop() { echo "vm: $1" >/dev/ttyS0; $b poweroff -f; }
$b mount -t proc p /proc; $b mount -t sysfs s /sys; $b mount -t devtmpfs d /dev
while read -r module; do $b insmod "/modules/$module" || stop "cannot load $module"; done </modules/order
$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,ro,msize=262144 host /lower || stop "no root"
$b mount -t ext4 /dev/vda /disk || stop "no disk"
$b mkdir -p /disk/upper /disk/work
lower=/lower$($b sed -n 's/.*cloison\\.root=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
$b mount -t overlay -o lowerdir=$lower,upperdir=/disk/upper,workdir=/disk/work o /root || stop "no overlay"
$b mkdir -p /root/run /root/etc/systemd/system
$b cp /units/* /root/etc/systemd/system/
exec $b switch_root /root /lib/systemd/systemd --unit=vm-agent.target
`;

/** Runs what it reads on the second serial line, a command in base64 a line, and answers with status and output in base64. */
const AGENT = `[Unit]
After=basic.target dbus.service
[Service]
ExecStart=/bin/bash -c 'exec <>/dev/ttyS1 >&0; stty raw -echo; echo ready; while read -r line; do output=$(base64 -d <<<"$line" | HOME=/root bash 2>&1); echo "$? $(base64 -w0 <<<"$output")"; done'
KillMode=process
`;

const TARGET =
  "[Unit]\nRequires=basic.target vm-agent.service\nWants=dbus.service\nAfter=basic.target\nAllowIsolate=yes\n";

function run(command, args, cwd, options = {}) {
  const result = spawnSync(command, args, {
    cwd,
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    ...options,
  });
  if (result.status !== 0) {
    throw setupError(
      `${command} failed: ${String(result.stderr ?? result.error?.message)
        .trim()
        .slice(-300)}`,
    );
  }
  return result.stdout;
}

/** The package of the newest kernel, which KERNEL depends on. */
function kernelPackage() {
  const shown = String(run("apt-cache", ["depends", "--no-recommends", "--no-suggests", KERNEL], "/"));
  return /Depends: (linux-image-\d\S*)/.exec(shown)?.[1] ?? KERNEL;
}

function moduleFile(tree, name) {
  const all = readdirSync(tree, { recursive: true }).map(String);
  const wanted = all.find((path) =>
    new RegExp(`^${name}\\.ko(\\.xz|\\.zst)?$`).test(basename(path).replaceAll("-", "_")),
  );
  return wanted === undefined ? undefined : join(tree, wanted);
}

function moduleBytes(path) {
  if (path.endsWith(".xz")) {
    return run("xz", ["-dc", path], "/");
  }
  return path.endsWith(".zst") ? run("zstd", ["-qdc", path], "/") : readFileSync(path);
}

/** Unpacks modules with what they depend on, and writes down in which order they are loaded. */
function layModules(tree, directory) {
  const order = [];
  const visit = (name) => {
    const path = moduleFile(tree, name);
    // What is no module is built into the kernel.
    if (order.includes(`${name}.ko`) || path === undefined) {
      return;
    }
    const bytes = moduleBytes(path);
    const depends = /\0depends=([^\0]*)\0/.exec(bytes.toString("latin1"))?.[1] ?? "";
    for (const other of depends.split(",").filter(Boolean)) {
      visit(other.replaceAll("-", "_"));
    }
    writeFileSync(join(directory, `${name}.ko`), bytes);
    order.push(`${name}.ko`);
  };
  for (const name of MODULES) {
    visit(name);
  }
  writeFileSync(join(directory, "order"), order.map((name) => `${name}\n`).join(""));
}

/** Unpacks a package into `tree` of a directory. */
function unpack(partial, name) {
  run("apt-get", ["download", "-q", name], partial);
  const file = readdirSync(partial).find((each) => each.endsWith(".deb")) ?? "";
  run("dpkg-deb", ["-x", file, "tree"], partial);
  rmSync(join(partial, file));
}

function build(partial, name) {
  unpack(partial, APPARMOR);
  renameSync(join(partial, "tree/usr/sbin/apparmor_parser"), join(partial, "apparmor_parser"));
  rmSync(join(partial, "tree"), { recursive: true });
  unpack(partial, name);
  const boot = join(partial, "tree/boot");
  renameSync(join(boot, readdirSync(boot).find((each) => each.startsWith("vmlinuz")) ?? ""), join(partial, "vmlinuz"));
  const root = join(partial, "root");
  for (const each of ["bin", "modules", "units", "proc", "sys", "dev", "lower", "disk", "root"]) {
    mkdirSync(join(root, each), { recursive: true });
  }
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  layModules(join(partial, "tree/usr/lib/modules"), join(root, "modules"));
  writeFileSync(join(root, "init"), INIT, { mode: 0o755 });
  writeFileSync(join(root, "units/vm-agent.service"), AGENT);
  writeFileSync(join(root, "units/vm-agent.target"), TARGET);
  run("/bin/sh", ["-c", "find . | busybox cpio -o -H newc 2>/dev/null | gzip -1 >../initrd.gz"], root);
}

/** Unpacks what there is none of yet, and returns the directory. */
function make(say) {
  const name = kernelPackage();
  const final = join(PARENT, `${name}-${RECIPE_VERSION}`);
  if (!existsSync(final)) {
    say(`unpacking ${name} and ${APPARMOR} for a virtual machine into ${final} (nothing is installed)`);
    mkdirSync(PARENT, { recursive: true, mode: 0o755 });
    const partial = mkdtempSync(join(PARENT, ".partial-"));
    try {
      build(partial, name);
      for (const each of ["tree", "root"]) {
        rmSync(join(partial, each), { recursive: true });
      }
      if (!existsSync(final)) {
        renameSync(partial, final);
      }
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return final;
}

/** One of the same recipe that an earlier kernel left. */
function older() {
  const names = existsSync(PARENT) ? readdirSync(PARENT) : [];
  const found = names.filter((name) => name.startsWith("linux-image-") && name.endsWith(`-${RECIPE_VERSION}`));
  return found.length === 0 ? undefined : join(PARENT, found.sort().at(-1) ?? "");
}

/** Lists of packages that are too old name a kernel that the archive has no more; where there is no archive, an older one serves. */
function makeOrFind(say) {
  try {
    return make(say);
  } catch {
    say("refreshing the package lists");
    spawnSync("apt-get", ["update", "-q"], { stdio: "ignore" });
  }
  try {
    return make(say);
  } catch (error) {
    const found = older();
    if (found === undefined) {
      throw error;
    }
    say(`the newest kernel could not be had, ${found} serves: ${error.message}`);
    return found;
  }
}

/** Makes sure that kernel and first root are in the cache, and returns their paths. `say` hears of a download before it begins. */
export function ensureMachine(say) {
  const directory = makeOrFind(say);
  return {
    kernel: join(directory, "vmlinuz"),
    initrd: join(directory, "initrd.gz"),
    apparmorParser: join(directory, "apparmor_parser"),
  };
}
