/**
 * The whole virtual machine as a box: its systemd is PID 1 of the machine itself, nothing is guarded, and every controller and
 * security module of its kernel is there. Runs in the machine, in the mount namespace of its tools (machine.mjs); only there, for
 * attacks are made against whatever this is a box of. What a box is: src/engines/box/contract.ts.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { resolveIn } from "../../dist/linux/beneath.js";
import { parseShow } from "../../dist/linux/properties.js";
import { describeFailure, runCommand } from "../../dist/linux/spawn.js";
import { SystemError } from "../../dist/linux/system-error.js";

const ROOT = "/proc/1/root";
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

/** What brings a program to where PID 1 is. */
function entering(argv, { cwd = "/", uid } = {}) {
  const as = uid === undefined ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  return ["nsenter", "--target=1", "--mount", `--wd=${ROOT}${cwd}`, "--", ...as, ...argv];
}

function outside(path) {
  return ROOT + resolveIn(ROOT, path);
}

let written = 0;

async function writeFile(path, content, mode = 0o644) {
  const place = outside(path);
  written += 1;
  const beside = `${dirname(place)}/.cloison.${written}`;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(beside, content);
  chmodSync(beside, mode);
  renameSync(beside, place);
}

/** Refuses where the kernel is not one that the set-up started for this. */
function insist() {
  if (!/(^|\s)cloison\.machine(\s|$)/.test(readFileSync("/proc/cmdline", "utf8"))) {
    throw new SystemError("attack a whole machine", { reason: "this is no virtual machine that was made for it" });
  }
}

export function wholeMachine() {
  insist();
  const run = (argv, options = {}) =>
    runCommand(entering(argv, options), { ...options, cwd: "/", env: { ...ENVIRONMENT, ...options.env } });
  const systemctl = (...args) => run(["systemctl", ...args]);
  return {
    name: "machine",
    leader: 1,
    cgroup: "/sys/fs/cgroup",
    root: ROOT,
    // It has but its own loopback.
    network: "private",
    forAttacks: true,
    guarded: [],
    notes: [],
    run,
    spawn: (argv, options = {}) => spawn("nsenter", entering(argv, options).slice(1), { env: ENVIRONMENT }),
    writeFile,
    readFile: async (path) => readFileSync(outside(path)),
    systemctl,
    showProperties: async (unit, names) => {
      const result = await systemctl("show", `--property=${names.join(",")}`, "--", unit);
      if (result.status === 0) {
        return parseShow(result.stdout, names);
      }
      throw new SystemError("ask the machine's systemd about", { path: unit, reason: describeFailure(result) });
    },
    journal: async (unit) => (await run(["journalctl", "--boot", "--quiet", "--output=cat", `--unit=${unit}`])).stdout,
    syncJournal: async () => {
      await run(["journalctl", "--sync"]);
    },
    ended: new Promise(() => undefined),
    down: async () => undefined,
  };
}
