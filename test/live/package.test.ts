/**
 * Cloison as users install it: the npm tarball into an empty directory, the Debian package into a box by dpkg. There it is run,
 * its manual page is found, and real shells complete its words. Tests src/cli/completion.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { ended, host } from "./fixtures/command-line.ts";

const root = join(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const shown = "/opt/packages";
let work: string;
let packages: string;
let tarball: string;
let deb: string;
let box: Box;

beforeAll(async () => {
  work = mkdtempSync("/var/tmp/cloison-package-");
  packages = join(work, "packages");
  const made = host(process.execPath, join(root, "tools/package.mjs"), packages);
  expect(made, made.stderr).toMatchObject({ status: 0 });
  [tarball = "", deb = ""] = made.stdout.trim().split("\n");
  const layers = prepare({ want: ["layers:shells"], say: () => {} }).layers.shells ?? [];
  box = await bootBox({ layers, bindReadOnly: [{ source: packages, target: shown }] });
}, 240_000);
afterAll(async () => {
  await box?.down();
  rmSync(work, { recursive: true, force: true });
});

const inBox = async (argv: readonly string[], input?: string): Promise<string> => {
  const end = await box.run(argv, { input, env: { TERM: "dumb" }, timeoutMs: 280_000 });
  expect(end.status, `${argv.join(" ")}: ${end.stderr}${end.stdout}`).toBe(0);
  return end.stdout;
};

test("npm install -g of the tarball works without network, without the optional package and without any script", async () => {
  const empty = mkdtempSync(join(work, "empty-"));
  const prefix = join(empty, "prefix");
  const flags = ["--offline", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const argv = ["npm", "install", "-g", "--prefix", prefix, "--cache", join(work, "cache"), ...flags, tarball];
  execFileSync("env", ["-C", empty, ...argv], { stdio: "pipe" });
  const program = join(prefix, "bin/cloison");
  expect(host(program, "--version")).toMatchObject({ status: 0, stdout: `cloison ${version}\n`, stderr: "" });
  expect(host(program, "explain", "ProtectClock").stdout).toContain("set the clock");
  expect(readdirSync(join(prefix, "lib/node_modules"))).toEqual(["cloison"]);
  expect(existsSync(join(prefix, "lib/node_modules/cloison/node_modules"))).toBe(false);
  expect(readFileSync(join(prefix, "share/man/man1/cloison.1"), "utf8")).toMatch(/^\.TH CLOISON 1 /);
});

test("the tarball holds what the sources come to, and runs nothing when it is installed", () => {
  const names = host("tar", "-tzf", tarball).stdout.trim().split("\n");
  const compiled = names.filter((name) => name.startsWith("package/dist/")).map((name) => name.slice(13));
  const sources = readdirSync(join(root, "src"), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const outputs = sources.flatMap((name) => [name.replace(/ts$/, "js"), name.replace(/ts$/, "d.ts")]);
  expect(compiled.sort()).toEqual([...outputs, "cloison.1"].sort());
  const others = names.filter((name) => !name.startsWith("package/dist/"));
  expect(others.filter((name) => !/^package\/(docs|examples)\/|\.md$|\/LICENSE$|\/package\.json$/.test(name))).toEqual(
    [],
  );
  const manifest = JSON.parse(host("tar", "-xzOf", tarball, "package/package.json").stdout);
  expect(Object.keys(manifest.scripts).filter((name) => /install/.test(name))).toEqual([]);
  expect(manifest.dependencies).toBeUndefined();
});

test("the same sources give the same packages", () => {
  const again = join(work, "again");
  expect(host(process.execPath, join(root, "tools/package.mjs"), again)).toMatchObject({ status: 0 });
  for (const name of readdirSync(packages)) {
    expect(host("cmp", join(packages, name), join(again, name)), name).toMatchObject({ status: 0 });
  }
});

test("the Debian package installs where its dependencies are, and is run", async () => {
  expect(host("dpkg-deb", "-f", deb, "Maintainer").stdout).toBe("The Cloison authors <cloison@localhost>\n");
  const depends = host("dpkg-deb", "-f", deb, "Depends").stdout;
  for (const name of ["nodejs (>= 20)", "systemd", "strace"]) {
    expect(depends.trim().split(", ")).toContain(name);
  }
  // A machine may be told to leave out documentation; this one shall not.
  await inBox(["dpkg", "--path-include=/usr/*", "-i", `${shown}/cloison_${version}_all.deb`]);
  expect(await inBox(["cloison", "--version"])).toBe(`cloison ${version}\n`);
  expect(await inBox(["cloison", "explain", "ProtectClock"])).toContain("set the clock");
  expect(await inBox(["cloison", "seccomp", "-h"])).toContain("usage: cloison seccomp VERB");
  expect(await inBox(["dpkg", "--verify", "cloison"])).toBe("");
  expect(await inBox(["sh", "-c", "find /usr/lib/cloison ! -user root -o -perm /022 ! -type l"])).toBe("");
});

test("its manual page is found, and formatted without a warning", async () => {
  expect(await inBox(["man", "-w", "cloison"])).toBe("/usr/share/man/man1/cloison.1.gz\n");
  const formatted = await box.run(["man", "--warnings", "-E", "UTF-8", "cloison"], { env: { MANWIDTH: "200" } });
  expect(formatted).toMatchObject({ status: 0, stderr: "" });
  expect(formatted.stdout).toMatch(/^ +cloison seccomp merge F\.bpf… \[--out MERGED\.bpf\]$/m);
  expect(formatted.stdout).toContain(
    "cloison harden nginx.service --workload 'curl -fsS http://127.0.0.1/' --out nginx",
  );
});

/** What is typed, with a tab where a word is to be completed, and what the shell then gives to the program. */
const typed: readonly (readonly [keys: string, words: string])[] = [
  ["cloison hard\t./x\n", "harden ./x"],
  ["cloison harden --lev\tstri\t x\n", "harden --level strict x"],
  ["cloison seccomp decom\tx --t\tsyst\t\n", "seccomp decompile x --to systemd"],
  ["cloison explain ProtectCl\t\n", "explain ProtectClock"],
  ["cloison apply --undo systemd-journald.s\t\n", "apply --undo systemd-journald.service"],
  ["cloison attack systemd-journald.s\t\n", "attack systemd-journald.service"],
  ["cloison merge /usr/lib/cloison/pack\t\n", "merge /usr/lib/cloison/package.json"],
];
/** The program is a function that prints its words. */
const echo = "cloison() { printf '<%s>\\n' \"$*\"; }\n";

