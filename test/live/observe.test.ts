/** Observing real units of a box: the programs know what they did. Tests src/core/trace and src/engines/observers. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeObservation } from "../../src/core/action/document.ts";
import { judge } from "../../src/core/sandbox/judge.ts";
import { setting } from "../../src/core/sandbox/origin.ts";
import type { Wall } from "../../src/core/sandbox/wall.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { observeUnit } from "../../src/engines/observers/observe.ts";
import {
  capabilities,
  count,
  mustSystemctl,
  paths,
  phasesOf,
  program,
  startAndStop,
  unit,
} from "./fixtures/observed.ts";

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

async function isThere(path: string): Promise<boolean> {
  return (await box.run(["test", "-e", path])).status === 0;
}

test("counts exactly what a program did, and keeps nothing of its data", async () => {
  const path = await program(
    box,
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
    box,
    "counts.service",
    "[Service]",
    "Type=oneshot",
    "Environment=KEY=SECRET-value",
    `ExecStart=${path} SECRET-word`,
  );
  const observation = await startAndStop(box, "counts.service");
  expect(count(observation, "getppid")).toBe(137);
  expect(count(observation, "mkdir")).toBe(20);
  expect(count(observation, "rmdir")).toBe(20);
  expect(count(observation, "execve")).toBe(16);
  expect(paths(observation, "create").filter((one) => /observed-\d+$/.test(one))).toHaveLength(20);
  expect(paths(observation, "execute")).toEqual(expect.arrayContaining([path, "/usr/bin/perl", "/usr/bin/true"]));
  expect(paths(observation, "read")).toContain("/etc/hostname");
  expect(paths(observation, "read", "ENOENT")).toContain("/etc/none");
  expect(observation.gaps).toEqual([{ code: "io-uring", count: 1 }]);
  const text = writeObservation(observation);
  expect(text).not.toContain("SECRET");
  expect(text).toContain('"address":"127.0.0.1","port":9,"transport":"udp"');
});

test("begins behind the manager's set-up, whatever walls the unit has, and leaves `+` lines out", async () => {
  const path = await program(
    box,
    "walled",
    `open F, ">", "/tmp/here"; chdir "/usr"; opendir D, "share/perl"; sleep 30;`,
  );
  await unit(
    box,
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
  const observation = await startAndStop(box, "walled.service");
  for (const call of ["mount", "pivot_root", "unshare", "seccomp", "capset"]) {
    expect(count(observation, call)).toBe(0);
  }
  expect(paths(observation, "create")).toContain("/tmp/here");
  expect(paths(observation, "read")).toContain("/usr/share/perl");
  expect(paths(observation, "execute")).toContain("/usr/bin/id");
  expect(paths(observation, "create")).not.toContain("/var/lib/by-root");
  expect(existsSync(`${box.root}/var/lib/by-root`)).toBe(true);
  expect(observation.gaps).toEqual([]);
});

test("knows start, workload, reload and stop apart, for a notify service with a watchdog", async () => {
  const path = await program(
    box,
    "notify",
    `use Socket;
     sub say { socket(my $s, PF_UNIX, SOCK_DGRAM, 0); send($s, shift, 0, sockaddr_un($ENV{NOTIFY_SOCKET})) }
     $SIG{HUP} = sub { open F, "<", "/etc/reloaded"; mkdir "/run/reloaded" }; $SIG{TERM} = sub { open F, "<", "/etc/stopped"; exit };
     $SIG{USR1} = sub { open F, "<", "/etc/worked"; mkdir "/run/worked" };
     open F, "<", "/etc/started"; say("READY=1"); while (1) { select undef, undef, undef, 0.05 }`,
  );
  await unit(
    box,
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
    await mustSystemctl(box, "start", "notify.service");
    await phase("workload");
    await mustSystemctl(box, "kill", "-s", "USR1", "notify.service");
    await expect.poll(() => isThere("/run/worked")).toBe(true);
    await box.run(["sleep", "0.6"]); // three times what the watchdog allows
    expect((await box.systemctl("is-active", "notify.service")).stdout).toBe("active\n");
    await phase("reload");
    await mustSystemctl(box, "reload", "notify.service");
    await expect.poll(() => isThere("/run/reloaded")).toBe(true);
    await phase("stop");
    await mustSystemctl(box, "stop", "notify.service");
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
    box,
    "forking",
    `use POSIX; exit if fork(); POSIX::setsid(); exit if fork();
     open P, ">", "/run/forking.pid"; print P $$; close P;
     chown 33, 33, "/var/lib/forking" if mkdir "/var/lib/forking";
     if (!($w = fork())) { $( = 33; $) = "33 33"; POSIX::setuid(33); open F, "<", "/etc/worker"; open F, "<", "/etc/shadow"; mkdir "/var/lib/forking/done"; sleep 100 }
     $SIG{TERM} = sub { kill 15, $w; exit }; sleep 100;`,
  );
  // systemd signals the master alone, so that the worker still lives when the master signals it.
  const lines = ["Type=forking", "PIDFile=/run/forking.pid", "KillMode=mixed", `ExecStart=${path}`];
  await unit(box, "forking.service", "[Service]", ...lines);
  const observation = await startAndStop(box, "forking.service", () =>
    expect.poll(() => isThere("/var/lib/forking/done")).toBe(true),
  );
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
  const greets = await program(
    box,
    "greets",
    `open F, "<", "/etc/greeting"; print "hello\\n"; open F, "<", "/etc/greeted"`,
  );
  const accepts = await program(
    box,
    "accepts",
    `use Socket; open(L, "+<&=3"); accept(C, L); syswrite C, "hello\\n"; close C; sleep 100`,
  );
  const neighbour = await program(
    box,
    "other",
    `while (1) { open F, "<", "/etc/neighbour"; select undef, undef, undef, 0.02 }`,
  );
  await unit(box, "other.service", "[Service]", `ExecStart=${neighbour}`);
  await unit(box, "each.socket", "[Socket]", "ListenStream=127.0.0.1:7777", "Accept=yes");
  await unit(box, "each@.service", "[Service]", "StandardInput=socket", `ExecStart=-${greets}`);
  await unit(box, "once.socket", "[Socket]", "ListenStream=127.0.0.1:7778");
  await unit(box, "once.service", "[Service]", `ExecStart=${accepts}`);
  const activate = (service: string, socket: string, port: number) =>
    observeUnit(box, service, async (phase) => {
      await phase("start");
      await mustSystemctl(box, "start", socket, "other.service");
      await phase("workload");
      const client = `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:${port}") or die; print <$s>`;
      expect((await box.run(["perl", "-e", client])).stdout).toBe("hello\n");
      await phase("stop");
      await mustSystemctl(box, "stop", socket, "other.service");
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

// The model knows nothing of traces, and the reader nothing of the model: where they differ, one of them is wrong.
test("what was seen to work is allowed by the model, without any wall but the identity", async () => {
  const path = await program(
    box,
    "model",
    `use POSIX; use Socket;
     open F, "<", "/etc/shadow"; open F, "+>", "/dev/null"; open F, ">", "/var/lib/model"; chown 33, 33, "/var/lib/model";
     mkdir "/var/lib/models"; chmod 02755, "/var/lib/models"; rename "/var/lib/model", "/var/lib/models/a";
     socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(81, INADDR_ANY)); system("ps ax; logger x; getent passwd root; df; date");
     if (!($p = fork())) { $( = 33; $) = "33 33"; POSIX::setuid(33); system("touch /tmp/x; rm /tmp/x; ps ax; logger x"); sleep 5; exit }
     select undef, undef, undef, 1; kill 15, $p; wait; unlink "/var/lib/models/a"; rmdir "/var/lib/models";`,
  );
  await unit(box, "model.service", "[Service]", "Type=oneshot", `ExecStart=${path}`);
  const { seen } = await startAndStop(box, "model.service");
  const doubts = seen.flatMap(({ action, result, identities }) =>
    identities.flatMap(({ uid, gid }) => {
      const by = setting("User", String(uid));
      const walls: readonly Wall[] = uid === 0 ? [] : [{ kind: "identity", by, uid, gid, groups: [gid] }];
      const verdict = judge({ walls }, action);
      return result === "ok" && verdict.kind !== "allowed" ? [{ uid, action, verdict }] : [];
    }),
  );
  expect(doubts).toEqual([]);
  expect(seen.length).toBeGreaterThan(200);
});
