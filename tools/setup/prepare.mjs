/**
 * Brings a machine that has Debian 13, Node 20 and root to where Cloison's demonstration and tests can run. Only tools
 * are installed on the machine; servers go into layers (layer.mjs). Each step first looks whether there is anything to do.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureExecTests } from "./exec-tests.mjs";
import { ensureLayer } from "./layer.mjs";
import { layers } from "./layers.mjs";
import { ensureMachine } from "./machine.mjs";
import { ensureProfiles } from "./profiles.mjs";
import { ensureRoots, roots, rootTools } from "./roots.mjs";
import { setupError } from "./setup-error.mjs";
import { ensureUnits } from "./units.mjs";

const root = join(import.meta.dirname, "../..");

/** What Cloison itself calls, by Debian package, with a file that shows that it is there. */
export const tools = {
  strace: "/usr/bin/strace",
  dbus: "/usr/bin/dbus-daemon",
  "libnss-systemd": "/usr/lib/*/libnss_systemd.so.2",
  "util-linux": "/usr/bin/nsenter",
  bsdutils: "/usr/bin/script",
  e2fsprogs: "/usr/sbin/mkfs.ext4",
  iproute2: "/usr/sbin/ip",
  systemd: "/usr/lib/systemd/systemd",
  procps: "/usr/bin/ps",
  mount: "/usr/bin/mount",
};

/** What the tests need besides: a browser that opens the report; as oracles the kernel's headers, what reads them, and python3. */
const testTools = {
  chromium: "/usr/bin/chromium",
  cpp: "/usr/bin/cpp",
  python3: "/usr/lib/*/json/__init__.py",
  "libcap2-bin": "/usr/sbin/capsh",
  "linux-libc-dev": "/usr/include/linux/seccomp.h",
};

/** What runs and builds the virtual machine that plays a host. */
const machineTools = {
  "qemu-system-x86": "/usr/bin/qemu-system-x86_64",
  "busybox-static": "/usr/bin/busybox",
  "xz-utils": "/usr/bin/xz",
};

/** Whether a path exists; one `*` stands for one directory name. */
function present(pattern) {
  const [before, after] = pattern.split("*");
  if (after === undefined) {
    return existsSync(pattern);
  }
  return existsSync(before) && readdirSync(before).some((name) => existsSync(join(before, name + after)));
}

function packages(wanted, say) {
  const missing = Object.keys(wanted).filter((name) => !present(wanted[name]));
  if (missing.length === 0) {
    return;
  }
  say(`installing Debian packages on this machine (tools, no servers): ${missing.join(" ")}`);
  const install = ["install", "--no-install-recommends", "-y", "-q", "-o", "DPkg::Lock::Timeout=120", ...missing];
  if (apt(install).status !== 0) {
    say("refreshing the package lists");
    const update = apt(["update", "-q"]);
    const again = update.status === 0 ? apt(install) : update;
    if (again.status !== 0) {
      const reason = `${again.stdout ?? ""}${again.stderr ?? again.error?.message ?? ""}`;
      const lines = reason.split("\n").filter((line) => line.startsWith("E:"));
      throw setupError(
        `apt-get could not install ${missing.join(" ")}: ${lines.slice(-3).join("; ") || reason.slice(-300)}`,
      );
    }
  }
  const absent = missing.filter((name) => !present(wanted[name]));
  if (absent.length > 0) {
    throw setupError(`${absent.map((name) => `${wanted[name]} (package ${name})`).join(", ")} is still missing`);
  }
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  return spawnSync("apt-get", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
}

/** Whether every package of the lock file that is not optional is installed in the version that it names. */
function modulesFresh() {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed)) {
    return false;
  }
  const have = JSON.parse(readFileSync(installed, "utf8")).packages;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const same = (name) => have[name]?.version === want[name].version && existsSync(join(root, name));
  const needed = Object.keys(want).filter((name) => name !== "" && (have[name] !== undefined || !want[name].optional));
  return needed.every(same);
}

