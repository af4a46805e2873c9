/**
 * Every probe on a made-up machine that has every target: what the live tests cannot reach on this kernel included. Tests
 * src/core/probes.
 */
import { describe, expect, test } from "vitest";
import type { FileFacts, Need } from "../action/action.ts";
import { decodeMessage } from "../dbus/decode.ts";
import type { DbusMessage } from "../dbus/message.ts";
import { CAPABILITIES } from "../kernel/capability.ts";
import { METADATA_ADDRESSES } from "../kernel/metadata-address.ts";
import { numberOf } from "../kernel/syscalls/syscall.ts";
import { setting } from "../sandbox/origin.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { enforced, predict } from "../verdict/predict.ts";
import { attacksOn, compileAttacks } from "./attack.ts";
import { probes } from "./catalogue.ts";
import type { Machine, Step } from "./probe.ts";

const folder: FileFacts = { type: "directory", uid: 0, gid: 0, mode: 0o755 };

const DIRECTORIES = new Set(
  [
    "/root /tmp /boot /usr/bin /etc /etc/cron.d /etc/systemd/system /dev/shm /run/lock /var/tmp /var/log /var/lib/app /var/lib/twin /var/lib/dpkg/info",
    "/etc/cron.daily /var/spool/cron/crontabs /var/spool/cron/atjobs /etc/init.d /etc/default /usr/local/sbin",
    "/etc/systemd/system-generators /run/systemd/system-generators /run/systemd/system",
    "/usr/lib/x86_64-linux-gnu/security /usr/share/dbus-1/system-services",
  ].flatMap((names) => names.split(" ")),
);

/** A machine that has every target. */
function machineWith(change: Partial<Machine> = {}): Machine {
  return {
    token: "t0",
    file: (path) => {
      if (DIRECTORIES.has(path) || /\.d$/.test(path)) {
        return folder;
      }
      if (path.startsWith("/dev/") && !/^\/dev\/(shm|mqueue)\//.test(path)) {
        return { type: "char", uid: 0, gid: 0, mode: 0o640, device: { major: 1, minor: 1 } };
      }
      return { type: "file", uid: 0, gid: 0, mode: 0o755, parent: folder };
    },
    sysctl: (name) => {
      if (name === "kernel.hostname") {
        return "app.example";
      }
      return name.startsWith("kernel.kexec_load_limit") ? "-1" : "1";
    },
    unit: {
      name: "app.service",
      executable: "/opt/app/server",
      code: "/opt/app/server",
      fragment: "/etc/systemd/system/app.service",
      stateDirectories: ["/var/lib/app"],
      ports: [4444],
    },
    neighbour: {
      pid: 321,
      unit: "n.service",
      process: { uid: 700, gid: 700, relation: "neighbour", capabilities: [] },
      home: "/home/n",
      secret: "/home/n/secret",
      cgroup: "/sys/fs/cgroup/system.slice/n.service",
      setUserId: "/usr/lib/set-user-id",
      address: "10.0.0.2",
      port: 80,
      abstractSocket: "@n",
      shmKey: 1,
      shmMode: 0o666,
    },
    twin: {
      pid: 322,
      unit: "twin.service",
      process: { uid: 0, gid: 0, relation: "neighbour", capabilities: [] },
      place: "/var/lib/twin",
    },
    daemons: { trusting: "/run/trusting", rootOnly: "/run/root-only" },
    peers: [
      { address: "/run/trusting", trusts: [{ kind: "user", uid: 0 }] },
      { address: "/run/root-only", trusts: [{ kind: "anyone" }] },
      { address: "/run/systemd/private", trusts: [{ kind: "user", uid: 0 }] },
      { address: "/run/dbus/system_bus_socket", trusts: [{ kind: "user", uid: 0 }] },
      { address: "/run/systemd/journal/io.systemd.journal", trusts: [{ kind: "user", uid: 0 }] },
      { address: "/run/docker.sock", trusts: [{ kind: "anyone" }] },
      { address: "/run/systemd/journal/socket" },
      { address: "/run/systemd/journal/stdout" },
      { address: "/run/systemd/notify" },
    ],
    rootSecret: "/root/secret",
    kept: {
      secrets: Object.fromEntries(
        "/etc /etc/ssl/private /etc/ssh /run /srv /opt /usr/local/etc /var/lib /var/log /var/cache /var/spool /var/mail /var/backups"
          .split(" ")
          .map((place) => [place, `${place}/secret`]),
      ),
      state: "/var/lib/n/secret",
      shared: { "/dev/shm": "/dev/shm/n", "/tmp": "/tmp/n", "/var/tmp": "/var/tmp/n" },
      credential: "/run/credentials/n.service/c",
      queue: { name: "n", mode: 0o644 },
      journal: "/run/log/journal/0/system.journal",
    },
    metadata: {
      addresses: Object.values(METADATA_ADDRESSES),
      port: 80,
    },
    network: { resolver: { address: "10.90.17.53", port: 53 }, gateway: { address: "192.168.90.1", port: 80 } },
    terminal: "/dev/pts/0",
    disks: ["/dev/sda"],
    netlink: [0, 9, 12, 15],
    protocols: ["ALG", "AF_VSOCK", "XDP", "KEY", "TIPC"],
    abis: ["x86_64", "i386", "x32"],
    ...change,
  };
}

