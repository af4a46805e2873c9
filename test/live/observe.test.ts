/** Observing real units of a box: the programs know what they did, and the kernel and systemd say what state they are in. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Need, Observation, Phase } from "../../src/core/action/action.ts";
import { collector } from "../../src/core/action/collect.ts";
import { writeObservation } from "../../src/core/action/document.ts";
import { judge } from "../../src/core/sandbox/judge.ts";
import type { Wall } from "../../src/core/sandbox/wall.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { traceCapabilities } from "../../src/engines/observe/capabilities.ts";
import { observeUnit } from "../../src/engines/observe/observe.ts";
import { SystemError } from "../../src/linux/system-error.ts";

let box: Box;
let mountsBefore: string;

beforeAll(async () => {
  mountsBefore = readFileSync("/proc/self/mounts", "utf8");
  box = await bootBox();
});

afterAll(async () => {
  await box.down();
  expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);
});

async function unit(name: string, ...lines: readonly string[]): Promise<void> {
  await box.writeFile(`/etc/systemd/system/${name}`, `${lines.join("\n")}\n`);
  await box.systemctl("daemon-reload");
}

async function program(name: string, text: string): Promise<string> {
  const path = `/usr/local/lib/observed-${name}`;
  await box.writeFile(path, `#!/usr/bin/perl\n${text}\n`, 0o755);
  return path;
}

async function mustSystemctl(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await box.systemctl(...args);
  expect(`${status} ${stderr}`).toBe("0 ");
}

/** Starts and stops a unit under observation. */
function startAndStop(name: string, work: () => Promise<void> = async () => undefined): Promise<Observation> {
  return observeUnit(box, name, async (phase) => {
    await phase("start");
    await mustSystemctl("start", name);
    await phase("workload");
    await work();
    await phase("stop");
    await mustSystemctl("stop", name);
  });
}

function count({ seen }: Observation, call: string, result = "ok"): number {
  return seen
    .filter((one) => one.action.call.name === call && one.result === result && !onlyCapabilities(one.action.needs))
    .reduce((sum, one) => sum + one.count, 0);
}

function onlyCapabilities(needs: readonly Need[]): boolean {
  return needs.length > 0 && needs.every((need) => need.kind === "capability");
}

function paths({ seen }: Observation, access: string, result = "ok"): readonly string[] {
  return seen.flatMap((one) =>
    one.result !== result
      ? []
      : one.action.needs.flatMap((need) => (need.kind === "path" && need.access === access ? [need.path] : [])),
  );
}

function phasesOf({ seen }: Observation, path: string): readonly Phase[] {
  return [
    ...new Set(
      seen
        .filter((one) => one.action.needs.some((need) => need.kind === "path" && need.path === path))
        .flatMap((one) => one.phases),
    ),
  ];
}

function capabilities({ seen }: Observation): readonly string[] {
  const found = seen.flatMap((one) =>
    one.result === "ok"
      ? one.action.needs.flatMap((need) => (need.kind === "capability" ? [need.capability] : []))
      : [],
  );
  return [...new Set(found)].sort();
}

test("counts exactly what a program did, and keeps nothing of its data", async () => {
  const path = await program(
    "counts",
    `use Socket;
     syscall(110) for 1..137;                       # getppid
     mkdir "/var/lib/observed-$_" for 1..20;
     rmdir "/var/lib/observed-$_" for 1..20;
     for (1..15) { my $p = fork(); exec("/bin/true", "SECRET-argument") if !$p; waitpid $p, 0 }
     open F, ">", "/var/lib/observed"; print F "SECRET-content"; close F; unlink "/var/lib/observed";
     socket(S, PF_INET, SOCK_DGRAM, 0); send(S, "SECRET-message", 0, sockaddr_in(9, INADDR_LOOPBACK));
     my $ring = "\\0" x 120; syscall(425, 4, $ring);  # io_uring_setup
     symlink "/etc", "/tmp/link"; open G, "<", "/tmp/link/hostname"; open H, "<", "/etc/none";`,
  );
  await unit(
    "counts.service",
    "[Service]",
    "Type=oneshot",
    "Environment=KEY=SECRET-value",
    `ExecStart=${path} SECRET-word`,
  );
  const observation = await startAndStop("counts.service");
  expect(count(observation, "getppid")).toBe(137);
  expect(count(observation, "mkdir")).toBe(20);
  expect(count(observation, "rmdir")).toBe(20);
  expect(count(observation, "execve")).toBe(16);
  expect(paths(observation, "create").filter((one) => /observed-\d+$/.test(one))).toHaveLength(20);
  expect(paths(observation, "execute")).toEqual(expect.arrayContaining([path, "/usr/bin/perl", "/usr/bin/true"]));
  expect(paths(observation, "read")).toContain("/etc/hostname");
  expect(paths(observation, "read", "ENOENT")).toContain("/etc/none");
  expect(observation.gaps).toEqual([{ reason: "io_uring: what is done through a ring is not seen", count: 1 }]);
  const text = writeObservation(observation);
  expect(text).not.toContain("SECRET");
  expect(text).toContain('"address":"127.0.0.1","port":9,"transport":"udp"');
});

