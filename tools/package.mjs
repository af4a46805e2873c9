/**
 * `npm run package [-- DIR]`: the npm tarball and a Debian package of the same files, into DIR (./packages). The same
 * sources give the same bytes: times are those of SOURCE_DATE_EPOCH, or of the last commit. Facts: dpkg-deb(1), deb(5).
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { control, copyright } from "./package/control.mjs";
import { runScript } from "./setup/prepare.mjs";
import { setupError } from "./setup/setup-error.mjs";

const root = join(import.meta.dirname, "..");

/** Where each shell looks for what completes the words of a program that is installed. */
const completions = {
  bash: "usr/share/bash-completion/completions/cloison",
  zsh: "usr/share/zsh/vendor-completions/_cloison",
  fish: "usr/share/fish/vendor_completions.d/cloison.fish",
};

function run(command, args, cwd, environment = {}) {
  const env = { ...process.env, ...environment };
  const result = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.status !== 0) {
    const reason = (result.stderr || result.stdout || result.error?.message || "").trim();
    throw setupError(`${command} ${args[0]} failed: ${reason.split("\n").slice(-8).join("\n")}`);
  }
  return result.stdout;
}

function epoch() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) {
    return given;
  }
  const commit = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" });
  return commit.status === 0 ? commit.stdout.trim() : String(Math.floor(Date.now() / 1000));
}

function put(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** What dpkg needs of package.json: nothing that builds or tests, or npm would install that beside an optional package. */
function manifestOf(whole) {
  const { name, version, description, license, type, engines, os, bin, exports, optionalDependencies } = whole;
  return { name, version, description, license, type, engines, os, bin, exports, optionalDependencies };
}

/** Lays the files of the tarball out as Debian has them. */
function layOut(unpacked, tree, manifest) {
  const home = join(tree, "usr/lib/cloison");
  const documents = join(tree, "usr/share/doc/cloison");
  mkdirSync(home, { recursive: true });
  for (const name of ["dist", "examples"]) {
    cpSync(join(unpacked, name), join(home, name), { recursive: true });
  }
  put(join(home, "package.json"), `${JSON.stringify(manifestOf(manifest), undefined, 2)}\n`);
  const main = join(home, "dist/cli/main.js");
  // The node that the package depends on, whatever else stands in root's PATH.
  put(main, readFileSync(main, "utf8").replace(/^#!.*/, "#!/usr/bin/node"), 0o755);
  mkdirSync(join(tree, "usr/bin"), { recursive: true });
  symlinkSync("../lib/cloison/dist/cli/main.js", join(tree, "usr/bin/cloison"));
  for (const [shell, path] of Object.entries(completions)) {
    put(join(tree, path), run(process.execPath, [main, "completion", shell], tree));
  }
  const page = join(home, "dist/cloison.1");
  put(join(tree, "usr/share/man/man1/cloison.1.gz"), gzipSync(readFileSync(page), { level: 9 }));
  rmSync(page);
  cpSync(join(unpacked, "docs"), join(documents, "docs"), { recursive: true });
  put(join(documents, "README.md"), readFileSync(join(unpacked, "README.md")));
  put(join(documents, "copyright"), copyright(readFileSync(join(unpacked, "LICENSE"), "utf8")));
  put(join(documents, "changelog.gz"), gzipSync(readFileSync(join(unpacked, "CHANGELOG.md")), { level: 9 }));
}

function kilobytes(tree) {
  const names = readdirSync(tree, { recursive: true }).map(String);
  const sizes = names.map((name) => statSync(join(tree, name))).map((each) => (each.isFile() ? each.size : 4096));
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

function debianPackage(tarball, work, target, environment) {
  run("tar", ["-xzf", tarball, "-C", work], work);
  const unpacked = join(work, "package");
  const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
  const tree = join(work, "tree");
  layOut(unpacked, tree, manifest);
  put(join(tree, "DEBIAN/control"), control(manifest, kilobytes(tree)));
  run("chmod", ["-R", "u=rwX,go=rX", tree], work);
  const file = join(target, `cloison_${manifest.version}_all.deb`);
  run("dpkg-deb", ["--root-owner-group", "-Zxz", "--build", tree, file], work, environment);
  return file;
}

function main([directory = "packages", ...rest]) {
  if (directory.startsWith("-") || rest.length > 0) {
    throw setupError("usage: npm run package [-- DIR]");
  }
  const target = resolve(directory);
  mkdirSync(target, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "cloison-package-"));
  chmodSync(work, 0o755);
  try {
    const environment = { SOURCE_DATE_EPOCH: epoch() };
    const packed = run("npm", ["pack", "--silent", "--pack-destination", work], root, environment);
    const name = packed.trim().split("\n").at(-1) ?? "";
    const deb = debianPackage(join(work, name), work, target, environment);
    // mv: the target may lie on another file system.
    execFileSync("mv", [join(work, name), join(target, name)]);
    process.stdout.write(`${join(target, name)}\n${deb}\n`);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await runScript(() => main(process.argv.slice(2)));
