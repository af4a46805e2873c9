/** The units behind whose walls every attack is tried: every value of every directive, alone and combined with others. */
import { catalogue } from "../directives/catalogue.ts";
import type { DirectiveAssignment } from "../directives/directive.ts";
import { PREFIXES } from "../directives/prefixes.ts";
import { CAPABILITIES } from "../kernel/capability.ts";

/** A unit whose walls are tried: lines of [Service], the last of which is the value in question. */
export interface Case {
  readonly directive: string;
  readonly value: string;
  /** The other lines of the unit. */
  readonly beside: readonly string[];
  /** Asked after every file of the machine on which a wall of the unit stands was replaced by another, while the unit ran. */
  readonly later?: true;
  /** The prefix of the command that tries the attacks. */
  readonly prefix?: keyof typeof PREFIXES;
  /** Whose unit it is, where somebody else wrote it: its package and its name. */
  readonly unit?: string;
}

/** Walls without which `ExecPaths=`, `DeviceAllow=` and the like have no effect. */
const WALLED: readonly string[] = [
  "ProtectSystem=strict",
  "NoExecPaths=/",
  "ExecPaths=/usr",
  "DevicePolicy=strict",
  "IPAddressDeny=any",
  "SystemCallFilter=~@mount",
];

/** Values chosen for what the attacks touch, with the lines that give them effect: samples are written without knowing attacks. */
const AIMED: readonly Case[] = [
  { beside: ["ProtectSystem=strict"], directive: "ReadWritePaths", value: "/usr/bin" },
  { beside: [], directive: "ReadOnlyPaths", value: "/etc/cron.d /tmp" },
  { beside: [], directive: "InaccessiblePaths", value: "/home /etc/systemd" },
  { beside: ["NoExecPaths=/"], directive: "ExecPaths", value: "/usr /tmp" },
  { beside: ["PrivateTmp=yes", "ExecPaths=/usr"], directive: "NoExecPaths", value: "/" },
  { beside: ["ProtectSystem=strict", "ReadOnlyPaths=/usr", "ExecPaths=/usr"], directive: "NoExecPaths", value: "/" },
  {
    beside: [
      ...["ProtectSystem=strict", "ReadWritePaths=/srv", "PrivateTmp=yes", "BindReadOnlyPaths=/usr/bin /usr/lib"],
      ...["PrivateDevices=yes", "ProtectKernelTunables=yes", "ReadOnlyPaths=-/run"],
    ],
    directive: "NoExecPaths",
    value: "/ -/dev -/dev/shm -/home -/root -/run/user -/srv -/tmp -/var/lib/cloison-sample -/var/tmp",
  },
  { beside: [], directive: "TemporaryFileSystem", value: "/home /root:ro" },
  { beside: [], directive: "ReadOnlyPaths", value: "/bin /var/run" },
  { beside: ["ProtectSystem=strict"], directive: "BindPaths", value: "/srv:/usr/bin" },
  { beside: ["User=nobody"], directive: "BindPaths", value: "/etc:/root" },
  { beside: ["User=nobody", "PrivateDevices=yes"], directive: "TemporaryFileSystem", value: "/dev/shm:mode=1777" },
  { beside: ["TemporaryFileSystem=/dev/shm:mode=1777"], directive: "NoExecPaths", value: "/dev/shm" },
  {
    beside: ["TemporaryFileSystem=/dev/shm:mode=1777", "ProtectSystem=strict"],
    directive: "NoExecPaths",
    value: "/dev",
  },
  { beside: [], directive: "BindReadOnlyPaths", value: "/srv:/etc/cron.d" },
  { beside: ["IPAddressDeny=any"], directive: "IPAddressAllow", value: "10.0.0.0/8" },
  { beside: ["DevicePolicy=strict"], directive: "DeviceAllow", value: "/dev/kmsg r" },
  { beside: ["User=nobody"], directive: "SupplementaryGroups", value: "shadow" },
  { beside: ["User=nobody"], directive: "Group", value: "shadow" },
  { beside: ["SystemCallFilter=~@clock"], directive: "SystemCallErrorNumber", value: "kill" },
  { beside: ["BindReadOnlyPaths=/usr", "ReadOnlyPaths=/srv/etc +/tmp"], directive: "RootDirectory", value: "/srv" },
  { beside: ["BindReadOnlyPaths=/usr /etc", "MountAPIVFS=no"], directive: "RootDirectory", value: "/srv" },
  {
    beside: ["BindReadOnlyPaths=/usr", "RootEphemeral=yes", "InaccessiblePaths=/srv"],
    directive: "RootDirectory",
    value: "/srv",
  },
  { beside: ["BindReadOnlyPaths=/usr", "PrivateDevices=yes"], directive: "RootDirectory", value: "/srv" },
  { beside: ["ProtectSystem=strict"], directive: "DelegateNamespaces", value: "net" },
  { beside: ["ProcSubset=pid", "ProtectHostname=yes"], directive: "DelegateNamespaces", value: "uts" },
  { beside: ["PrivateNetwork=yes"], directive: "NetworkNamespacePath", value: "/proc/1/ns/net" },
  { beside: ["PrivateIPC=yes"], directive: "IPCNamespacePath", value: "/proc/1/ns/ipc" },
  { beside: ["TemporaryFileSystem=/var"], directive: "StateDirectory", value: "cloison-sample" },
  { beside: ["DynamicUser=yes"], directive: "StateDirectory", value: "cloison-sample" },
  { beside: [], directive: "RestrictAddressFamilies", value: "AF_NETLINK" },
  // Calls that a ring does as well, the one that asks it, and calls that only 32-bit programs have.
  { beside: [], directive: "SystemCallFilter", value: "~socket connect bind openat mkdirat linkat" },
  { beside: [], directive: "SystemCallFilter", value: "~io_uring_enter" },
  { beside: ["SystemCallFilter=~@network-io"], directive: "SystemCallErrorNumber", value: "ENOSYS" },
  { beside: [], directive: "SystemCallFilter", value: "~socketcall ipc" },
  { beside: ["SystemCallErrorNumber=ENOSYS"], directive: "SystemCallFilter", value: "@system-service" },
  { beside: ["ProtectProc=invisible"], directive: "ReadOnlyPaths", value: "/" },
  { beside: ["ProtectProc=invisible", "ExecPaths=/usr"], directive: "NoExecPaths", value: "/" },
  { beside: ["ProtectControlGroups=yes"], directive: "ReadOnlyPaths", value: "/" },
  { beside: ["PrivateDevices=yes"], directive: "ReadOnlyPaths", value: "/dev" },
  { beside: ["PrivateDevices=yes"], directive: "NoExecPaths", value: "/dev" },
  { beside: ["User=nobody", "CPUSchedulingPolicy=fifo"], directive: "CPUSchedulingResetOnFork", value: "yes" },
  { beside: ["User=nobody", "CPUSchedulingPolicy=fifo"], directive: "RestrictRealtime", value: "yes" },
  { beside: ["User=nobody", "RestrictRealtime=yes"], directive: "LimitRTPRIO", value: "10" },
  { beside: ["PrivateNetwork=yes"], directive: "NetworkNamespacePath", value: "/proc/1/ns/net" },
  { beside: ["Personality=x86"], directive: "LockPersonality", value: "yes" },
  { beside: ["User=nobody", "Delegate=yes"], directive: "DelegateSubgroup", value: "main" },
];