test("begins behind the manager's set-up, whatever walls the unit has, and leaves `+` lines out", async () => {
  const path = await program("walled", `open F, ">", "/tmp/here"; chdir "/usr"; opendir D, "share/perl"; sleep 30;`);
  await unit(
    "walled.service",
    "[Service]",
    "Type=exec",
    "DynamicUser=yes",
    "PrivateTmp=yes",
    "PrivateUsers=yes",
    "ProtectSystem=strict",
    "SystemCallFilter=@system-service",
    "ExecStartPre=+/usr/bin/touch /var/lib/by-root",
    "ExecStartPre=!/usr/bin/id",
    `ExecStart=${path}`,
  );
  const observation = await startAndStop("walled.service");
  for (const call of ["mount", "pivot_root", "unshare", "seccomp", "capset"]) expect(count(observation, call)).toBe(0);
  expect(paths(observation, "create")).toContain("/tmp/here");
  expect(paths(observation, "read")).toContain("/usr/share/perl");
  expect(paths(observation, "execute")).toContain("/usr/bin/id");
  expect(paths(observation, "create")).not.toContain("/var/lib/by-root");
  expect(existsSync(`${box.root}/var/lib/by-root`)).toBe(true);
  expect(observation.gaps).toEqual([]);
});

test("knows start, workload, reload and stop apart, for a notify service with a watchdog", async () => {
  const path = await program(
    "notify",
    `use Socket;
     sub say { socket(my $s, PF_UNIX, SOCK_DGRAM, 0); send($s, shift, 0, sockaddr_un($ENV{NOTIFY_SOCKET})) }
     $SIG{HUP} = sub { open F, "<", "/etc/reloaded" }; $SIG{TERM} = sub { open F, "<", "/etc/stopped"; exit };
     $SIG{USR1} = sub { open F, "<", "/etc/worked" };
     open F, "<", "/etc/started"; say("READY=1"); while (1) { select undef, undef, undef, 0.05 }`,
  );
  await unit(
    "notify.service",
    "[Service]",
    "Type=notify",
    "WatchdogSec=200ms",
    "TimeoutStartSec=5",
    `ExecStart=${path}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
  );
  const observation = await observeUnit(box, "notify.service", async (phase) => {
    await phase("start");
    await mustSystemctl("start", "notify.service");
    await phase("workload");
    await mustSystemctl("kill", "-s", "USR1", "notify.service");
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await box.systemctl("is-active", "notify.service")).stdout).toBe("active\n");
    await phase("reload");
    await mustSystemctl("reload", "notify.service");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await phase("stop");
    await mustSystemctl("stop", "notify.service");
  });
  expect(phasesOf(observation, "/etc/started")).toEqual(["start"]);
  expect(phasesOf(observation, "/etc/worked")).toEqual(["workload"]);
  expect(phasesOf(observation, "/etc/reloaded")).toEqual(["reload"]);
  expect(phasesOf(observation, "/etc/stopped")).toEqual(["stop"]);
  expect(observation.phases).toEqual(["start", "workload", "reload", "stop"]);
  // The drop-in that stopped the clock is gone again.
  const properties = await box.showProperties("notify.service", ["TimeoutStartUSec", "DropInPaths"]);
  expect(properties.get("TimeoutStartUSec")).toBe("5s");
  expect(properties.get("DropInPaths")).not.toContain("cloison-observation");
});

test("follows a forking service whose root master starts a worker of another user", async () => {
  const path = await program(
    "forking",
    `use POSIX; exit if fork(); POSIX::setsid(); exit if fork();
     open P, ">", "/run/forking.pid"; print P $$; close P;
     chown 33, 33, "/var/lib/forking" if mkdir "/var/lib/forking";
     if (!($w = fork())) { $( = 33; $) = "33 33"; POSIX::setuid(33); open F, "<", "/etc/worker"; open F, "<", "/etc/shadow"; sleep 100 }
     $SIG{TERM} = sub { kill 15, $w; exit }; sleep 100;`,
  );
  await unit("forking.service", "[Service]", "Type=forking", "PIDFile=/run/forking.pid", `ExecStart=${path}`);
  const observation = await startAndStop("forking.service", () => new Promise((resolve) => setTimeout(resolve, 500)));
  const worker = observation.seen.filter((one) =>
    one.action.needs.some((need) => need.kind === "path" && /worker|shadow/.test(need.path)),
  );
  expect(worker.map((one) => [one.result, one.identities])).toEqual(
    [
      ["EACCES", [{ uid: 33, gid: 33 }]],
      ["ENOENT", [{ uid: 33, gid: 33 }]],
    ].sort(),
  );
  const aimed = observation.seen.flatMap((one) => one.action.needs.filter((need) => need.kind === "process"));
  expect(aimed).toContainEqual({
    kind: "process",
    operation: "signal",
    target: { uid: 33, gid: 33, relation: "unit" },
  });
  expect(capabilities(observation)).toEqual(expect.arrayContaining(["CAP_CHOWN", "CAP_SETGID"]));
  expect(observation.gaps).toEqual([]);
});

test("observes socket-activated services, instances of a template too, and nothing of their neighbours", async () => {
  const greets = await program("greets", `open F, "<", "/etc/greeting"; print "hello\\n"; open F, "<", "/etc/greeted"`);
  const accepts = await program(
    "accepts",
    `use Socket; open(L, "+<&=3"); accept(C, L); syswrite C, "hello\\n"; close C; sleep 100`,
  );
  const neighbour = await program(
    "other",
    `while (1) { open F, "<", "/etc/neighbour"; select undef, undef, undef, 0.02 }`,
  );
  await unit("other.service", "[Service]", `ExecStart=${neighbour}`);
  await unit("each.socket", "[Socket]", "ListenStream=127.0.0.1:7777", "Accept=yes");
  await unit("each@.service", "[Service]", "StandardInput=socket", `ExecStart=-${greets}`);
  await unit("once.socket", "[Socket]", "ListenStream=127.0.0.1:7778");
  await unit("once.service", "[Service]", `ExecStart=${accepts}`);
  const activate = (service: string, socket: string, port: number) =>
    observeUnit(box, service, async (phase) => {
      await phase("start");
      await mustSystemctl("start", socket, "other.service");
      await phase("workload");
      const client = `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:${port}") or die; print <$s>`;
      expect((await box.run(["perl", "-e", client])).stdout).toBe("hello\n");
      await phase("stop");
      await mustSystemctl("stop", socket, "other.service");
    });
  const once = await activate("once.service", "once.socket", 7778);
  expect(count(once, "accept4") + count(once, "accept")).toBe(1);
  expect(JSON.stringify(once.seen.map(({ action }) => action.needs))).toContain(
    '"operation":"receive","family":"AF_INET"',
  );
  const each = await activate("each@.service", "each.socket", 7777);
  expect(phasesOf(each, "/etc/greeted")).toEqual(["workload"]);
  for (const one of [once, each]) {
    expect(one.gaps).toEqual([]);
    expect(phasesOf(one, "/etc/neighbour")).toEqual([]);
  }
});

