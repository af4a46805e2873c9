/**
 * A hostile service in a box: root, no walls, commands with `+`, which run outside everything that a unit says. What it
 * reaches for is refused without a trace on the machine. Where something is tried, it is tried so that it would change
 * nothing if it got through.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;
let shared: Box;
let shown: string;
let count = 0;

beforeAll(async () => {
  shown = mkdtempSync("/var/tmp/cloison-hostile-");
  writeFileSync(`${shown}/file`, "the machine's\n");
  mkdirSync(`${shown}/below`);
  box = await bootBox({ bindReadOnly: [{ source: shown, target: "/srv/shown" }] });
  shared = await bootBox({ network: "host" });
});
afterAll(async () => {
  await box?.down();
  await shared?.down();
  rmSync(shown, { recursive: true });
});

/** Runs a shell command as the `+` command of a unit with these lines; what it printed. */
async function hostile(command: string, lines: readonly string[] = [], where = box): Promise<string> {
  count += 1;
  const name = `hostile-${count}.service`;
  const script = `/opt/hostile-${count}`;
  await where.writeFile(script, `#!/bin/bash\nexec >/run/hostile-${count} 2>&1\n${command}\n`, 0o755);
  const unit = ["[Service]", "Type=oneshot", `ExecStart=-+${script}`, ...lines, ""];
  await where.writeFile(`/etc/systemd/system/${name}`, unit.join("\n"));
  await where.systemctl("daemon-reload");
  await where.systemctl("start", name);
  return (await where.readFile(`/run/hostile-${count}`)).toString();
}

/** A system call by number in Perl: prints 0 or the name of its error. */
function call(number: number, ...args: readonly (number | string)[]): string {
  const given = args.map((each) => (typeof each === "number" ? String(each) : each)).join(", ");
  return `perl -MErrno -e 'my @given = (${given}); $! = 0; my $r = syscall(${number}, @given); print($r < 0 ? (grep { $!{$_} } keys %!)[0] : 0, "\\n")'`;
}

const CAPABILITIES = [
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_BOOT",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_MAC_ADMIN",
];
const BITS = [16, 17, 22, 24, 25, 33];

describe("capabilities over the machine", () => {
  test("no command has them, whatever its prefix and its unit say", async () => {
    expect([...box.guarded].sort()).toEqual([...CAPABILITIES].sort());
    const status = await hostile("grep -E 'Cap(Prm|Bnd)' /proc/self/status", ["CapabilityBoundingSet=CAP_SYS_TIME"]);
    const sets = [...status.matchAll(/Cap\w+:\s*([0-9a-f]+)/g)].map(([, set]) => BigInt(`0x${set}`));
    expect(sets).toHaveLength(2);
    for (const bit of BITS) {
      for (const set of sets) {
        expect((set >> BigInt(bit)) & 1n, `bit ${bit}`).toBe(0n);
      }
    }
  });

  test("the clock: not even a time zone that no clock can have is looked at", async () => {
    expect(await hostile(call(164, 0, 'pack("l<l<", 9999, 0)'))).toBe("EPERM\n");
  });

  test("a shared network is not root's to configure", async () => {
    expect(shared.guarded).toContain("CAP_NET_ADMIN");
    expect(await hostile("ip link set lo mtu 65536", [], shared)).toContain("Operation not permitted");
  });
});