/** Walls in front of PID 1's sockets, by the directories in which they lie. */
const BEFORE_PEERS: readonly Case[] = [
  { beside: [], directive: "TemporaryFileSystem", value: "/run/systemd:ro" },
  {
    beside: ["BindReadOnlyPaths=/run/systemd/journal -/run/systemd/notify", "InaccessiblePaths=-/run/dbus"],
    directive: "TemporaryFileSystem",
    value: "/run/systemd:ro",
  },
  { beside: [], directive: "InaccessiblePaths", value: "-/run/dbus" },
  { beside: ["TemporaryFileSystem=/run/systemd"], directive: "BindReadOnlyPaths", value: "/run/systemd/private" },
];

/** Walls on files that attacks touch, each also asked about after its file was replaced: one on a directory stays. */
const ON_FILES: readonly Case[] = [
  { beside: [], directive: "InaccessiblePaths", value: "/etc/shadow" },
  { beside: [], directive: "InaccessiblePaths", value: "/root" },
  { beside: ["ProtectSystem=strict"], directive: "InaccessiblePaths", value: "/etc/shadow /root/.cloison-secret" },
  { beside: [], directive: "ReadOnlyPaths", value: "/etc/passwd" },
  { beside: ["ProtectSystem=strict"], directive: "ReadWritePaths", value: "/etc/passwd" },
  { beside: ["ProtectSystem=strict"], directive: "NoExecPaths", value: "/etc/passwd" },
  { beside: [], directive: "BindReadOnlyPaths", value: "/etc/hostname:/etc/passwd" },
  { beside: ["TemporaryFileSystem=/etc"], directive: "BindReadOnlyPaths", value: "/etc/passwd" },
  { beside: ["BindPaths=/etc:/srv"], directive: "InaccessiblePaths", value: "/etc/shadow" },
  { beside: [], directive: "NoExecPaths", value: "/usr/lib/cloison-neighbour/set-user-id" },
  {
    beside: ["NoExecPaths=/usr/lib/cloison-neighbour"],
    directive: "ExecPaths",
    value: "/usr/lib/cloison-neighbour/set-user-id",
  },
].flatMap((each) => [each, { ...each, later: true }]);

