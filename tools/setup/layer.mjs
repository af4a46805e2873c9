/**
 * Builds a cached overlay layer: what installing some Debian packages and files would change on this machine, without
 * changing this machine. Boxes mount it above `/`, so that the servers of the demonstration and of the tests never start
 * on, nor touch, the host. Facts: overlayfs (kernel Documentation/filesystems/overlayfs.rst), policy-rc.d (invoke-rc.d(8)).
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setupError } from "./setup-error.mjs";

/** Raised whenever the way a layer is built changes, so that layers built the old way are not used any more. */
const RECIPE_VERSION = 2;

const WEEK = 7 * 24 * 3600 * 1000;

/** Where layers are kept; `CLOISON_CACHE` moves it, for machines whose /var/cache lies on an overlay. */
export const cacheDirectory = process.env.CLOISON_CACHE ?? "/var/cache/cloison";

/** Runs as PID 1 of fresh mount and PID namespaces: whatever happens to it, its mounts and processes go with it. */
const BUILD = `
set -eu
umask 022
partial=$1 final=$2 lowers=$3 tree=$4
shift 4
if [ -d "$final" ]; then exit 0; fi
rm -rf "$partial"
mkdir -p "$partial/upper" "$partial/work/root" "$partial/root"
root=$partial/root
options=redirect_dir=off,metacopy=off,index=off,xino=off
base=
if [ -n "$lowers" ]; then
  # Two lower layers of which one lies below the other are refused (ELOOP); through an overlay of its own it is elsewhere.
  mkdir -p "$partial/base" "$partial/empty"
  mount -t overlay -o "ro,lowerdir=$lowers$partial/empty" overlay "$partial/base"
  base=$partial/base:
fi
mount -t overlay -o "lowerdir=$base/,upperdir=$partial/upper,workdir=$partial/work/root,$options" overlay "$root"
for part in /usr /var /opt /home /srv; do
  # A part with a file system of its own is not seen through the overlay of /.
  if mountpoint -q "$part"; then
    below=
    if [ -n "$base" ] && [ -d "$partial/base$part" ]; then below=$partial/base$part:; fi
    mkdir -p "$partial/upper$part" "$partial/work/part$part"
    mount -t overlay -o "lowerdir=$below$part,upperdir=$partial/upper$part,workdir=$partial/work/part$part,$options" overlay "$root$part"
  fi
done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/sys"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for node in null zero full random urandom tty; do
  touch "$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5,nosuid,noexec devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
resolver=$(readlink -m /etc/resolv.conf)
case $resolver in
  /run/*) mkdir -p "$root\${resolver%/*}"; cat /etc/resolv.conf >"$root$resolver" || : ;;
esac
if [ $# -gt 0 ]; then
  rm -f "$root/usr/sbin/policy-rc.d"
  printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  inside() { env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \\
    DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical SYSTEMD_OFFLINE=1 \${http_proxy:+http_proxy="$http_proxy"} \\
    \${https_proxy:+https_proxy="$https_proxy"} chroot "$root" "$@"; }
  get() { inside apt-get -q -y -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=60 "$@"; }
  # The lists at hand may be missing, or older than the archive: one refresh, then it is an error.
  get install --no-install-recommends "$@" || { get update && get install --no-install-recommends "$@"; }
  for package; do inside dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' "$package"; done
fi
if [ -f "$tree/run" ]; then
  # tar, not cp: the directories that are there keep their owners and modes.
  tar -C "$tree/files" -c . | tar -C "$root" -x --no-overwrite-dir
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root SYSTEMD_OFFLINE=1 chroot "$root" /bin/sh -eu <"$tree/run"
fi
umount -R -l "$root"
[ -z "$base" ] || umount -l "$partial/base"
# Straight from the upper layer, so that no whiteout hides what the machine itself has there.
upper=$partial/upper
rm -rf "$upper/usr/sbin/policy-rc.d" "$upper/var/cache/apt" "$upper/var/cache/debconf" "$upper/var/lib/apt/lists" \\
  "$upper/var/log/apt" "$upper/var/log/dpkg.log" "$upper/var/log/alternatives.log" "$upper"/etc/*- "$upper/etc/.pwd.lock" \\
  "$upper/var/lib/dpkg/lock" "$upper/var/lib/dpkg/lock-frontend" "$upper/run" "$upper/tmp"
rm -rf "$partial/work" "$partial/empty"
rmdir "$root"
[ -z "$base" ] || rmdir "$partial/base"
mv "$partial" "$final"
`;

/**
 * The name of a layer's directory: changes with all that goes into it. The machine's accounts count, because a layer
 * that adds one carries a copy of /etc/passwd.
 */
