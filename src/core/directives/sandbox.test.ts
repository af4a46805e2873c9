/**
 * The samples of every directive fold, build walls and print back; what directives know of each other. Tests
 * src/core/directives.
 */
import { expect, test } from "vitest";
import { valueOrThrow } from "../diagnostic/input-error.ts";
import { loosened } from "../sandbox/compare.ts";
import { judge } from "../sandbox/judge.ts";
import { viewOf } from "../sandbox/mounts.ts";
import { originText } from "../sandbox/origin.ts";
import { parseServiceName } from "../unit/name.ts";
import { parse } from "../unit/parse.ts";
import { assignmentsOf } from "./assignments.ts";
import { catalogue } from "./catalogue.ts";
import type { DirectiveAssignment } from "./directive.ts";
import { samplesOf } from "./samples.ts";
import { type Host, sandboxOf, sandboxOfValues } from "./sandbox.ts";
import { uncataloguedIn } from "./uncatalogued.ts";

const host: Host = {
  systemd: 257,
  machine: "x86_64",
  user: (name) =>
    (
      ({
        nobody: { uid: 65534, gid: 65534, groups: [] },
        adm: { uid: 4, gid: 4, groups: [] },
        nogroup: { uid: 65534, gid: 65534, groups: [] },
      }) as Record<string, { uid: number; gid: number; groups: readonly number[] }>
    )[name],
  directories: [],
  executables: ["/usr/bin/app"],
};

/** A unit of `Name=value` lines. */
function unit(...lines: readonly string[]): (name: string) => readonly DirectiveAssignment[] {
  return (name) =>
    lines.flatMap((text, index) => {
      const at = text.indexOf("=");
      return text.slice(0, at) === name ? [{ value: text.slice(at + 1), file: "app.service", line: index + 1 }] : [];
    });
}

const bys = (...lines: readonly string[]) =>
  sandboxOf(unit(...lines), host).sandbox.walls.map((wall) => `${wall.kind} ${originText(wall.by)}`);

test("a bare unit has systemd's defaults and nothing else", () => {
  expect(bys()).toEqual(["umask UMask=0022 (the default)", "keyring KeyringMode=private (the default)"]);
});

test("a profile that is not loaded is passed over behind a -, and may refuse anything where nobody looked", () => {
  const refusing = (value: string, more: Partial<Host>) =>
    sandboxOf(unit(`AppArmorProfile=${value}`), { ...host, ...more }).sandbox.walls.filter(
      ({ kind }) => kind === "unmodelled",
    ).length;
  const profile = (name: string): boolean => name === "loaded";
  expect(refusing("-absent", { profile })).toBe(0);
  expect(refusing("-loaded", { profile })).toBe(1);
  expect(refusing("absent", { profile })).toBe(1);
  expect(refusing("-absent", {})).toBe(1);
});

test("filters are loaded in one order: two of one turn are the same filter, asked for twice", () => {
  const turns = new Map<number, string[]>();
  for (const { name, filter } of catalogue) {
    if (filter !== undefined) {
      turns.set(filter.turn, [...(turns.get(filter.turn) ?? []), name]);
    }
  }
  const shared = [...turns.values()].filter((names) => names.length > 1);
  expect(shared).toEqual([["DynamicUser", "RestrictSUIDSGID"]]);
  const lines = ["SystemCallFilter=@system-service", "LockPersonality=yes", "ProtectHostname=yes", "DynamicUser=yes"];
  const filters = bys(...lines).filter((text) => text.startsWith("filter"));
  expect(filters).toEqual([
    "filter ProtectHostname=yes",
    "filter DynamicUser=yes",
    "filter LockPersonality=yes",
    "filter SystemCallFilter=@system-service",
  ]);
});

test("a user other than root gets no_new_privs from a filter, as far as the version of systemd does that", () => {
  const privileges = (systemd: number, ...lines: readonly string[]) =>
    sandboxOf(unit("User=nobody", ...lines), { ...host, systemd }).sandbox.walls.some(
      ({ kind }) => kind === "no-new-privileges",
    );
  // Measured with 247, 252, 257 and 262, by a set-user-ID program behind it.
  expect(privileges(252, "ProtectHostname=yes")).toBe(true);
  expect(privileges(257, "ProtectHostname=yes")).toBe(false);
  expect(privileges(254, "ProtectClock=yes")).toBe(true);
  expect(privileges(255, "ProtectClock=yes")).toBe(false);
  expect(privileges(255, "SystemCallFilter=@system-service")).toBe(false);
  expect(privileges(255, "SystemCallFilter=~capset")).toBe(true);
});

