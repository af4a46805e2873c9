/** How programs run in a box: what they get, and what others on the machine see of it. The kernel is the judge. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

let box: Box;

beforeAll(async () => {
  box = await bootBox();
});

afterAll(() => box.down());

/** The arguments of every process of this machine, as any local user can read them. */
function argumentsOfAll(): string {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const read = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  return pids.map(read).join("\n");
}

test("the environment reaches a program inside and no argument list on the way", async () => {
  const secret = `secret-${process.pid}-${Date.now()}`;
  const freezer = `${box.cgroup.replace(/box$/, "exec")}/cgroup.freeze`;
  writeFileSync(freezer, "1"); // whoever is about to become the program stops on its way
  const child = box.spawn(["/bin/sh", "-c", 'printf "%s %s" "$TOKEN" "$HOME"; read -r _'], { env: { TOKEN: secret } });
  const said = new Promise((resolve) => child.stdout?.once("data", (chunk) => resolve(String(chunk))));
  const ended = new Promise((resolve) => child.once("close", (status) => resolve(status)));
  try {
    for (let looks = 0; looks < 30; looks++) {
      expect(argumentsOfAll()).not.toContain(secret);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  } finally {
    writeFileSync(freezer, "0");
  }
  expect(await said).toBe(`${secret} /root`);
  const seen = argumentsOfAll();
  expect(seen).toContain('printf "%s %s" "$TOKEN"');
  expect(seen).not.toContain(secret);
  child.stdin?.end("\n");
  expect(await ended).toBe(0);
});

/** The capability sets of a process, by the kernel. */
function capabilities(status: string): Record<string, bigint> {
  return Object.fromEntries(
    [...status.matchAll(/^(Cap\w+):\s*([0-9a-f]+)$/gm)].map(([, name, mask]) => [name, BigInt(`0x${mask}`)]),
  );
}

test("a program inside has no capability and no filter less than the box's PID 1 has", async () => {
  const manager = readFileSync(`/proc/${box.leader}/status`, "utf8");
  const { stdout } = await box.run(["cat", "/proc/self/status"]);
  const bound = capabilities(manager).CapBnd ?? 0n;
  for (const [name, mask] of Object.entries(capabilities(stdout))) {
    expect(mask & ~bound, name).toBe(0n);
  }
  for (const field of ["NoNewPrivs", "Seccomp", "Seccomp_filters"]) {
    const line = new RegExp(`^${field}:.*$`, "m");
    expect(line.exec(stdout)?.[0], field).toBe(line.exec(manager)?.[0]);
  }
});

/** Opens the executable of every process that it sees for writing, and says of each file where it lies and what came of it. */
const HUNTER = `
import os
mine = os.getpid()
seen = set()
while True:
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == mine: continue
        path = "/proc/" + name + "/exe"
        try:
            info = os.stat(path)
        except OSError:
            continue
        try:
            os.close(os.open(path, os.O_WRONLY)); result = "open"
        except OSError as error:
            result = str(error.errno)
        line = "%d:%d %d %s" % (os.major(info.st_dev), os.minor(info.st_dev), info.st_ino, result)
        if line not in seen:
            seen.add(line)
            print(line, flush=True)
`;

test("hostile root that hunts for /proc/PID/exe never gets a file of the host", async () => {
  await box.writeFile("/opt/hunter.py", HUNTER);
  const unit = "[Service]\nType=exec\nExecStart=/usr/bin/python3 /opt/hunter.py\nStandardOutput=file:/run/hunted\n";
  await box.writeFile("/run/systemd/system/hunter.service", unit);
  await box.systemctl("daemon-reload");
  expect((await box.systemctl("start", "hunter.service")).status).toBe(0);
  // An overlay has a device for its files of each layer, and one for directories.
  const places = ["/run/hunted", "/usr/bin/cat", "/opt/hunter.py"];
  const own = new Set((await box.run(["stat", "-L", "-c", "%Hd:%Ld", ...places])).stdout.trim().split("\n"));
  const hunted = async () => {
    const lines = (await box.readFile("/run/hunted")).toString().trim().split("\n");
    return lines.map((line) => line.split(" ") as [device: string, inode: string, result: string]);
  };
  const foreign = async () => (await hunted()).filter(([device]) => !own.has(device));
  for (let run = 0; run < 60; run++) {
    await box.run(["/bin/true"]);
    await box.run(["id"], { uid: 33 });
    await box.writeFile("/run/some-file", "x");
  }
  expect(await foreign()).toEqual([]);
  expect((await hunted()).length).toBeGreaterThan(5);
  expect((await hunted()).map(([, , result]) => result)).toContain("26"); // ETXTBSY: tried on a program that ran
  // The control: whoever enters from outside is caught, if only for the moment before it becomes something else.
  const directory = mkdtempSync("/var/tmp/cloison-hunt-");
  copyFileSync("/usr/bin/nsenter", `${directory}/nsenter`);
  const caught = async () => {
    for (let round = 0; round < 20; round++) {
      spawnSync(`${directory}/nsenter`, ["-t", String(box.leader), "-m", "-p", "true"]);
    }
    return (await foreign()).length;
  };
  await expect.poll(caught).toBeGreaterThan(0);
  rmSync(directory, { recursive: true });
  await box.systemctl("stop", "hunter.service");
});

test("what runs inside is not traced while PID 1 and its units are", async () => {
  const strace = spawn("strace", ["-f", "-o", "/dev/null", "-p", String(box.leader)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    await new Promise((resolve) => strace.stderr.once("data", resolve));
    const status = ["grep", "TracerPid", "/proc/self/status"];
    expect((await box.run(status)).stdout).toBe("TracerPid:\t0\n");
    const unit = await box.run(["systemd-run", "--wait", "--pipe", "-q", ...status]);
    expect(unit.stdout).toMatch(/^TracerPid:\t\d+\n$/);
    expect(await tracerOf(box.leader)).toBe(strace.pid);
  } finally {
    strace.kill("SIGINT");
    await new Promise((resolve) => strace.once("close", resolve));
  }
});

async function tracerOf(pid: number): Promise<number> {
  return Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test("signals, streams and missing programs end as they do outside", async () => {
  for (const [script, status, signal] of [
    ["exit 255", 255, null],
    ["kill -HUP $$", null, "SIGHUP"],
    ["kill -KILL $$", null, "SIGKILL"],
  ] as const) {
    expect(await box.run(["sh", "-c", script]), script).toMatchObject({ status, signal });
  }
  expect((await box.run(["/no/such/program"])).status).toBe(127);
  expect((await box.run(["/etc/passwd"])).status).toBe(126);
  await expect(box.run(["true"], { cwd: "/no/such" })).rejects.toThrow("/no/such");
  const ignored = (await box.run(["sed", "-n", "/^Sig[IB]/p", "/proc/self/status"])).stdout;
  expect(ignored).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+$/m);
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
  await box.writeFile("/run/bytes", bytes);
  expect((await box.readFile("/run/bytes")).equals(bytes)).toBe(true);
});

test("a box that kills or lies at its entrance ends in a message, not in a hang", async () => {
  const victim = expect(box.run(["sleep", "60"])).rejects.toThrow("ended before it finished");
  await expect.poll(async () => (await box.run(["pgrep", "-x", "sleep"])).status).toBe(0);
  // The usher is the parent of the program; without it nobody tells the end.
  await box.run(["sh", "-c", "kill -9 $(ps -o ppid= -p $(pgrep -x sleep)); pkill -9 -x sleep"]);
  await victim;
  const own = await bootBox();
  await own.run(["sh", "-c", "pkill -9 -o keeper"]).catch(() => undefined);
  expect((await own.run(["true"], { timeoutMs: 1000 })).timedOut).toBe(true);
  await expect(own.run(["true"])).rejects.toThrow("ended before it finished");
  await own.down();
  await expect(own.run(["true"])).rejects.toThrow("the box has ended");
});

test("a program that is given no time is ended after the box's patience, and the message has a way out", async () => {
  const own = await bootBox({ patienceSeconds: 2 });
  try {
    await expect(own.run(["sleep", "1000"])).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining("did not end within 2 seconds"),
        help: expect.stringContaining("holds it up"),
      }),
    );
    expect((await own.run(["sleep", "1000"], { timeoutMs: 100 })).timedOut).toBe(true);
    expect((await own.run(["pgrep", "sleep"])).stdout).toBe("");
  } finally {
    await own.down();
  }
});