describe("calls that reach past namespaces", () => {
  test.each([
    ["perf_event_open", call(298, 'pack("x128")', -1, 0, -1, 0)],
    ["open_by_handle_at", call(304, -1, 'pack("x16")', 0)],
    ["kexec_load", call(246, 0, 0, 0, 0x8000)],
    ["swapoff", call(168, '"/nonexistent"')],
    ["bpf: the next program", call(321, 11, 'pack("x128")', 12)],
    ["bpf: attach to a tracepoint", call(321, 17, 'pack("x128")', 16)],
    ["bpf: a link", call(321, 28, 'pack("x128")', 16)],
    ["syslog: the console's level", call(103, 8, 0, 99)],
    ["fanotify_mark of a file system", call(301, -1, 0x101, 0x20, -100, 0)],
    ["keyctl: root's keyring", call(250, 11, -4, 0, 0)],
    ["keyctl: join a session by name", call(250, 1, '"_uid.0"')],
    ["add_key to root's keyring", call(248, '"user"', '"cloison"', '"x"', 1, -4)],
    ["request_key with a program outside", call(249, '"user"', '"cloison"', '"x"', 0)],
    ["quotactl of a disk by its node", call(179, 0x80000100, '"/nonexistent"', 0, 0)],
    ["quotactl_fd", call(443, -1, 0x80000100, 0, 0)],
    ["pidfd_getfd", call(438, -1, 0, 0)],
    ["the network of a socket that was made outside", call(16, -1, 0x894c, 0)],
    ["the mount namespace after this one", call(16, -1, 0x8010b70b, 0)],
    ["the mount namespace before this one, by a larger request", call(16, -1, 0x8020b70c, 0)],
  ])("%s is not permitted", async (_, command) => {
    expect(await hostile(command)).toBe("EPERM\n");
  });

  test.each([
    ["socket", call(41, 40, 1, 0)],
    ["socketpair", call(53, 40, 1, 0, 'pack("x8")')],
  ])("%s: the machine's hypervisor is not spoken to", async (_, command) => {
    expect(await hostile(command)).toBe("EAFNOSUPPORT\n");
  });

  test("the session keyring is the box's own, and the machine's keys are not listed", async () => {
    const serial = (text: string) => Number(/(-?\d+)/.exec(text)?.[1]);
    const own = "perl -e 'print syscall(250, 0, -3, 0)'";
    const outside = serial(execFileSync("perl", ["-e", "print syscall(250, 0, -3, 0)"], { encoding: "utf8" }));
    const inside = serial(await hostile(own, ["KeyringMode=inherit"]));
    expect(inside).toBeGreaterThan(0);
    expect(inside).not.toBe(outside);
    expect(await hostile("cat /proc/keys")).toBe("");
  });
});

describe("core dumps", () => {
  const limits = "grep -i core /proc/self/limits";
  test.each([[["LimitCORE=infinity"]], [["LimitCORE=0"]], [[]]])("the limit is exactly 1 with %j", async (lines) => {
    const inPrefix = await hostile(limits, lines);
    const { stdout } = await box.run([
      ...["systemd-run", "--wait", "--pipe", "-q", ...lines.flatMap((line) => ["-p", line]), "sh", "-c"],
      `ulimit -c 0; ulimit -c unlimited; ${limits}`,
    ]);
    for (const text of [inPrefix, stdout]) {
      expect(text).toMatch(/^Max core file size\s+1\s+1\s+bytes/);
    }
  });

  test("who asks for the old limit at once is not told rubbish", async () => {
    expect(await hostile(call(302, 0, 4, 'pack("QQ", 0, 0)', 'pack("x16")'))).toBe("EPERM\n");
  });
});

describe("what the kernel shares", () => {
  test("kernel settings cannot be written, not through a procfs of one's own either", async () => {
    const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
    const answer = await hostile(
      `mkdir -p /run/p; mount -t proc proc /run/p && echo mounted
for name in kernel/core_pattern kernel/pid_max vm/swappiness net/core/somaxconn kernel/domainname; do
value=$(cat /run/p/sys/$name); echo "$value" >/run/p/sys/$name && echo "$name written"; done; umount /run/p`,
    );
    expect(answer).toContain("mounted");
    expect(answer.split("\n").filter((line) => line.endsWith("written"))).toEqual([
      "net/core/somaxconn written",
      "kernel/domainname written",
    ]);
    expect(answer.match(/Operation not permitted/g)).toHaveLength(3);
    expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(pattern);
    expect(await hostile("cat /proc/sys/net/core/somaxconn >/proc/sys/net/core/somaxconn", [], shared)).toContain(
      "Read-only",
    );
  });

  test.each([
    "/proc/irq/default_smp_affinity",
    "/proc/sysrq-trigger",
    "/proc/mtrr",
    "/proc/sys/vm/swappiness",
    "/sys/kernel/uevent_helper",
  ])("%s cannot be opened for writing as the box shows it", async (path) => {
    expect(await hostile(`[ -e ${path} ] || echo missing; : >>${path}`)).toMatch(/Read-only file system|missing/);
  });

  test.each(["binfmt_misc", "debugfs", "tracefs", "securityfs", "pstore", "bpf"])("no %s is mounted", async (type) => {
    expect(await hostile(`grep -c ' - ${type} ' /proc/self/mountinfo`)).toBe("0\n");
  });
});