test("leaves a service that it stops observing running and untraced", async () => {
  const path = await program("stays", "sleep 100;");
  await unit("stays.service", "[Service]", `ExecStart=${path}`);
  await observeUnit(box, "stays.service", async () => mustSystemctl("start", "stays.service"));
  expect((await box.systemctl("is-active", "stays.service")).stdout).toBe("active\n");
  const main = (await box.showProperties("stays.service", ["MainPID"])).get("MainPID");
  expect((await box.readFile(`/proc/${main}/status`)).toString()).toContain("TracerPid:\t0\n");
  expect(readFileSync(`/proc/${box.leader}/status`, "utf8")).toContain("TracerPid:\t0\n");
});

test("asks the kernel for capabilities that no call shows, and says where it cannot", async () => {
  const tracer = await traceCapabilities(box.leader);
  if (tracer.kind === "unavailable") {
    // Linux before 6.14, such as Debian 13's own 6.12: the smallest set is then found by trying.
    expect(tracer.reason).toMatch(/no tracepoint|tracefs/);
    return;
  }
  await tracer.finish({ own: () => undefined }, collector("nobody.service"));
  const path = await program(
    "powers",
    `open F, ">", "/var/lib/powers"; close F; chown 33, 33, "/var/lib/powers"; chmod 0600, "/var/lib/powers";
     open F, "<", "/var/lib/powers"; kill 0, 1;`,
  );
  await unit("powers.service", "[Service]", "Type=oneshot", `ExecStart=${path}`);
  expect(capabilities(await startAndStop("powers.service"))).toEqual([
    "CAP_CHOWN",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
  ]);
  await unit("powers.service", "[Service]", "Type=oneshot", "User=33", `ExecStart=${path}`);
  expect(capabilities(await startAndStop("powers.service"))).toEqual([]);
});