/** Walls of every kind, tried by commands with prefixes. */
const PREFIXED: readonly Case[] = Object.keys(PREFIXES).flatMap((prefix) =>
  [
    [...WALLED, "User=nobody", "PrivateTmp=yes", "PrivateDevices=yes", "PrivateUsers=yes", "RestrictRealtime=yes"],
    [
      "User=nobody",
      "Group=shadow",
      "PrivateNetwork=yes",
      "PrivateIPC=yes",
      "NoNewPrivileges=yes",
      "ProtectHostname=yes",
    ],
    [
      "TemporaryFileSystem=/var /home",
      "BindReadOnlyPaths=/srv:/etc/cron.d",
      "ReadOnlyPaths=/etc",
      "InaccessiblePaths=/root",
    ],
    ["RootDirectory=/srv", "BindReadOnlyPaths=/usr", "ProtectSystem=strict", "CapabilityBoundingSet="],
    ["DynamicUser=yes", "ProtectProc=invisible", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes"],
    [
      "CPUSchedulingPolicy=fifo",
      "LimitRTPRIO=0",
      "RestrictRealtime=yes",
      "User=nobody",
      "AmbientCapabilities=CAP_SYS_NICE",
    ],
    ["ProtectClock=yes", "ProtectKernelLogs=yes", "ProtectKernelTunables=yes", "ProtectControlGroups=yes"],
    ["SystemCallFilter=@system-service", "SystemCallArchitectures=native", "LockPersonality=yes", "User=nobody"],
    ["PrivatePIDs=yes", "ProtectHome=tmpfs", "ProtectKernelModules=yes", "SecureBits=noroot"],
  ].map((lines): Case => {
    const [name = "", ...value] = (lines.at(-1) ?? "").split("=");
    return {
      beside: lines.slice(0, -1),
      directive: name,
      value: value.join("="),
      prefix: prefix as keyof typeof PREFIXES,
    };
  }),
);

/** Behind another root a unit's program is there only beside one of these. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { RootDirectory: ["BindReadOnlyPaths=/usr"] };

/** Units that do not start beside walls, for their images are missing: tried alone, to be named as undecided. */
const ALONE: ReadonlySet<string> = new Set([
  "RootImage",
  "RootMStack",
  "MountImages",
  "ExtensionImages",
  "ExtensionDirectories",
]);

/**
 * Not drawn for mixtures, though tried alone and beside strict walls: in a foreign user namespace everything is undecided, and of
 * mixtures with DelegateNamespaces= about half do not start, which is not reckoned with yet.
 */
const UNDRAWN: ReadonlySet<string> = new Set([...ALONE, "DelegateNamespaces", "UserNamespacePath"]);

/** Each capability taken alone from root, and given alone to an ordinary user. */
function capabilityCases(): readonly Case[] {
  return CAPABILITIES.flatMap((name) => [
    { beside: [], directive: "CapabilityBoundingSet", value: `~${name}` },
    { beside: ["User=nobody"], directive: "AmbientCapabilities", value: name },
  ]);
}

/** Numbers below a limit from a seed (Lehmer's generator, modulo 2^31 - 1). */
function drawing(seed: number): (limit: number) => number {
  let state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1;
  return (limit) => {
    state = Number((BigInt(state) * 48_271n) % 2_147_483_647n);
    return state % limit;
  };
}

/** A unit of these values, one of each directive. */
function unitOf(chosen: ReadonlyMap<string, string>): Case {
  const lines = [...chosen].map(([name, value]) => ({ directive: name, value }));
  const last = lines.pop() ?? { directive: "ExecPaths", value: "/usr" };
  return { ...last, beside: lines.map(({ directive, value }) => `${directive}=${value}`) };
}

/** Draws values of random directives until `enough`; ExecPaths= comes first, since with NoExecPaths= nothing would run. */
function mixture(below: (limit: number) => number, enough: (size: number, drawn: number) => boolean): Case {
  const chosen = new Map<string, string>([["ExecPaths", "/usr"]]);
  for (let drawn = 0; !enough(chosen.size, drawn); drawn += 1) {
    const directive = catalogue[below(catalogue.length)];
    const value = directive?.samples[below(directive.samples.length)];
    if (directive !== undefined && value !== undefined && !UNDRAWN.has(directive.name)) {
      chosen.set(directive.name, value);
      for (const line of BESIDE[directive.name] ?? []) {
        const [name = "", ...rest] = line.split("=");
        chosen.set(name, rest.join("="));
      }
    }
  }
  return unitOf(chosen);
}

/** Units of a few values each, always the same ones. */
function mixedCases(count: number): readonly Case[] {
  const below = drawing(20_260_100);
  return Array.from({ length: count }, () => {
    const draws = 2 + below(6);
    return mixture(below, (_, drawn) => drawn >= draws);
  });
}

/** Units of three to thirty settings, drawn by a seed. */
export function mixtures(count: number, seed: number): readonly Case[] {
  const below = drawing(seed);
  return Array.from({ length: count }, () => {
    const size = 3 + below(28);
    return mixture(below, (reached) => reached >= size);
  });
}

/** `count` of some cases, drawn by a seed; all of them if there are no more. */
export function drawn(cases: readonly Case[], count: number, seed: number): readonly Case[] {
  const below = drawing(seed);
  const left = [...cases];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(below(left.length), 1)).flat();
}

