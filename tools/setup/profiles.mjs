/**
 * Fetches the seccomp profiles of Docker and Podman for tests and measurements: from Debian's packages, unpacked into the
 * cache. Nothing is installed, and the profiles (Apache-2.0) do not become part of this repository.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "./layer.mjs";
import { setupError } from "./setup-error.mjs";

/** By the name under which tests know them: package and file. */
const profiles = {
  docker: {
    package: "golang-github-docker-docker-dev",
    file: "usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json",
  },
  podman: { package: "golang-github-containers-common", file: "usr/share/containers/seccomp.json" },
};

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
}

function download(name, directory) {
  const got = run("apt-get", ["download", "-q", name], directory);
  if (got.status === 0) {
    return;
  }
  const update = run("apt-get", ["update", "-q"], directory);
  const again = update.status === 0 ? run("apt-get", ["download", "-q", name], directory) : update;
  if (again.status !== 0) {
    throw setupError(`apt-get could not download ${name}: ${(again.stderr ?? "").trim().slice(-300)}`);
  }
}

function fetch(name, final) {
  const parent = join(cacheDirectory, "profiles");
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const partial = mkdtempSync(join(parent, ".partial-"));
  try {
    download(name, partial);
    const archive = readdirSync(partial).find((each) => each.endsWith(".deb"));
    const unpacked = run("dpkg-deb", ["-x", archive ?? "", join(partial, "tree")], partial);
    if (unpacked.status !== 0) {
      throw setupError(`dpkg-deb could not unpack ${name}: ${(unpacked.stderr ?? "").trim()}`);
    }
    if (!existsSync(final)) {
      renameSync(join(partial, "tree"), final);
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Makes sure that the profiles are in the cache, and returns their paths by name. `say` hears of a download before it begins. */
export function ensureProfiles(say) {
  const found = {};
  for (const [name, { package: source, file }] of Object.entries(profiles)) {
    const final = join(cacheDirectory, "profiles", source);
    if (!existsSync(join(final, file))) {
      say(`downloading Debian's ${source}, which is unpacked into ${final} and not installed`);
      rmSync(final, { recursive: true, force: true });
      fetch(source, final);
    }
    found[name] = join(final, file);
  }
  return found;
}
