/** Where powers lead. Tests src/core/powers. The sandboxes are built here by hand; which attacks get through them is the model's. */
import { expect, test } from "vitest";
import type { Action } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import { sandboxOf } from "../directives/sandbox.ts";
import { isSyscallName, tableOf } from "../kernel/syscalls/syscall.ts";
import { powers } from "../powers/catalogue.ts";
import { ioUring } from "../powers/walls/io-uring.ts";
import { otherAbi } from "../powers/walls/other-abi.ts";
import { attacksOn } from "../probes/attack.ts";
import { probes } from "../probes/catalogue.ts";
import { ordinaryMachine as machine } from "../probes/ordinary-machine.ts";
import { outcomeOf } from "../sandbox/judge.ts";
import { setting } from "../sandbox/origin.ts";
import type { Surroundings } from "../sandbox/surroundings.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { goalsOf } from "./goals.ts";
import { predict } from "./predict.ts";
import { reachable, type Through } from "./reachable.ts";

/** What a machine offers where PID 1 and the message bus listen and obey root. */
const surroundings: Surroundings = { peers: machine.peers };
const { attacks } = attacksOn(machine, probes);
const readOnly: Wall = {
  ...{ kind: "mount", by: setting("ProtectSystem", "strict"), path: "/", optional: false },
  mode: { kind: "read-only" },
};
const noCapabilities: Wall = { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: [] };
const without = (path: string): Wall => ({
  ...{ kind: "mount", by: setting("InaccessiblePaths", path), path, optional: true },
  mode: { kind: "inaccessible" },
});
const noContainers = without("/run/docker.sock");
/** Where PID 1, the message bus and who starts containers listen. */
const noPeers: readonly Wall[] = [without("/run/systemd"), without("/run/dbus"), noContainers];
const onlyMounts: Wall = { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep: ["CAP_SYS_ADMIN"] };

function from(...walls: readonly Wall[]) {
  const own: Sandbox = { walls };
  const tried = (id: string): Through => {
    const steps = attacks.find(({ probe }) => probe.id === id)?.steps ?? [];
    const { kind } = predict(own, steps, surroundings);
    return kind === "allowed" ? "through" : kind === "denied" ? "stopped" : "unknown";
  };
  const reached = reachable(own, { attacks, machine, surroundings, tried });
  const [goal] = goalsOf([{ identity: "0:0", reached, attacks }]).filter((each) => each.goal === "take-over");
  return { reached, goal };
}

const chains = ({ reached }: ReturnType<typeof from>): readonly string[] =>
  reached.map(({ chain }) => chain.map(({ power }) => power).join(" "));

test("who may mount behind a read-only tree has it writable, and by that takes the machine over", () => {
  const way = from(readOnly, onlyMounts, ...noPeers);
  expect(chains(way)).toContain("change-mounts");
  expect(way.goal?.state).toBe("open");
  expect(way.goal?.ways.find((each) => each.way === "plant-unit")?.chain).toEqual([
    { power: "change-mounts", way: "mount" },
  ]);
});

test("root without a capability, behind a read-only tree, still asks PID 1, whose commands are behind no wall", () => {
  const way = from(readOnly, noCapabilities, noContainers);
  expect(way.goal?.state).toBe("open");
  expect(way.goal?.ways).toContainEqual({ way: "ask-manager", identity: "0:0" });
  expect(way.reached.find(({ chain }) => chain[0]?.power === "ask-manager")?.sandbox.walls).toEqual([]);
});

test("root without a capability likewise has containers started, where somebody does that", () => {
  const way = from(readOnly, noCapabilities, without("/run/systemd"), without("/run/dbus"));
  expect(way.goal?.ways).toContainEqual({ way: "ask-container-manager", identity: "0:0" });
  expect(chains(way)).toContain("ask-container-manager");
});

test("without PID 1 to ask and without the capability the same tree is the end of it", () => {
  const way = from(readOnly, noCapabilities, ...noPeers);
  expect(chains(way)).not.toContain("change-mounts");
  expect(way.goal).toMatchObject({ state: "closed", ways: [] });
});

test("a neighbour of the same user is beside one's own walls of the network and writes where it may, without a capability", () => {
  const offline: Wall = { kind: "namespace", by: setting("PrivateNetwork", "yes"), namespace: "net" };
  const way = from(readOnly, noCapabilities, offline, ...noPeers);
  const twin = way.reached.find(({ chain }) => chain[0]?.power === "act-in-twin");
  const of = (id: string) => attacks.filter(({ probe }) => probe.id === id).map((attack) => twin?.of(attack));
  expect(of("connect-to-neighbour")).toEqual(["through"]);
  expect(of("plant-unit")).toEqual(["stopped"]);
  expect(of("set-clock")).toEqual(["stopped"]);
  const apart: Wall = { kind: "namespace", by: setting("PrivateUsers", "yes"), namespace: "user", map: "self" };
  expect(chains(from(readOnly, noCapabilities, apart, ...noPeers))).not.toContain("act-in-twin");
});