// A directive or one of its values may be newer than the systemd of the other tests.
const older = host;
const NEWEST = 262;
for (const directive of catalogue) {
  for (const sample of directive.samples) {
    test(`${directive.name}=${sample} is understood, and written it reads back the same`, () => {
      const host = { ...older, systemd: Math.max(NEWEST, directive.since) };
      const built = sandboxOf(unit(`${directive.name}=${sample}`), host);
      expect(built.diagnostics).toEqual([]);
      const value = built.values.get(directive.name);
      const lines = directive
        .print(value, directive.initial, host.machine)
        .map((text) => `${directive.name}=${text.replaceAll("%%", "%")}`);
      expect(sandboxOf(unit(...lines), host).values.get(directive.name) ?? directive.initial).toEqual(value);
      expect(sandboxOfValues(built.values, host).sandbox).toEqual(built.sandbox);
    });
  }
}

for (const directive of catalogue) {
  const version = Math.max(host.systemd, ...samplesOf(directive).map(({ since }) => since));
  for (const { value, implies } of samplesOf(directive).filter((sample) => sample.implies.length > 0)) {
    test(`${directive.name}=${value} builds the same walls with the lines that it implies written out`, () => {
      const own = `${directive.name}=${value}`;
      const newest = { ...host, systemd: version };
      const alone = sandboxOf(unit(own), newest);
      const together = sandboxOf(unit(own, ...implies), newest);
      expect(together.diagnostics).toEqual([]);
      expect(loosened(alone.sandbox, together.sandbox)).toEqual([]);
      expect(loosened(together.sandbox, alone.sandbox)).toEqual([]);
    });
  }
}

test("LockPersonality= keeps the personality that Personality= gives", () => {
  const answer = (value: number, ...lines: readonly string[]) =>
    judge(sandboxOf(unit(...lines), host).sandbox, {
      call: { abi: "x86_64", name: "personality", arguments: [{ kind: "number", value: BigInt(value) }] },
      needs: [],
    }).kind;
  expect([answer(0, "LockPersonality=yes"), answer(8, "LockPersonality=yes")]).toEqual(["allowed", "denied"]);
  const both = ["Personality=x86", "LockPersonality=yes"];
  expect([answer(0, ...both), answer(8, ...both)]).toEqual(["denied", "allowed"]);
});

test("RestrictRealtime= leaves the limit of real-time priorities alone where the unit sets one", () => {
  const kinds = (...lines: readonly string[]) => sandboxOf(unit(...lines), host).sandbox.walls.map(({ kind }) => kind);
  expect(kinds("RestrictRealtime=yes")).toContain("real-time");
  expect(kinds("RestrictRealtime=yes", "LimitRTPRIO=5")).not.toContain("real-time");
  expect(kinds("RestrictRealtime=yes", "LimitRTPRIO=5")).toContain("limit");
});

test("a token of BPF is doubted only in a user namespace with a BPF file system of its own", () => {
  const newer = { ...host, systemd: 258 };
  const doubted = (...lines: readonly string[]) =>
    sandboxOf(unit("BPFDelegateCommands=BPFProgLoad", ...lines), newer).sandbox.walls.some(
      ({ kind }) => kind === "unmodelled",
    );
  expect(doubted("PrivateBPF=yes")).toBe(false);
  expect(doubted("PrivateUsers=yes")).toBe(false);
  expect(doubted("PrivateBPF=yes", "PrivateUsers=yes")).toBe(true);
});

test("what the catalogue lacks makes everything undecided, by name", () => {
  const text = "[Service]\nExecStart=/usr/bin/app\nX-Own=1\nPrivateMoon=yes\nProtectClock=yes\nRestart=always\n";
  const name = valueOrThrow(parseServiceName("app.service"));
  const own = { name, files: [valueOrThrow(parse(text, "app.service"))] };
  const uncatalogued = uncataloguedIn(own);
  expect(uncatalogued).toEqual([{ directive: "PrivateMoon", value: "yes", file: "app.service", line: 4 }]);
  const { sandbox } = sandboxOf(unit(), { ...host, uncatalogued });
  expect(sandbox.walls.at(-1)).toMatchObject({ kind: "unmodelled", about: "everything", opens: true });
});