const around: Surroundings = { peers: machineWith().peers };
const all = attacksOn(machineWith(), probes);

function needsOf(steps: readonly Step[]): readonly Need[] {
  return steps.flatMap(({ action }) => action.needs);
}

describe("the catalogue of probes", () => {
  test("holds at least thirty attacks, all of which a machine with every target offers", () => {
    expect(probes.length).toBeGreaterThanOrEqual(30);
    expect(all.notApplicable).toEqual([]);
    expect(all.attacks.length).toBe(probes.length);
  });

  test("names each attack once, in words for a person", () => {
    expect(new Set(probes.map(({ id }) => id)).size).toBe(probes.length);
    expect(new Set(probes.map(({ title }) => title)).size).toBe(probes.length);
    for (const { id, title, gain } of probes) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(title).toMatch(/^[a-z][^.]*$/);
      expect(gain).toMatch(/^[A-Z].*\.$/);
    }
  });

  test.each(all.attacks.map((attack) => [attack.probe.id, attack] as const))("%s is well formed", (_, { steps }) => {
    const names = steps.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(steps.some(({ optional }) => optional !== true)).toBe(true);
    for (const [index, { action }] of steps.entries()) {
      expect(numberOf(action.call.abi, action.call.name)).toBeTypeOf("number");
      const used = action.call.arguments.flatMap((argument) => (argument.kind === "result" ? [argument.of] : []));
      expect(names.slice(0, index)).toEqual(expect.arrayContaining(used));
    }
  });

  test.each(all.attacks.map((attack) => [attack.probe.id, attack] as const))(
    "%s gets through where there is no wall",
    (_, { steps }) => {
      expect(predict({ walls: [] }, steps, around)).toEqual({ kind: "allowed" });
    },
  );

  test("every attack is refused by some wall of the model", () => {
    const nothing: Sandbox = {
      walls: [
        {
          kind: "filter",
          by: setting("SystemCallFilter", ""),
          policy: { abis: {}, foreign: { kind: "errno", errno: "EPERM" } },
        },
      ],
    };
    const open = all.attacks.filter(({ steps }) => predict(nothing, steps).kind !== "denied");
    expect(open.map(({ probe }) => probe.id)).toEqual([]);
  });

  test("no two attacks make the same file", () => {
    const made = all.attacks.flatMap(({ steps }) => [
      ...new Set(
        needsOf(steps).flatMap((need) => (need.kind === "path" && need.access === "create" ? [need.path] : [])),
      ),
    ]);
    expect(made.filter((path, index) => made.indexOf(path) !== index)).toEqual([]);
  });

  test("files that an attack makes carry the token of its run", () => {
    for (const { probe, steps } of all.attacks) {
      for (const need of needsOf(steps)) {
        if (need.kind === "path" && need.access === "create") {
          expect(need.path, probe.id).toContain("t0");
        }
      }
    }
  });

  test("no attack sets, stops, loads or writes: what would do harm is in its null form", () => {
    const calls = new Map(all.attacks.map(({ probe, steps }) => [probe.id, steps.map(({ action }) => action.call)]));
    const numbersOf = (id: string) =>
      calls
        .get(id)
        ?.flatMap(({ arguments: given }) => given.flatMap((each) => (each.kind === "number" ? [each.value] : [])));
    expect(numbersOf("reboot")).toEqual([0n, 0n, 0n, 0n]);
    expect(numbersOf("kill-neighbour")).toEqual([321n, 0n]);
    expect(numbersOf("load-module")).toEqual([1n]);
    expect(numbersOf("set-hostname")).toEqual([65n]);
    expect(numbersOf("load-kernel")).toEqual([0n, 0n, 0n, 0x8000n]);
    expect(numbersOf("set-clock")?.[0]).toBe(0n);
    // Nothing that a ring writes or takes away either.
    const ring = all.attacks.flatMap(({ steps }) =>
      steps.flatMap(({ action: { call } }) => (call.through ? [call.name] : [])),
    );
    expect([...new Set(ring)].sort()).toEqual(["bind", "connect", "linkat", "mkdirat", "openat", "socket"]);
    // What is said to a peer is looked at below, and in the test of Varlink.
    const writers = all.attacks.filter(({ steps }) => steps.some(({ action }) => /^p?write/.test(action.call.name)));
    expect(writers.map(({ probe }) => probe.id).sort()).toEqual([
      "ask-manager",
      "ask-manager-over-bus",
      "change-clock-over-bus",
      "change-hostname-over-bus",
      "fill-disk",
      "fill-shared-memory",
      "load-from-tmp",
      "map-written-memory",
      "order-journal",
      "run-from-memory",
      "run-from-shm",
      "run-from-state",
      "run-from-tmp",
      "run-memory-by-name",
      "set-manager-environment",
      "stop-neighbour",
      "switch-off-over-bus",
      "write-proc-mem",
    ]);
  });

  test("what is asked over D-Bus is nothing that is done: names that are taken, no variable, a time that is none", () => {
    const asked = (id: string) => {
      const steps = all.attacks.find(({ probe }) => probe.id === id)?.steps ?? [];
      const written = steps.find(({ name }) => name === "ask")?.action.call.arguments[1];
      let rest = Uint8Array.from(written?.kind === "bytes" ? written.bytes : []).slice("BEGIN\r\n".length);
      const messages: DbusMessage[] = [];
      while (rest.length > 0) {
        const read = decodeMessage(rest);
        expect(read.kind).toBe("message");
        if (read.kind !== "message") {
          break;
        }
        messages.push(read.message);
        rest = rest.slice(read.size);
      }
      return messages.map((message) => (message.kind === "call" ? [message.member, ...message.body] : []));
    };
    const command = ["StartTransientUnit", "n.service", "fail", [], []];
    expect(asked("ask-manager")).toEqual([command]);
    expect(asked("ask-manager-over-bus")).toEqual([["Hello"], command]);
    expect(asked("set-manager-environment")).toEqual([["Hello"], ["SetEnvironment", []]]);
    expect(asked("stop-neighbour")).toEqual([["Hello"], ["StopUnit", "n.service", "fail"]]);
    expect(asked("change-clock-over-bus")).toEqual([["Hello"], ["SetTime", 2n ** 62n, false, false]]);
    expect(asked("change-hostname-over-bus")).toEqual([["Hello"], ["SetHostname", "app.example", false]]);
    expect(asked("switch-off-over-bus")).toEqual([["Hello"], ["CanPowerOff"]]);
  });
});