/** Types into a shell on a terminal of its own. */
async function interactive(shell: string, keys: string): Promise<string> {
  const child = box.spawn(["script", "-qec", shell, "/dev/null"], { env: { TERM: "dumb" } });
  const all = ended(child);
  child.stdin?.end(keys);
  return (await all).stdout;
}

test("bash completes, loading the file that was installed", async () => {
  const load = "source /usr/share/bash-completion/bash_completion\n";
  const keys = `${load}${echo}${typed.map(([line]) => line).join("")}exit\n`;
  const said = await interactive("bash --norc --noprofile -i", keys);
  for (const [, words] of typed) {
    expect(said).toContain(`<${words}>`);
  }
});

test("zsh completes", async () => {
  const load = "PS1=; autoload -U compinit; compinit -u\n";
  const keys = `${load}${echo}${typed.map(([line]) => line).join("")}exit\n`;
  const said = await interactive("zsh -f -i", keys);
  for (const [, words] of typed) {
    expect(said).toContain(`<${words}>`);
  }
});

test("fish completes", async () => {
  for (const [line, words] of typed) {
    const [before = ""] = line.split("\t");
    const found = await inBox(["fish", "-c", "complete -C $argv[1]", before]);
    const first = found.split("\n").map((each) => each.split("\t")[0] ?? "");
    const wanted = words.split(" ")[before.split(" ").length - 2] ?? "";
    expect(first, `${before}: ${found}`).toContain(wanted);
  }
});