function nodeModules(say) {
  if (!modulesFresh()) {
    say("installing the development packages of package-lock.json into node_modules (npm ci --ignore-scripts)");
    // Whoever sets this up is root: what package-lock.json names by its hash is unpacked, and none of it is run.
    npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  }
}

/** The sources that the compiler reads, by name, time and size: reading them all would cost what compiling does. */
function sourcesStamp() {
  const hash = createHash("sha256");
  const files = readdirSync(join(root, "src"), { recursive: true }).map((name) => join("src", String(name)));
  for (const name of [...files, "tsconfig.json", "tsconfig.base.json", "package.json"].sort()) {
    const { mtimeMs, size } = statSync(join(root, name));
    hash.update(statSync(join(root, name)).isDirectory() ? name : `${name} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}

function build(say) {
  nodeModules(say);
  const file = join(root, "dist/.stamp");
  const stamp = sourcesStamp();
  if (existsSync(file) && readFileSync(file, "utf8") === stamp && existsSync(join(root, "dist/cli/main.js"))) {
    return;
  }
  say("compiling (npm run build)");
  npm(["run", "--silent", "build"]);
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(file, stamp);
}

function npm(args) {
  const result = spawnSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) {
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim();
    throw setupError(`npm ${args[0]} failed:\n${output.split("\n").slice(-20).join("\n")}`);
  }
}

function mayInstall() {
  if (process.getuid?.() !== 0) {
    throw setupError("root is needed: to install missing tools, to boot a private systemd and to trace it; try sudo");
  }
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    throw setupError(`Node 20 or newer is needed, this is ${process.version}`);
  }
}

/**
 * Does what `want` names and only if it is not done yet: "tools", "test-tools", "node_modules", "build", "profiles",
 * "machine", "roots", "root:NAME", "units", "exec-tests", "layers:NAME".
 * `say` hears each installation before it begins. Returns the directories of each layer asked for, uppermost first, of each root, by
 * name, the units of packages, and those with which systemd tests itself.
 * Throws an error with `exitStatus` 3 and a message for a person.
 */
export function prepare({ want, say }) {
  mayInstall();
  const found = {};
  const others = {};
  let units = [];
  let execTests = [];
  const steps = {
    tools: () => packages(tools, say),
    "test-tools": () => packages(testTools, say),
    node_modules: () => nodeModules(say),
    build: () => build(say),
    profiles: () => ensureProfiles(say),
    machine: () => {
      packages(machineTools, say);
      ensureMachine(say);
    },
    roots: () => addRoots(Object.keys(roots)),
    units: () => {
      units = ensureUnits(say);
    },
    "exec-tests": () => {
      execTests = ensureExecTests(say);
    },
  };
  const addRoots = (names) => {
    packages(rootTools, say);
    Object.assign(others, ensureRoots(names, say));
  };
  for (const item of want) {
    if (item.startsWith("layers:")) {
      const name = item.slice("layers:".length);
      found[name] = ensureLayer(name, layers, say);
    } else if (item.startsWith("root:")) {
      addRoots([item.slice("root:".length)]);
    } else if (Object.hasOwn(steps, item)) {
      steps[item]();
    } else {
      throw setupError(
        `nothing is known of "${item}"; known: ${Object.keys(steps).join(", ")}, root:NAME, layers:NAME`,
      );
    }
  }
  return { layers: found, roots: others, units, execTests };
}

/** Runs a script's main function and turns what it throws into one line and an exit status. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error?.exitStatus === undefined) {
      throw error;
    }
    process.stderr.write(`cloison: ${error.message}\n`);
    process.exitCode = error.exitStatus;
  }
}

if (process.argv[1] === import.meta.filename) {
  await runScript(() => {
    const want = process.argv.slice(2);
    const say = (line) => process.stderr.write(`${line}\n`);
    const done = prepare({ want: want.length > 0 ? want : ["tools", "build", "layers:demo"], say });
    process.stdout.write(`${JSON.stringify({ layers: done.layers, roots: done.roots })}\n`);
    return 0;
  });
}