test("the paths of mount walls are those that links lead to", () => {
  const canonical = (path: string) => path.replace(/^\/bin\b/, "/usr/bin");
  const { walls } = sandboxOf(unit("ReadOnlyPaths=/bin", "BindPaths=/bin/x:/srv"), { ...host, canonical }).sandbox;
  const mounts = walls.flatMap((wall) => (wall.kind === "mount" ? [wall] : []));
  expect(mounts).toContainEqual(expect.objectContaining({ path: "/usr/bin", mode: { kind: "read-only" } }));
  expect(mounts).toContainEqual(
    expect.objectContaining({ mode: { kind: "bind", source: "/usr/bin/x", readOnly: false } }),
  );
});

test("a namespace that exists already stands in for one of its own; the machine's own is no wall", () => {
  const kinds = (...lines: readonly string[]) =>
    sandboxOf(unit(...lines), host).sandbox.walls.flatMap((wall) =>
      wall.kind === "namespace" ? [wall.namespace] : wall.kind === "unmodelled" ? [`unmodelled ${wall.about}`] : [],
    );
  expect(kinds("PrivateNetwork=yes", "NetworkNamespacePath=/proc/1/ns/net")).toEqual(["mnt"]);
  expect(kinds("NetworkNamespacePath=/run/netns/app")).toEqual(["mnt", "unmodelled address"]);
  expect(kinds("PrivateIPC=yes", "IPCNamespacePath=/proc/1/ns/ipc")).toEqual(["mnt"]);
  expect(kinds("IPCNamespacePath=/run/ns")).toEqual(["mnt", "unmodelled ipc"]);
});

test("units that join each other's namespaces are undecided towards each other, in what they keep from others", () => {
  const about = (...lines: readonly string[]) =>
    sandboxOf(unit("JoinsNamespaceOf=db.service", ...lines), host).sandbox.walls.flatMap((wall) =>
      wall.kind === "unmodelled" ? wall.about : [],
    );
  expect(about("PrivateTmp=yes")).toEqual([]);
  expect(about("PrivateNetwork=yes", "PrivateIPC=yes")).toEqual(["address", "ipc"]);
  expect(about("IPCNamespacePath=/proc/1/ns/ipc")).toEqual(["ipc"]);
  expect(about("NetworkNamespacePath=/proc/1/ns/net")).toEqual(["address"]);
  const text = "[Unit]\nJoinsNamespaceOf=db.service\n[Service]\nJoinsNamespaceOf=other.service\nPrivateIPC=yes\n";
  const own = {
    name: valueOrThrow(parseServiceName("app.service")),
    files: [valueOrThrow(parse(text, "app.service"))],
  };
  expect(sandboxOf(assignmentsOf(own), host).values.get("JoinsNamespaceOf")).toEqual(["db.service"]);
  expect(uncataloguedIn(own).map(({ directive }) => directive)).toEqual(["JoinsNamespaceOf"]);
});

test("what units that join each other keep in their /tmp is not known, and what a unit makes there itself is", () => {
  const outcome = (access: "read" | "create", ...lines: readonly string[]) => {
    const { sandbox } = sandboxOf(unit("PrivateTmp=yes", ...lines), host);
    const need = { kind: "path", path: "/tmp/others", access } as const;
    return judge(sandbox, { call: { abi: "x86_64", name: "openat", arguments: [] }, needs: [need] }).kind;
  };
  expect([outcome("read"), outcome("create")]).toEqual(["denied", "allowed"]);
  const joined = "JoinsNamespaceOf=db.service";
  expect([outcome("read", joined), outcome("create", joined)]).toEqual(["unknown", "allowed"]);
});

test("a journal of the unit's own takes the place of the machine's also where its sockets would be shown", () => {
  const seenAt = (...lines: readonly string[]) =>
    viewOf(sandboxOf(unit(...lines), host).sandbox.walls, "/run/systemd/journal/socket").content;
  expect(seenAt("MountAPIVFS=yes")).toEqual({ kind: "host" });
  const own = { kind: "elsewhere", path: "/run/systemd/journal.app/socket" };
  expect(seenAt("LogNamespace=app")).toEqual(own);
  expect(seenAt("MountAPIVFS=yes", "LogNamespace=app")).toEqual(own);
  expect(seenAt("BindLogSockets=yes", "LogNamespace=app")).toEqual(own);
});

