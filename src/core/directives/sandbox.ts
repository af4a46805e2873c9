/**
 * From a unit's settings to its sandbox: what single directives cannot know of each other stands here.
 * Facts: systemd.exec(5), and the order and the implied settings of systemd 257, measured.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { PROC_HIDING, type Sandbox, type Wall } from "../sandbox/wall.ts";
import { resolveIdentity } from "./_identity.ts";
import { INACCESSIBLE, KEEP, mountWall } from "./_mount.ts";
import { filterKeepsCapabilityCalls, systemCallFilter } from "./calls/system-call-filter.ts";
import { catalogue } from "./catalogue.ts";
import type { AnyDirective, Directive, DirectiveAssignment, UnitFacts } from "./directive.ts";
import { identityWords } from "./resolve-identity.ts";

/** What must be known of the machine and of the unit's other settings; the rest of `UnitFacts` follows from the settings. */
export type Host = Omit<UnitFacts, "uid" | "gid" | "groups" | "setting" | "valueOf" | "mountNamespace">;

/** The folded values by directive; a directive that is not in it has its initial value. */
export type Values = ReadonlyMap<string, unknown>;

/** A unit's sandbox, with what was read on the way. */
export interface Built {
  readonly sandbox: Sandbox;
  readonly values: Values;
  /** What the directives were told; a situation for synthesis begins with it. */
  readonly facts: UnitFacts;
  readonly diagnostics: readonly Diagnostic[];
}

/** The order in which systemd loads filters; SystemCallFilter= is the last. */
const FILTER_ORDER: readonly string[] = [
  "ProtectHostname",
  "RestrictAddressFamilies",
  "MemoryDenyWriteExecute",
  "RestrictRealtime",
  "DynamicUser",
  "RestrictSUIDSGID",
  "RestrictNamespaces",
  "ProtectKernelTunables",
  "ProtectKernelModules",
  "ProtectKernelLogs",
  "ProtectClock",
  "PrivateDevices",
  "SystemCallArchitectures",
  "LockPersonality",
  "SystemCallFilter",
];

/** The order in which systemd builds walls of one kind after another; user namespaces come after identity. */
const KIND_ORDER: readonly Wall["kind"][] = [
  "devices",
  "addresses",
  "ports",
  "umask",
  "keyring",
  "namespace",
  "mount",
  "identity",
  "real-time",
  "bounding",
  "ambient",
  "no-new-privileges",
  "write-xor-execute",
  "filter",
  "remove-ipc",
];

function nameOf(wall: Wall): string {
  return wall.by.split("=", 1)[0] ?? wall.by;
}

function rank(wall: Wall): number {
  const late = wall.kind === "namespace" && wall.namespace === "user";
  const kind = KIND_ORDER.indexOf(late ? "identity" : wall.kind) + (late ? 0.5 : 0);
  return kind * 100 + (wall.kind === "filter" ? FILTER_ORDER.indexOf(nameOf(wall)) : 0);
}

/** Filters loaded after SystemCallArchitectures= has shut an ABI out are not made for that ABI. */
function narrowed(walls: readonly Wall[]): readonly Wall[] {
  let left: readonly Abi[] | undefined;
  return walls.map((wall) => {
    if (wall.kind !== "filter") return wall;
    const abis = Object.entries(wall.policy.abis) as [Abi, NonNullable<(typeof wall.policy.abis)[Abi]>][];
    if (nameOf(wall) === "SystemCallArchitectures") left = abis.map(([abi]) => abi);
    if (left === undefined || nameOf(wall) === "SystemCallArchitectures") return wall;
    const kept = Object.fromEntries(abis.filter(([abi]) => left?.includes(abi)));
    return { ...wall, policy: { ...wall.policy, abis: kept } };
  });
}

/**
 * Before 255 any seccomp filter with a user other than root set no_new_privs. Since then only a SystemCallFilter= that
 * does not leave the calls with which systemd would keep CAP_SYS_ADMIN until the filter is loaded.
 */