describe("version 1 hierarchies of control groups", () => {
  const names = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => / - cgroup \S+ (\S+)$/.exec(line)?.[1]?.split(",").at(-1) ?? []);

  test("no program of the machine's is named to the kernel, and no hierarchy is made", async () => {
    for (const name of names) {
      const answer = await hostile(`mkdir -p /run/v1; mount -t cgroup -o ${name} x /run/v1 && echo mounted
[ -e /run/v1/release_agent ] && echo "release_agent is there"
mount -o remount,${name} x /run/v1; umount /run/v1`);
      expect(answer, name).toMatch(/^mounted\n/);
      expect(answer, name).not.toContain("release_agent is");
      // A remount that is not refused could name one.
      expect(answer, name).toContain("busy");
    }
    const made = "mkdir -p /run/v1; mount -t cgroup -o none,name=cloison x /run/v1 && echo made";
    expect(await hostile(made)).toMatch(/permission denied|not permitted/);
  });
});

describe("devices", () => {
  const disk = "mknod /run/disk-$$ b 8 0; mknod /run/mem-$$ c 1 1; mknod /run/null-$$ c 1 3 && echo null";

  test("no unit makes nodes of disks or memory, whatever its policy", async () => {
    const answer = await hostile(disk, ["DevicePolicy=auto", "DeviceAllow=block-* rwm", "DeviceAllow=char-* rwm"]);
    expect(answer.match(/Operation not permitted/g)).toHaveLength(2);
    expect(answer).toContain("null\n");
  });

  test("root inside cannot detach the policy: nothing is attached to the root that it sees", async () => {
    const detach = (path: string) =>
      `perl -MErrno -e 'sysopen(my $d, "${path}", 0200000) or die; $! = 0; my $r = syscall(321, 9, pack("LLLLx112", fileno($d), 0, 6, 0), 16); print($r < 0 ? (grep { $!{$_} } keys %!)[0] : 0, "\\n")'`;
    expect(await hostile(`${detach("/sys/fs/cgroup")}\n${disk}`)).toMatch(
      /^(ENOENT|EINVAL)\nmknod: .*not permitted\nmknod: .*not permitted\nnull\n$/,
    );
  });
});

describe("directories of the machine that are shown", () => {
  test("they can be read, and no remount makes them writable", async () => {
    const answer = await hostile(
      `cat /srv/shown/file; mount -o remount,bind,rw /srv/shown; mount -o remount,rw /srv/shown; umount /srv/shown/below
for at in /srv/shown /srv/shown/below; do touch $at/made; done; echo changed >/srv/shown/file`,
    );
    expect(answer).toContain("the machine's\n");
    expect(answer.match(/Read-only file system/g)).toHaveLength(3);
    expect(readFileSync(`${shown}/file`, "utf8")).toBe("the machine's\n");
  });
});

describe("walls still stand in a box", () => {
  test("address and device policies of units, and filters on families, work beside the box's own", async () => {
    const run = async (property: string, command: string) =>
      (await box.run(["systemd-run", "--wait", "--pipe", "-q", "-p", property, "bash", "-c", command])).stderr;
    const connect = "timeout 0.3 bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'";
    expect(await run("Nice=0", connect)).toContain("refused");
    expect(await run("IPAddressDeny=any", connect)).not.toContain("refused");
    expect(await run("DevicePolicy=strict", ": >/dev/full")).toContain("not permitted");
    expect(await run("RestrictAddressFamilies=AF_UNIX", connect)).toContain("not supported");
  });
});

describe("what remains", () => {
  test("root mounts kernel file systems of its own: nothing but a virtual machine keeps a hostile service from these", async () => {
    const types = ["proc", "sysfs", "debugfs", "tracefs", "securityfs", "pstore", "binfmt_misc", "devtmpfs"];
    const known = readFileSync("/proc/filesystems", "utf8");
    const here = types.filter((type) => known.includes(`\t${type}\n`));
    const answer = await hostile(
      here.map((type) => `mkdir -p /run/m; mount -t ${type} x /run/m && echo ${type} && umount /run/m`).join("\n"),
    );
    expect(answer.trim().split("\n")).toEqual(here);
    const opened = `mkdir -p /run/m; mount -t proc x /run/m; : >>/run/m/sysrq-trigger && echo opened; umount /run/m`;
    if (existsSync("/proc/sysrq-trigger")) {
      expect(await hostile(opened)).toBe("opened\n");
    }
  });

  test("files of the machine are read, and the scratch bounds what is written", async () => {
    expect(await hostile("cmp /etc/shadow /etc/shadow && echo read")).toBe("read\n");
    const size = Number(
      await hostile("stat -f -c '%b' /; stat -f -c '%S' /").then((text) =>
        text
          .trim()
          .split("\n")
          .map(Number)
          .reduce((a, b) => a * b),
      ),
    );
    const free = statfsSync("/var/tmp");
    expect(size).toBeLessThan((free.bavail * free.bsize) / 2 + 2 ** 30);
  });
});