test("many programs at once are not mixed up", async () => {
  const numbers = Array.from({ length: 60 }, (_, index) => String(index));
  const said = await Promise.all(
    numbers.map(async (number) => await box.run(["sh", "-c", `cat; exit ${number}`], { input: number })),
  );
  expect(said.map(({ stdout }) => stdout)).toEqual(numbers);
  expect(said.map(({ status }) => String(status))).toEqual(numbers);
});

test("a service takes a real-time class in the box as it does on the machine", async () => {
  const argv = ["chrt", "--fifo", "1", "true"];
  const here = spawnSync(argv[0] ?? "", argv.slice(1));
  const started = ["systemd-run", "--wait", "--pipe", "--quiet", "--collect", "-p", "LimitRTPRIO=1", ...argv];
  const inside = await box.run(started);
  expect(inside.status, inside.stderr).toBe(here.status);
});

/** The processes of a session, ended ones that nobody has waited for included. */
function inSession(session: number): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return fields[3] === String(session);
    } catch {
      return false; // no process, or one that is gone
    }
  });
}

test("who calls the entrance leaves no process to the machine's PID 1, which may wait for nobody", async () => {
  const child = box.spawn(["cat"]);
  const closed = once(child, "close");
  child.stdin?.write("x");
  await once(child.stdout!, "data");
  const session = child.pid ?? -1;
  expect(inSession(session)).toEqual([String(session)]);
  child.stdin?.end();
  expect(await closed).toEqual([0, null]);
  expect(inSession(session)).toEqual([]);
});