function impliedNoNewPrivileges(walls: readonly Wall[], facts: UnitFacts): readonly Wall[] {
  if (facts.uid === 0 || walls.some((wall) => wall.kind === "no-new-privileges")) return [];
  const because = walls.filter((wall) => wall.kind === "filter" && nameOf(wall) !== "ProtectHostname");
  const first = because[0];
  if (first === undefined) return [];
  if (facts.systemd < 255) return [{ kind: "no-new-privileges", by: `${first.by} with User=` }];
  if (filterKeepsCapabilityCalls(facts.valueOf(systemCallFilter))) return [];
  return [{ kind: "no-new-privileges", by: "SystemCallFilter= without capset with User=" }];
}

/** The directives that imply MountAPIVFS=. */
const WITH_API_MOUNTS: ReadonlySet<string> = new Set([
  "PrivatePIDs",
  "ProcSubset",
  "ProtectControlGroups",
  "ProtectKernelTunables",
  "ProtectProc",
]);

/**
 * MountAPIVFS= gives /dev, /sys and /run an entry of their own in the mount table, so that a read-only or noexec `/` ends
 * there; on /dev itself the entry even wins (measured with systemd 257: ReadOnlyPaths=/dev then does nothing).
 */
function apiMounts(by: string): readonly Wall[] {
  return [
    mountWall(by, "/dev", { kind: "keep", firm: true }),
    ...["/sys", "/sys/fs/cgroup", "/run"].map((path) => mountWall(by, `-${path}`, KEEP)),
  ];
}

/** What comes with a mount namespace, whichever directive made it. */
function withMountNamespace(walls: readonly Wall[], facts: UnitFacts): readonly Wall[] {
  const because = walls.find(
    (wall) => wall.kind === "mount" || (wall.kind === "namespace" && wall.namespace === "mnt"),
  );
  if (because === undefined) return [];
  const { by } = because;
  const made = walls.some((wall) => wall.kind === "namespace" && wall.namespace === "mnt");
  const directories = facts.directories.map((path) =>
    // systemd binds them from the host, so that they also show up in an empty file system laid over them.
    mountWall("StateDirectory= and kin", `-${path}`, { kind: "bind", source: path, readOnly: false }),
  );
  return [
    ...(made ? [] : [{ kind: "namespace", by, namespace: "mnt" } as const]),
    ...directories,
    ...(walls.some((wall) => WITH_API_MOUNTS.has(nameOf(wall))) ? apiMounts(by) : []),
    ...(facts.credentials === true ? [] : [mountWall(by, "-/run/credentials", INACCESSIBLE)]),
  ];
}

/** There is one procfs, with the options of all directives that ask for one. */
function withOneProc(walls: readonly Wall[]): readonly Wall[] {
  const modes = walls.flatMap((wall) => (wall.kind === "mount" && wall.mode.kind === "proc" ? [wall.mode] : []));
  const hide = PROC_HIDING.findLast((word) => modes.some((mode) => mode.hide === word)) ?? "default";
  const pidOnly = modes.some((mode) => mode.pidOnly);
  return walls.map((wall) =>
    wall.kind === "mount" && wall.mode.kind === "proc" ? { ...wall, mode: { kind: "proc", hide, pidOnly } } : wall,
  );
}

/** Facts about a unit whose folded values are these. */
function factsOf(host: Host, values: Values, directives: readonly AnyDirective[], mountNamespace: boolean): UnitFacts {
  const read = <V>(directive: Directive<V>): V =>
    values.has(directive.name) ? (values.get(directive.name) as V) : directive.initial;
  const setting = (name: string): string | undefined => {
    const directive = directives.find((each) => each.name === name);
    if (directive === undefined || !values.has(name)) return undefined;
    const lines = directive.print(values.get(name), directive.initial);
    return lines.length === 0 ? undefined : lines.join(" ").trim();
  };
  const { uid, gid, groups } = resolveIdentity(identityWords(read), host.user);
  return { ...host, uid, gid, groups, setting, valueOf: read, mountNamespace };
}

