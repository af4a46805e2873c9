/**
 * A virtual machine that plays a host: Debian's kernel under qemu, systemd as PID 1, and as its root this machine's, or that of
 * another release, read-only below a disk of its own. The disk outlives a reboot. What a crash loses is lost: qemu is killed,
 * and with it whatever the machine had not asked its disk to keep. Facts: qemu(1); how it boots: ../setup/machine.mjs.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureMachine } from "../setup/machine.mjs";
import { connectAgent } from "./agent.mjs";

/** An idle machine needs 20 s for it, a loaded one several times that. */
const BOOT_MS = 400_000;
const DOWN_MS = 240_000;

/** What a machine without hardware has no use for; each costs seconds under emulation. */
const MASKED = [
  ...["systemd-udevd.service", "systemd-udev-trigger.service", "systemd-modules-load.service", "networking.service"],
  ...["getty.target", "serial-getty@ttyS0.service", "apt-daily.timer", "systemd-hwdb-update.service"],
  ...["ldconfig.service", "systemd-timesyncd.service", "systemd-journal-catalog-update.service", "dev-hugepages.mount"],
  ...["modprobe@configfs.service", "modprobe@efi_pstore.service", "modprobe@fuse.service", "sys-kernel-debug.mount"],
  // It would hide what this machine has under /tmp.
  "tmp.mount",
  ...["apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "logrotate.timer"],
  ...["man-db.timer", "systemd-tmpfiles-clean.timer", "e2scrub_reap.service"],
];

/**
 * Runs `$@` with this machine's root as it is outside, read-only, around the kernel's own file systems of the virtual machine. In a
 * mount namespace of its own: no unit sees any of it.
 */
const WITH_TOOLS = `set -e; mkdir -p /run/tools
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,ro,msize=262144 tools /run/tools
for each in proc sys dev; do mount --rbind /$each /run/tools/$each; done
mount -t tmpfs tmpfs /run/tools/tmp
exec chroot /run/tools "$@"`;

const quoted = (words) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

/** Debian's kernel takes x32 calls only if it is told to; attacks make some. */
const X32 = "syscall.x32=y";

function argvOf({ kernel, initrd, directory, disk, socket, root, memoryMiB }) {
  const shown = root === undefined ? "" : `cloison.root=${root} `;
  const cmdline = `cloison.machine console=ttyS0 panic=-1 quiet loglevel=1 ${X32} ${shown}systemd.show_status=0 ${MASKED.map((unit) => `systemd.mask=${unit}`).join(" ")}`;
  const share = (id, tag) => [
    ...["-fsdev", `local,id=${id},path=/,security_model=passthrough,multidevs=remap,readonly=on`],
    ...["-device", `virtio-9p-pci,fsdev=${id},mount_tag=${tag}`],
  ];
  return [
    ...["-accel", "tcg,thread=multi", "-m", String(memoryMiB), "-smp", String(availableParallelism())],
    ...["-display", "none", "-no-reboot", "-kernel", kernel, "-initrd", initrd, "-append", cmdline],
    ...["-serial", `file:${join(directory, "console")}`, "-serial", `unix:${socket},server=on,wait=off`],
    ...["-drive", `file=${disk},format=raw,if=virtio,cache=writeback`],
    ...share("h", "host"),
    ...share("t", "tools"),
  ];
}

const PLACE = "/var/tmp";

/** Removes the disks that processes left which were ended. */
function sweep() {
  for (const name of readdirSync(PLACE)) {
    const owner = /^cloison-vm-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) {
      rmSync(join(PLACE, name), { recursive: true, force: true });
    }
  }
}

/** Makes a machine with an empty disk; it is not yet up. `root`: the directory of another release's root. */
export function makeMachine({ memoryMiB = 2048, root } = {}) {
  const { kernel, initrd } = ensureMachine(() => undefined);
  sweep();
  const directory = mkdtempSync(`${PLACE}/cloison-vm-${process.pid}-`);
  const disk = join(directory, "disk");
  execFileSync("truncate", ["--size=1G", disk]);
  execFileSync("mkfs.ext4", ["-q", "-F", disk]);
  const socket = join(directory, "agent");
  const argv = argvOf({ kernel, initrd, directory, disk, socket, root, memoryMiB });
  let running;
  const leave = () => {
    if (running === undefined) {
      throw new Error("the machine is down");
    }
    const { qemu, agent } = running;
    running = undefined;
    return { qemu, agent, ended: new Promise((done) => qemu.once("close", () => done("down"))) };
  };
  const crash = async () => {
    if (running === undefined) {
      return;
    }
    const { qemu, agent, ended } = leave();
    qemu.kill("SIGKILL");
    await ended;
    agent?.close();
  };
  const goDown = async (command) => {
    const { qemu, agent, ended } = leave();
    agent.run(command).catch(() => undefined);
    const how = await Promise.race([ended, sleep(DOWN_MS, "up", { ref: false })]);
    qemu.kill("SIGKILL");
    await ended;
    agent.close();
    if (how === "up") {
      throw new Error(`the machine does not go down by ${command}`);
    }
  };
  const run = async (words) => {
    if (running?.agent === undefined) {
      throw new Error("the machine is down");
    }
    return running.agent.run(quoted(words));
  };
  return {
    boot: async () => {
      // However this process ends, the kernel ends qemu with it.
      const command = ["--pdeathsig", "KILL", "qemu-system-x86_64", ...argv];
      const qemu = spawn("setpriv", command, { stdio: ["ignore", "ignore", "inherit"] });
      running = { qemu, agent: undefined };
      running = { qemu, agent: await connectAgent(socket, qemu, Date.now() + BOOT_MS) };
    },
    crash,
    goDown,
    run,
    runTool: (words) =>
      run(["unshare", "--mount", "--propagation", "slave", "/bin/sh", "-c", WITH_TOOLS, "sh", ...words]),
    leaveFile: (name, content) => {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
    writeFile: async (path, content, mode = 0o644) => {
      const script = `mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1" && chmod ${mode.toString(8)} "$1"`;
      const written = await run(["sh", "-c", script, "sh", path, content]);
      if (written.status !== 0) {
        throw new Error(`cannot write ${path} in the machine: ${written.stdout}`);
      }
    },
    discard: async () => {
      await crash();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