test("from where no wall is left nothing more is searched, and every chain is there once", () => {
  const found = chains(from(noCapabilities, readOnly));
  expect(new Set(found).size).toBe(found.length);
  for (const { chain, sandbox } of from(onlyMounts, readOnly).reached) {
    expect(new Set(chain.map(({ power }) => power)).size).toBe(chain.length);
    expect(sandbox.walls.length > 0 || chain.length > 0).toBe(true);
  }
});

test("what a power takes away, the walls behind it do not refuse any more, and no power adds a wall but those of the process in which one then acts", () => {
  const own: Sandbox = { walls: [readOnly, noCapabilities] };
  for (const { gives, id } of powers) {
    const added = gives(own, machine).walls.filter((wall) => !own.walls.includes(wall));
    expect(
      added.filter(({ by, kind }) => by.kind !== "service" && kind !== "filter"),
      id,
    ).toEqual([]);
  }
});

/** What lines of a unit build on a systemd. */
function builtBy(systemd: number, ...lines: readonly string[]): Sandbox {
  const host = { systemd, machine: "x86_64", user: () => undefined, directories: [], executables: [] } as const;
  return sandboxOf(
    (name) =>
      lines.flatMap((line, index) =>
        line.startsWith(`${name}=`) ? [{ value: line.slice(name.length + 1), file: "a.service", line: index + 1 }] : [],
      ),
    host,
  ).sandbox;
}

function built(...lines: readonly string[]): readonly Wall[] {
  return builtBy(257, ...lines).walls;
}

const of = (id: string) => attacks.filter(({ probe }) => probe.id === id);
/** What comes of an attack by the native calls at the end of these powers. */
function comesOf(id: string, way: ReturnType<typeof from>, powersUsed: string): readonly Through[] {
  const { reached } = way;
  return reached
    .filter(({ chain }) => chain.map(({ power }) => power).join(" ") === powersUsed)
    .flatMap((at) => of(id).map((attack) => at.of(attack)));
}

test("a family that is refused to native programs is open to those of 32 bits, unless these are refused as a whole", () => {
  const families = ["RestrictAddressFamilies=AF_UNIX", "CapabilityBoundingSet="];
  const way = from(...built(...families), ...noPeers);
  expect(comesOf("open-netlink-socket", way, "")).toEqual(["stopped"]);
  expect(comesOf("open-netlink-socket", way, "other-abi")).toEqual(["through"]);
  const native = from(...built(...families, "SystemCallArchitectures=native"), ...noPeers);
  expect(chains(native)).not.toContain("other-abi");
});

test("a list of calls is about 32-bit programs as well: they may call, and nothing is gained by it", () => {
  const way = from(...built("SystemCallFilter=~@mount @debug socket", "CapabilityBoundingSet="), ...noPeers);
  expect(comesOf("call-through-i386", way, "")).toEqual(["through"]);
  expect(chains(way).join(" ")).not.toContain("other-abi");
});

test("a filter of native calls only is none for who calls in another way", () => {
  const policy = {
    abis: { x86_64: { rules: [], otherwise: { kind: "errno", errno: "EPERM" } } },
    foreign: { kind: "allow" },
  } as const;
  const way = from({ kind: "filter", by: setting("SystemCallFilter", "…"), policy }, ...noPeers);
  expect(comesOf("mount", way, "")).toEqual(["stopped"]);
  expect(comesOf("mount", way, "other-abi")).toEqual(["through"]);
});

test("a ring opens, makes and connects what a filter refuses, as far as the kernel's release has the operation", () => {
  const walls = built("SystemCallFilter=~openat mkdirat socket bind mount", "SystemCallArchitectures=native");
  const way = from(...walls, ...noPeers);
  expect(comesOf("plant-cron-job", way, "io-uring")).toEqual(["through"]);
  expect(comesOf("open-netlink-socket", way, "io-uring")).toEqual(["through"]);
  expect(comesOf("mount", way, "io-uring")).toEqual(["stopped"]);
  const sysctl = (name: string) => (name === "kernel.osrelease" ? "5.10.0" : machine.sysctl(name));
  const old = ioUring.gives({ walls }, { ...machine, sysctl });
  const steps = (id: string) => of(id).flatMap((attack) => attack.steps);
  expect(predict(old, steps("plant-cron-job"), surroundings).kind).toBe("allowed");
  expect(predict(old, steps("open-netlink-socket"), surroundings).kind).toBe("denied");
});