function ownWalls(values: Values, facts: UnitFacts, directives: readonly AnyDirective[]): readonly Wall[] {
  return directives
    .filter((directive) => directive.since <= facts.systemd)
    .flatMap((directive) =>
      directive.walls(values.has(directive.name) ? values.get(directive.name) : directive.initial, facts),
    );
}

/** Facts that do not need the walls twice: whether the unit gets a mount namespace is seen from the walls without one. */
function completeFacts(host: Host, values: Values, directives: readonly AnyDirective[]): UnitFacts {
  const bare = factsOf(host, values, directives, false);
  const mounts = ownWalls(values, bare, directives).some(
    (wall) => wall.kind === "mount" || (wall.kind === "namespace" && wall.namespace === "mnt"),
  );
  return mounts ? { ...bare, mountNamespace: true } : bare;
}

/**
 * The sandbox that these values build on this machine. For synthesis: replace one value, ask again.
 */
export function sandboxOfValues(
  values: Values,
  host: Host,
  directives: readonly AnyDirective[] = catalogue,
): { readonly sandbox: Sandbox; readonly facts: UnitFacts } {
  const facts = completeFacts(host, values, directives);
  const own = ownWalls(values, facts, directives);
  const all = [...own, ...withMountNamespace(own, facts), ...impliedNoNewPrivileges(own, facts)];
  const ordered = all
    .map((wall, index) => ({ wall, index }))
    .sort((a, b) => rank(a.wall) - rank(b.wall) || a.index - b.index)
    .map(({ wall }) => wall);
  return { sandbox: { walls: narrowed(withOneProc(ordered)) }, facts };
}

/**
 * Folds a unit's assignments. `assignmentsOf` gives all of a directive in systemd's order of reading, drop-ins included.
 * A directive that the host's systemd is too old for is left at its initial value, with a warning.
 */
export function foldUnit(
  assignmentsOf: (name: string) => readonly DirectiveAssignment[],
  host: Host,
  directives: readonly AnyDirective[] = catalogue,
): { readonly values: Values; readonly diagnostics: readonly Diagnostic[] } {
  const values = new Map<string, unknown>();
  const diagnostics: Diagnostic[] = [];
  const facts = factsOf(host, values, directives, false);
  for (const directive of directives) {
    const assignments = assignmentsOf(directive.name);
    const first = assignments[0];
    if (first === undefined) continue;
    if (directive.since > host.systemd) {
      diagnostics.push({
        code: "directive-too-new",
        severity: "warning",
        message: `${directive.name}= is unknown to systemd ${host.systemd} and does nothing`,
        span: { file: first.file, line: first.line, column: 1 },
        help: `it came with systemd ${directive.since}`,
      });
      continue;
    }
    const folded = directive.fold(assignments, facts);
    values.set(directive.name, folded.value);
    diagnostics.push(...folded.diagnostics);
  }
  return { values, diagnostics };
}

/**
 * A unit's sandbox.
 *
 * @example
 * import { sandboxOf } from "cloison";
 * import assert from "node:assert";
 * const host = { systemd: 257, user: () => undefined, directories: [], executables: ["/usr/bin/app"] };
 * const unit = { ProtectClock: "yes" };
 * const { sandbox } = sandboxOf(
 *   (name) => (name in unit ? [{ value: unit[name], file: "app.service", line: 3 }] : []),
 *   host,
 * );
 * const clock = sandbox.walls.filter((wall) => wall.by === "ProtectClock=yes");
 * assert.deepEqual(clock.map((wall) => wall.kind), ["bounding", "filter"]);
 */
export function sandboxOf(
  assignmentsOf: (name: string) => readonly DirectiveAssignment[],
  host: Host,
  directives: readonly AnyDirective[] = catalogue,
): Built {
  const { values, diagnostics } = foldUnit(assignmentsOf, host, directives);
  return { ...sandboxOfValues(values, host, directives), values, diagnostics };
}