describe("attacksOn", () => {
  test("a machine without the targets says for each what it lacks", () => {
    const bare = machineWith({
      file: () => undefined,
      sysctl: () => undefined,
      metadata: undefined,
      peers: [],
      network: undefined,
      terminal: undefined,
      disks: [],
      netlink: [],
      protocols: [],
      abis: ["x86_64"],
      twin: undefined,
      kept: { ...machineWith().kept, secrets: {}, shared: {}, journal: undefined },
    });
    const { notApplicable } = attacksOn(bare, probes);
    expect(notApplicable.length).toBeGreaterThan(20);
    for (const { id, reason } of notApplicable) {
      expect(reason, id).toMatch(/^[a-z/].{8,}/i);
    }
  });
});

describe("compileAttacks", () => {
  test("puts all attacks of two identities into one small file", () => {
    const tried = [undefined, { uid: 33, gid: 33 }].flatMap((as) =>
      all.attacks.map((attack) => (as === undefined ? { attack } : { attack, as })),
    );
    const file = compileAttacks(tried);
    expect(file.length).toBeGreaterThan(10_000);
    expect(file.length).toBeLessThan(1100 * tried.length);
  });
});

describe("predict", () => {
  const stepsOf = (id: string) => all.attacks.find(({ probe }) => probe.id === id)?.steps ?? [];

  test("the first step that a wall refuses decides, and names the wall", () => {
    const sandbox: Sandbox = {
      walls: [
        {
          kind: "mount",
          by: setting("ProtectSystem", "yes"),
          path: "/usr",
          mode: { kind: "read-only" },
          optional: false,
        },
      ],
    };
    expect(predict(sandbox, stepsOf("write-usr"))).toEqual({
      kind: "denied",
      step: "create",
      by: [setting("ProtectSystem", "yes")],
      as: { errno: "EROFS" },
    });
    expect(predict(sandbox, stepsOf("plant-cron-job"))).toEqual({ kind: "allowed" });
  });

  test("what an earlier step made is there for the later ones", () => {
    const sandbox: Sandbox = {
      walls: [
        { kind: "mount", by: setting("PrivateTmp", "yes"), path: "/tmp", mode: { kind: "private" }, optional: false },
      ],
    };
    expect(predict(sandbox, stepsOf("run-from-tmp"))).toEqual({ kind: "allowed" });
  });

  test("an optional step decides nothing", () => {
    const only = (name: string): Sandbox => ({
      walls: [
        {
          kind: "filter",
          by: setting(name, "yes"),
          policy: {
            abis: {
              x86_64: {
                rules: [
                  { calls: [numberOf("x86_64", name) ?? -1], when: [], action: { kind: "errno", errno: "EPERM" } },
                ],
                otherwise: { kind: "allow" },
              },
            },
            foreign: { kind: "allow" },
          },
        },
      ],
    });
    expect(predict(only("nanosleep"), stepsOf("connect-to-neighbour"))).toEqual({ kind: "allowed" });
    expect(predict(only("connect"), stepsOf("connect-to-neighbour"))).toMatchObject({
      kind: "denied",
      step: "connect",
    });
  });

  test("a refusal that looks like getting through is not decided", () => {
    const policy = { abis: {}, foreign: { kind: "errno", errno: "EINVAL" } } as const;
    const sandbox: Sandbox = { walls: [{ kind: "filter", by: setting("SystemCallErrorNumber", "EINVAL"), policy }] };
    expect(predict(sandbox, stepsOf("mount"))).toMatchObject({ kind: "unknown", step: "mount" });
    expect(predict(sandbox, stepsOf("new-user-namespace"))).toMatchObject({ kind: "denied" });
  });

  test("without a capability, what needs it is refused", () => {
    const keep = CAPABILITIES.filter((name) => name !== "CAP_SYS_TIME");
    const sandbox: Sandbox = { walls: [{ kind: "bounding", by: setting("ProtectClock", "yes"), keep }] };
    const stopped = all.attacks.filter(({ steps }) => predict(sandbox, steps).kind === "denied");
    expect(stopped.map(({ probe }) => probe.id)).toEqual(["set-clock"]);
  });
});

describe("enforced", () => {
  test("leaves out the walls of directives that do nothing on the machine", () => {
    const sandbox: Sandbox = {
      walls: [
        { kind: "no-new-privileges", by: setting("NoNewPrivileges", "yes") },
        { kind: "ports", by: setting("SocketBindDeny", "any"), deny: ["any"], allow: [] },
      ],
    };
    expect(enforced(sandbox, new Set(["SocketBindDeny"])).walls.map(({ by }) => by)).toEqual([
      setting("NoNewPrivileges", "yes"),
    ]);
  });
});