test("behind another root MountAPIVFS=no takes away /proc and /dev, unless another setting needs them", () => {
  const shown = (...lines: readonly string[]) =>
    sandboxOf(unit("RootDirectory=/srv", "MountAPIVFS=no", "ReadOnlyPaths=+/etc", ...lines), host)
      .sandbox.walls.flatMap((wall) => (wall.kind === "mount" && wall.mode.kind === "bind" ? [wall.path] : []))
      .sort();
  expect(shown()).toEqual(["/"]);
  expect(shown("ProtectControlGroups=yes")).toEqual(["/", "/dev", "/sys"]);
});

test("the directories of a dynamic user are in another root as well, whose links systemd does not follow", () => {
  const modes = (...lines: readonly string[]) =>
    sandboxOf(unit("DynamicUser=yes", "StateDirectory=app", ...lines), { ...host, systemd: 247 }).sandbox.walls.flatMap(
      (wall) => (wall.kind === "mount" && wall.path === "/var/lib/app" ? [wall.mode.kind] : []),
    );
  expect(modes()).toEqual(["keep"]);
  expect(modes("RootDirectory=/srv")).toEqual(["bind"]);
});

test("beside DynamicUser=yes a program of ExecPaths= runs whatever less than strict ProtectSystem= says", () => {
  const { sandbox } = sandboxOf(unit("DynamicUser=yes", "ProtectSystem=full", "NoExecPaths=/", "ExecPaths=/usr"), host);
  const file = { type: "file", uid: 0, gid: 0, mode: 0o755 } as const;
  const need = { kind: "path", path: "/usr/bin/app", access: "execute", file } as const;
  const call = { abi: "x86_64", name: "execve", arguments: [] } as const;
  expect(judge(sandbox, { call, needs: [need] }).kind).toBe("allowed");
});

test("delegated namespaces belong to the unit's user namespace, which they bring", () => {
  const walls = (systemd: number) =>
    sandboxOf(unit("PrivateNetwork=yes", "PrivateIPC=yes", "DelegateNamespaces=net"), { ...host, systemd })
      .sandbox.walls.flatMap((wall) => (wall.kind === "namespace" ? [`${wall.namespace} ${wall.owner ?? "init"}`] : []))
      .sort();
  expect(walls(262)).toEqual(["ipc init", "mnt own", "net own", "user init"]);
  expect(walls(257)).toEqual(["ipc init", "mnt init", "net init"]);
});

const mountsOf = (more: Partial<Host>, ...lines: readonly string[]) =>
  sandboxOf(unit(...lines), { ...host, ...more }).sandbox.walls.flatMap((wall) =>
    wall.kind === "mount" ? [`${wall.path} ${wall.mode.kind}`] : [],
  );

test("a unit's own directories are facts, and shown in what is laid over them; a dynamic user's lie below private", () => {
  const lines = ["StateDirectory=app app/deep:link", "ConfigurationDirectory=app", "TemporaryFileSystem=/var"];
  const built = sandboxOf(unit(...lines), host);
  expect(built.facts.directories).toEqual(["/var/lib/app", "/var/lib/app/deep", "/etc/app"]);
  expect(mountsOf({}, ...lines)).toContain("/var/lib/app/deep bind");
  expect(mountsOf({}, "StateDirectory=app")).toEqual([]);
  expect(mountsOf({}, "DynamicUser=yes", "StateDirectory=app")).toEqual(
    expect.arrayContaining(["/var/lib/private empty", "/var/lib/private/app bind", "/var/lib/app bind"]),
  );
  expect(mountsOf({}, "StateDirectory=app::ro")).toContain("/var/lib/app bind");
  expect(mountsOf({ systemd: 256 }, "StateDirectory=app::ro")).toEqual([]);
});

test("a mount namespace shows a unit its own credentials and hides those of others", () => {
  const lines = ["PrivateTmp=yes", "LoadCredential=key:/etc/key"];
  const of = (path: string) => path.startsWith("/run/credentials");
  expect(mountsOf({ unit: "app.service" }, ...lines).filter(of)).toEqual([
    "/run/credentials empty",
    "/run/credentials/app.service bind",
  ]);
  expect(mountsOf({ unit: "app.service" }, "PrivateTmp=yes").filter(of)).toEqual(["/run/credentials inaccessible"]);
});