test("without the calls that set a ring up there is none", () => {
  for (const call of ["io_uring_setup", "mmap"]) {
    const way = from(...built(`SystemCallFilter=~${call}`, "SystemCallArchitectures=native"), ...noPeers);
    expect(chains(way), call).not.toContain("io-uring");
  }
  const unasked = from(
    ...built("SystemCallFilter=~io_uring_enter openat", "SystemCallArchitectures=native"),
    ...noPeers,
  );
  expect(unasked.reached.find(({ chain }) => chain[0]?.power === "io-uring")?.chain[0]?.way).toBe(
    "use-io-uring-unasked",
  );
});

const plain: Wall = { kind: "identity", by: setting("User", "app"), uid: 990, gid: 990, groups: [] };
const writtenOrRun: Wall = { kind: "write-xor-execute", by: setting("MemoryDenyWriteExecute", "yes") };

test("a ban on memory that is both writable and executable is undone by who writes its own memory, whatever else it may not", () => {
  const { reached } = from(plain, noCapabilities, writtenOrRun);
  const at = reached.find(({ chain }) => chain.length === 1 && chain[0]?.power === "own-code");
  expect(at?.chain).toEqual([{ power: "own-code", way: "write-proc-mem" }]);
  expect(at?.sandbox.walls).toEqual([plain, noCapabilities]);
});

test("where there is no such ban, nothing is gained by it, and it is no step of a chain", () => {
  expect(chains(from(plain, noCapabilities)).filter((chain) => chain.includes("own-code"))).toEqual([]);
});

test("PID 1's mounts are seen by who may trace PID 1, and not by root that has fewer capabilities", () => {
  const trace: Wall = { ...noCapabilities, keep: ["CAP_SYS_PTRACE"] };
  const way = from(readOnly, trace, ...noPeers);
  expect(way.reached.find(({ chain }) => chain[0]?.power === "init-mounts")?.chain).toEqual([
    { power: "init-mounts", way: "read-through-init-root" },
  ]);
  expect(chains(from(readOnly, noCapabilities, ...noPeers)).join(" ")).not.toContain("init-mounts");
});

test("who may give files capabilities has those of the bounding set, unless no_new_privs stands against it", () => {
  const givesFiles: Wall = { ...noCapabilities, keep: ["CAP_SETFCAP", "CAP_SYS_BOOT"] };
  const may: Wall = {
    kind: "ambient",
    by: setting("AmbientCapabilities", "CAP_SETFCAP"),
    capabilities: ["CAP_SETFCAP"],
  };
  const { reached } = from(plain, givesFiles, may);
  const reboot = attacks.find(({ probe }) => probe.id === "reboot");
  const through = (id: string | undefined) =>
    reached.filter(({ chain }) => chain[0]?.power === id).map((at) => (reboot === undefined ? "" : at.of(reboot)));
  expect(through(undefined)).toEqual(["stopped"]);
  expect(through("file-capabilities")).toContain("through");
  const bound: Wall = { kind: "no-new-privileges", by: setting("NoNewPrivileges", "yes") };
  expect(chains(from(plain, givesFiles, may, bound)).join(" ")).not.toContain("file-capabilities");
});

test.each([
  [247, ["MemoryDenyWriteExecute shmat", "RestrictAddressFamilies socket"]],
  [257, ["RestrictAddressFamilies socket"]],
])(
  "of all that systemd %i refuses to native programs, others may no more than its source says",
  (systemd, expected) => {
    const freed = catalogue.flatMap((directive) =>
      directive.samples.flatMap((value) => {
        const { walls } = builtBy(systemd, `${directive.name}=${value}`);
        if (walls.every(({ kind }) => kind !== "filter")) {
          return [];
        }
        const beyond = otherAbi.gives({ walls }, machine).walls;
        return Object.keys(tableOf("x86_64").numbers)
          .filter(isSyscallName)
          .map((name): Action => ({ call: { abi: "x86_64", name, arguments: [] }, needs: [] }))
          .filter((action) => outcomeOf(walls, action) !== "allowed" && outcomeOf(beyond, action) === "allowed")
          .map(({ call }) => `${directive.name} ${call.name}`);
      }),
    );
    expect([...new Set(freed)].sort()).toEqual(expected);
  },
);

test("powers over filters leave those alone that refuse nothing of what they bring", () => {
  const { walls } = builtBy(257, "SystemCallFilter=~@mount", "LockPersonality=yes");
  for (const { gives, id } of [ioUring, otherAbi]) {
    const after = gives({ walls }, machine).walls;
    expect(
      after.every((wall, index) => wall === walls[index]),
      id,
    ).toBe(true);
  }
});
