/**
 * The roots of other Debian releases, whose systemd is asked what that of this machine cannot tell. Each is a directory in the
 * cache that boxes show in place of the machine's root (`root` of BoxOptions); nothing of it is installed on this machine.
 * Facts: debootstrap(8); "apt-get indextargets" in apt-get(8). Versions as Debian's archive has them in 2026.
 *
 * Where the packages come from is what this machine's apt is configured with, and debootstrap refuses what is not signed by a
 * key of debian-archive-keyring. A stable release hardly changes, so its root stays as long as its recipe; sid's is made anew
 * with each month, and an older one serves when that fails.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, removeStale } from "./layer.mjs";
import { setupError } from "./setup-error.mjs";

/** By suite, with the systemd that it has. */
export const roots = {
  bullseye: { systemd: 247 },
  bookworm: { systemd: 252 },
  trixie: { systemd: 257 },
  sid: { systemd: 262, moving: true },
};

/** What a root holds beside what every box needs, for tests of services on another release; made only when such a test asks. */
const serviceRoots = {
  "bookworm-services": {
    suite: "bookworm",
    systemd: 252,
    packages: ["nginx", "apache2", "php8.2-fpm", "systemd-journal-remote", "redis-server", "nodejs", "curl"],
  },
};

const all = { ...roots, ...serviceRoots };

/** What makes them, by Debian package, with a file that shows that it is there. */
export const rootTools = {
  debootstrap: "/usr/sbin/debootstrap",
  "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
};

/** Raised whenever the way a root is made changes. */
const RECIPE_VERSION = 3;

/** What a box needs inside beside what every Debian has. */
const PACKAGES = ["systemd", "dbus", "libnss-systemd", "iproute2", "procps"];

/** Runs as PID 1 of fresh mount and PID namespaces; all roots at once, for each waits for the network and for the disk in turn. */
const BUILD = `
set -u
umask 022
mirror=$1
shift
make() {
  rm -rf "$2"
  mkdir -p "$2"
  debootstrap --variant=minbase --include="$4" --keyring="${rootTools["debian-archive-keyring"]}" \\
    "$1" "$2/root" "$mirror" >"$2/log" 2>&1 || return 1
  rm -rf "$2"/root/var/cache/apt/* "$2"/root/var/lib/apt/lists/* "$2"/root/var/log/*.log "$2/root/etc/resolv.conf"
  # What the installer writes and debootstrap does not.
  echo debian >"$2/root/etc/hostname"
  printf '127.0.0.1 localhost\\n::1 localhost\\n' >"$2/root/etc/hosts"
  # A target of an attack that Debian's own packages make sooner or later.
  mkdir -p "$2/root/etc/cron.d"
  # Without one every boot would be the first, and preset all units.
  printf '%s' "$1" | md5sum | cut -c 1-32 >"$2/root/etc/machine-id"
  mv "$2" "$3"
}
while [ $# -gt 0 ]; do
  make "$1" "$2" "$3" "$4" &
  shift 4
done
wait
`;

function packagesOf(name) {
  return [...PACKAGES, ...(all[name].packages ?? [])];
}

/** Where a root is, or will be, in the cache. */
function rootPath(name) {
  const hash = createHash("sha256")
    .update(JSON.stringify([RECIPE_VERSION, name, packagesOf(name)]))
    .digest("hex")
    .slice(0, 12);
  const month = all[name].moving === true ? `-${new Date().toISOString().slice(0, 7)}` : "";
  return join(cacheDirectory, "roots", `${name}${month}-${hash}`);
}

/** The newest root of this name that an earlier month left. */
function older(root) {
  const form = new RegExp(`^${root}-(\\d{4}-\\d{2}-)?[0-9a-f]{12}$`);
  const directory = join(cacheDirectory, "roots");
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const found = names.filter((name) => form.test(name)).sort();
  return found.length === 0 ? undefined : join(directory, found.at(-1));
}

/** The archive that this machine installs from. */
function mirrorOf() {
  const ask = () => {
    const filter = ["Label: Debian", "Component: main", "Created-By: Packages"];
    const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...filter], {
      encoding: "utf8",
    });
    return (stdout ?? "").split("\n").find((line) => line !== "");
  };
  if (process.env.CLOISON_MIRROR !== undefined) {
    return process.env.CLOISON_MIRROR;
  }
  let found = ask();
  if (found === undefined) {
    spawnSync("apt-get", ["update", "-q"], { stdio: "ignore" });
    found = ask();
  }
  if (found === undefined) {
    throw setupError("apt is configured with no archive of Debian's; name one with CLOISON_MIRROR=URI");
  }
  return found;
}

/** The last lines of what debootstrap said. */
function complaint(partial) {
  const read = spawnSync("tail", ["-n", "3", join(partial, "log")], { encoding: "utf8" });
  return (read.stdout ?? "").trim().replaceAll("\n", "; ") || "debootstrap said nothing";
}

/** Makes some roots; why each of those failed that did. */
function build(names, say) {
  const mirror = mirrorOf();
  const directory = join(cacheDirectory, "roots");
  say(
    `making the roots of Debian ${names.join(", ")} in ${directory}, from ${mirror} with debootstrap, about 250 MB each ` +
      "(only boxes see them; nothing of it is installed on this machine)",
  );
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const jobs = names.map((name) => [
    all[name].suite ?? name,
    `${rootPath(name)}.partial`,
    rootPath(name),
    packagesOf(name).join(","),
  ]);
  // setpriv: the kernel ends the build when this process dies, however it dies. flock: one build at a time.
  spawnSync(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "flock", "--no-fork", join(directory, ".lock")],
      ...["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...["/bin/sh", "-c", BUILD, "roots", mirror, ...jobs.flat()],
    ],
    { stdio: "ignore", env: { ...process.env, LC_ALL: "C.UTF-8" } },
  );
  const failed = new Map();
  for (const [index, [, partial, final]] of jobs.entries()) {
    if (!existsSync(final)) {
      failed.set(names[index], complaint(partial));
      rmSync(partial, { recursive: true, force: true });
    }
  }
  removeStale(directory);
  return failed;
}

/** Makes sure that the roots of these names are in the cache, and returns their directories. `say` hears first what is done. */
export function ensureRoots(names, say) {
  const unknown = names.find((name) => all[name] === undefined);
  if (unknown !== undefined) {
    throw setupError(`there is no root "${unknown}"; known: ${Object.keys(all).join(", ")}`);
  }
  const missing = names.filter((name) => !existsSync(rootPath(name)));
  const failed = missing.length === 0 ? new Map() : build(missing, say);
  return Object.fromEntries(
    names.map((name) => {
      const reason = failed.get(name);
      const path = reason === undefined ? rootPath(name) : older(name);
      if (path === undefined) {
        throw setupError(
          `the root of Debian ${name} could not be made: ${reason}; an archive that has it is named with CLOISON_MIRROR=URI`,
        );
      }
      if (reason !== undefined) {
        say(`the root of Debian ${name} could not be made anew, ${path} serves: ${reason}`);
      }
      utimesSync(path, new Date(), new Date());
      return [name, join(path, "root")];
    }),
  );
}