/** `count` cases drawn by a seed: some of all cases, and about as many mixtures. */
export function sampledCases(count: number, seed: number): readonly Case[] {
  const chosen = drawn(allCases(), Math.ceil(count / 2), seed);
  return [...chosen, ...mixtures(count - chosen.length, seed)];
}

/**
 * Every sample of every directive: alone as root, as an ordinary user, and with strict walls of other kinds; also every
 * single capability, values aimed at the attacks, and mixtures of several values.
 */
export function allCases(): readonly Case[] {
  const samples = catalogue.flatMap(({ name, samples: values }) => values.map((value) => ({ directive: name, value })));
  const contexts: readonly (readonly string[])[] = [[], ["User=nobody"], WALLED];
  const crossed = contexts.flatMap((beside) =>
    samples
      .filter(({ directive }) => beside.length === 0 || !ALONE.has(directive))
      .filter(({ directive }) => !beside.some((line) => line.startsWith(`${directive}=`)))
      .map((sample) => ({ ...sample, beside: [...beside, ...(BESIDE[sample.directive] ?? [])] })),
  );
  return [...crossed, ...capabilityCases(), ...AIMED, ...BEFORE_PEERS, ...ON_FILES, ...PREFIXED, ...mixedCases(24)];
}

/** The lines of [Service] of a case. */
export function linesOf({ directive, value, beside }: Case): readonly string[] {
  return [...beside, `${directive}=${value}`];
}

/** A case on one line, for a person. */
export function describeCase(each: Case): string {
  const whose = each.unit === undefined ? "" : `${each.unit}: `;
  const command = each.prefix === undefined ? [] : [`ExecStart=${each.prefix}…`];
  return `${whose}${[...linesOf(each), ...command].join(" ")}${each.later === true ? ", once its files were replaced" : ""}`;
}

/** What a case says that the catalogue lacks. */
export function uncataloguedOf(each: Case): readonly { readonly directive: string; readonly value: string }[] {
  const known = new Set(catalogue.map(({ name }) => name));
  return linesOf(each).flatMap((line) => {
    const [directive = "", ...value] = line.split("=");
    return known.has(directive) ? [] : [{ directive, value: value.join("=") }];
  });
}

/** The same as assignments, for the model. */
export function assignmentsIn(each: Case): (name: string) => readonly DirectiveAssignment[] {
  return (name) =>
    linesOf(each).flatMap((text, index) =>
      text.startsWith(`${name}=`) ? [{ value: text.slice(name.length + 1), file: "agreement", line: index + 1 }] : [],
    );
}