/** All tracing instances of this machine. */
function instances(): readonly string[] {
  const script = "mount -t tracefs t /sys/kernel/tracing && ls /sys/kernel/tracing/instances";
  const listed = execFileSync("unshare", ["-m", "--propagation", "private", "sh", "-c", script]).toString();
  return listed.split("\n").filter(Boolean);
}

/** Those that a process's own helper made: others may be observing at the same time. */
function instancesOf(owner: number): readonly string[] {
  return instances().filter((name) => parentOf(Number(/^cloison-(\d+)$/.exec(name)?.[1])) === owner);
}

/** State, parent, process group … of a process: what follows its name in stat; nothing if it is gone. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

test("leaves no tracing instance behind, also when its helper is killed", async () => {
  expect(instancesOf(process.pid)).toEqual([]);
  const tracer = await traceCapabilities(box.leader);
  if (tracer.kind === "unavailable") return expect(instancesOf(process.pid)).toEqual([]);
  const [made = ""] = instancesOf(process.pid);
  const helper = Number(made.split("-")[1]);
  expect(parentOf(helper)).toBe(process.pid);
  process.kill(-Number(statOf(helper)[2]), "SIGKILL");
  await expect.poll(() => existsSync(`/proc/${helper}`)).toBe(false);
  expect(instances()).toContain(made);
  const next = await traceCapabilities(box.leader);
  expect(instances()).not.toContain(made);
  if (next.kind === "tracing") await next.finish({ own: () => undefined }, collector("nobody.service"));
  expect(instancesOf(process.pid)).toEqual([]);
});

test("leaves nothing watching when it is killed itself", async () => {
  const directory = mkdtempSync("/tmp/cloison-observer-");
  const outfile = `${directory}/observe-box.mjs`;
  const entryPoints = [`${import.meta.dirname}/fixtures/observe-box.ts`];
  buildSync({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  const child = spawn(process.execPath, [outfile], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { leader, tracer } = JSON.parse(line);
    const made = instancesOf(child.pid as number);
    expect(existsSync(`/proc/${tracer}`)).toBe(true);
    child.kill("SIGKILL");
    await expect
      .poll(() => [leader, tracer].filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 10_000 })
      .toEqual([]);
    const left = () => instances().filter((name) => made.includes(name));
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
});

// The model knows nothing of traces, and the reader nothing of the model: where they differ, one of them is wrong.
test("what was seen to work is allowed by the model, without any wall but the identity", async () => {
  const path = await program(
    "model",
    `use POSIX; use Socket;
     open F, "<", "/etc/shadow"; open F, "+>", "/dev/null"; open F, ">", "/var/lib/model"; chown 33, 33, "/var/lib/model";
     mkdir "/var/lib/models"; chmod 02755, "/var/lib/models"; rename "/var/lib/model", "/var/lib/models/a";
     socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(81, INADDR_ANY)); system("ps ax; logger x; getent passwd root; df; date");
     if (!($p = fork())) { $( = 33; $) = "33 33"; POSIX::setuid(33); system("touch /tmp/x; rm /tmp/x; ps ax; logger x"); sleep 5; exit }
     select undef, undef, undef, 1; kill 15, $p; wait; unlink "/var/lib/models/a"; rmdir "/var/lib/models";`,
  );
  await unit("model.service", "[Service]", "Type=oneshot", `ExecStart=${path}`);
  const { seen } = await startAndStop("model.service");
  const doubts = seen.flatMap(({ action, result, identities }) =>
    identities.flatMap(({ uid, gid }) => {
      const by = `User=${uid}`;
      const walls: readonly Wall[] = uid === 0 ? [] : [{ kind: "identity", by, uid, gid, groups: [gid] }];
      const verdict = judge({ walls }, action);
      return result === "ok" && verdict.kind !== "allowed" ? [{ uid, action, verdict }] : [];
    }),
  );
  expect(doubts).toEqual([]);
  expect(seen.length).toBeGreaterThan(200);
});

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test("says so when strace is killed in the middle, and when there is none", async () => {
  const killed = observeUnit(box, "stays.service", async () => {
    process.kill(tracerOf(box.leader), "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await expect(killed).rejects.toThrow(/observe with strace: strace ended by itself \(SIGKILL\)/);
  expect((await box.systemctl("is-system-running")).stdout).toMatch(/running|degraded/);
  const nothing = observeUnit(box, "stays.service", async () => undefined, { strace: "/nonexistent/strace" });
  const missing = await nothing.catch((cause: unknown) => cause);
  expect(missing).toBeInstanceOf(SystemError);
  expect((missing as SystemError).help).toContain("apt-get install strace");
  expect(readdirSync(`${box.root}/run/systemd/system`).filter((name) => name.startsWith("stays"))).toEqual([
    "stays.service.d",
  ]);
  expect(readdirSync(`${box.root}/run/systemd/system/stays.service.d`)).toEqual([]);
});