function fingerprint(recipe, lowers) {
  const hash = createHash("sha256");
  const add = (text) => hash.update(`${text.length}:${text}`);
  add(`${RECIPE_VERSION}`);
  add(JSON.stringify([recipe.packages ?? [], recipe.run ?? "", lowers]));
  for (const path of ["/etc/debian_version", "/etc/passwd", "/etc/group"]) {
    add(readFileSync(path, "utf8"));
  }
  for (const { from, to, mode } of recipe.files ?? []) {
    add(`${to} ${mode ?? 0o644}`);
    hash.update(readFileSync(from));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Where the layer `name` is, or will be, in the cache. */
function layerPath(name, recipe, lowers) {
  return join(cacheDirectory, "layers", `${name}-${fingerprint(recipe, lowers)}`);
}

/** The directories of a layer and of those that it stands on, the uppermost first: what a box takes as `layers`. */
export function layerStack(name, recipes) {
  const recipe = recipes[name];
  if (recipe === undefined) {
    throw setupError(`there is no layer "${name}"; known: ${Object.keys(recipes).join(", ")}`);
  }
  const below = recipe.base === undefined ? [] : layerStack(recipe.base, recipes);
  return [join(layerPath(name, recipe, below), "upper"), ...below];
}

/** Lays the recipe's files out as a tree of their own, to be copied over the layer in one go. */
function stage(recipe, tree) {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "files"), { recursive: true });
  for (const { from, to, mode } of recipe.files ?? []) {
    must("install", ["-D", "-m", (mode ?? 0o644).toString(8), from, join(tree, "files", to)]);
  }
  writeFileSync(join(tree, "run"), `${recipe.run ?? ":"}\n`);
}

function must(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8" });
  if (result.status !== 0) {
    throw setupError(`${command} failed: ${(result.stderr ?? result.error?.message ?? "").trim()}`);
  }
}

/** Whether a mount of some process shows something below this directory: a box's overlay names it among its options. */
function mounted(path) {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/mountinfo`, "utf8").includes(`${path}/`);
      } catch {
        return false;
      }
    });
}

/** Removes what of a directory of the cache nobody has used for a week: layers of older recipes, and what killed builds left. */
export function removeStale(directory) {
  for (const entry of readdirSync(directory).filter((name) => !name.startsWith("."))) {
    const path = join(directory, entry);
    const unused = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (unused > WEEK && !mounted(path)) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/**
 * Makes sure that the layer `name` and those below it are in the cache, and returns their directories, uppermost first.
 * `say` hears what will be installed before it is.
 */
export function ensureLayer(name, recipes, say) {
  const stack = layerStack(name, recipes);
  const recipe = recipes[name];
  const final = join(stack[0], "..");
  if (recipe.base !== undefined) {
    ensureLayer(recipe.base, recipes, say);
  }
  if (!existsSync(final)) {
    build(name, recipe, final, stack.slice(1), say);
    removeStale(join(cacheDirectory, "layers"));
  }
  utimesSync(final, new Date(), new Date());
  return stack;
}

function build(name, recipe, final, lowers, say) {
  const packages = recipe.packages ?? [];
  const what = packages.length > 0 ? packages.join(" ") : `${(recipe.files ?? []).length} files`;
  say(`building layer "${name}", which only boxes see (nothing of it is installed on this machine): ${what}`);
  const directory = join(cacheDirectory, "layers");
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const partial = `${final}.partial`;
  const tree = `${final}.${process.pid}.tree`;
  try {
    if (recipe.files !== undefined || recipe.run !== undefined) {
      stage(recipe, tree);
    }
    // setpriv: the kernel ends the build when this process dies, however it dies. flock: one build at a time.
    const result = spawnSync(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "flock", "--no-fork", join(directory, ".lock")],
        ...["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc", "--uts"],
        ...["/bin/sh", "-c", BUILD, "layer", partial, final, lowers.map((lower) => `${lower}:`).join(""), tree],
        ...packages,
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 },
    );
    if (result.status !== 0 || !existsSync(final)) {
      rmSync(partial, { recursive: true, force: true });
      throw buildError(name, result);
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function buildError(name, result) {
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}`;
  if (/mount: .*overlay|wrong fs type/.test(output) && statSync(cacheDirectory).isDirectory()) {
    return setupError(
      `layer "${name}": ${cacheDirectory} cannot hold an overlay's upper layer (is it on an overlay itself?); ` +
        "set CLOISON_CACHE to a directory on a disk",
    );
  }
  const errors = output.split("\n").filter((line) => /^(E|dpkg|mount|unshare|flock|setpriv)\b.*[: ]/.test(line));
  const tail = [...new Set(errors.length > 0 ? errors : output.trim().split("\n"))].slice(-4).join("; ");
  return setupError(
    `layer "${name}" could not be built: ${tail || result.error?.message || `its script ended with ${result.signal ?? `status ${result.status}`}`}`,
  );
}