test("another root: what is seen lies below it, and the paths of lists are the machine's unless they begin with +", () => {
  const mounts = mountsOf({}, "RootDirectory=/srv/root", "ReadOnlyPaths=/usr +/etc /srv/root/opt");
  expect(mounts).toEqual(expect.arrayContaining(["/ bind", "/proc proc", "/dev bind", "/run empty"]));
  expect(mounts.filter((each) => each.endsWith("read-only"))).toEqual(["/etc read-only", "/opt read-only"]);
  const canonical = (path: string) => path.replace("/srv/root/bin", "/srv/root/usr/bin");
  expect(mountsOf({ canonical }, "RootDirectory=/srv/root", "ReadOnlyPaths=+/bin")).toContain("/usr/bin read-only");
});

test("what an older systemd cannot read of a value it ignores", () => {
  const read = (systemd: number, name: string, ...values: readonly string[]) =>
    sandboxOf(unit(...values.map((value) => `${name}=${value}`)), { ...host, systemd }).values.get(name);
  expect(read(248, "TasksMax", "10%", "33.33%")).toBe("33.33%");
  expect(read(247, "TasksMax", "10%", "33.33%")).toBe("10%");
  expect(read(247, "TasksMax", "10%", "33.3%")).toBe("33.3%");
  expect(read(252, "RestrictNamespaces", "~time", "net")).toEqual(read(252, "RestrictNamespaces", "no"));
  expect(read(247, "RestrictNamespaces", "~time", "net")).toEqual(["net"]);
  expect(read(262, "RestrictNamespaces", "~time")).not.toEqual(read(262, "RestrictNamespaces", "no"));
  expect(sandboxOf(unit("RestrictNamespaces=no"), { ...host, systemd: 262 }).sandbox.walls).toEqual(
    sandboxOf(unit(), { ...host, systemd: 262 }).sandbox.walls,
  );
  expect(read(262, "BPFDelegateMaps", "BPFMapTypeArray", "nonsense")).toBe("");
  expect(read(249, "RestrictAddressFamilies", "none", "~AF_INET")).toEqual({ mode: "deny", families: ["AF_INET"] });
  expect(read(247, "RestrictAddressFamilies", "none", "~AF_INET")).toEqual({ mode: "allow", families: [] });
  expect(read(247, "RestrictAddressFamilies", "AF_UNIX", "none")).toEqual({ mode: "allow", families: ["AF_UNIX"] });
});

test("a read-only / ends at each file system of the kernel's own beside a directive that mounts those", () => {
  const proc = "/proc/sys/kernel/domainname";
  const opens = (...lines: readonly string[]) => viewOf(sandboxOf(unit(...lines), host).sandbox.walls, proc).readOnly;
  expect(opens("ReadOnlyPaths=/")).toBe(true);
  expect(opens("ReadOnlyPaths=/", "ProtectControlGroups=yes")).toBe(false);
  expect(opens("ReadOnlyPaths=/ /proc", "ProtectControlGroups=yes")).toBe(true);
});

test("without the API file systems another root is a chroot, which root may leave", () => {
  const about = (...lines: readonly string[]) =>
    sandboxOf(unit("RootDirectory=/srv/root", ...lines), host).sandbox.walls.flatMap((wall) =>
      wall.kind === "unmodelled" ? wall.about : [],
    );
  expect(about("MountAPIVFS=no")).toEqual(["path"]);
  expect(about("MountAPIVFS=no", "PrivateTmp=yes")).toEqual([]);
  expect(about()).toEqual([]);
});

test("a path of the machine's means nothing in a copy of another root, for the copy lies elsewhere", () => {
  const hidden = (...lines: readonly string[]) =>
    sandboxOf(unit("RootDirectory=/srv", ...lines), host).sandbox.walls.flatMap((wall) =>
      wall.kind === "mount" && originText(wall.by).startsWith("Inaccessible") ? [wall.path] : [],
    );
  expect(hidden("InaccessiblePaths=/srv/etc")).toEqual(["/etc"]);
  expect(hidden("RootEphemeral=yes", "InaccessiblePaths=/srv/etc")).toEqual([]);
  expect(hidden("RootEphemeral=yes", "InaccessiblePaths=+/etc")).toEqual(["/etc"]);
});
