/**
 * What the mounts of a unit have to do with each other: what comes with a mount namespace, what can be mounted once only or not at
 * all, and where links lead. Facts: systemd.exec(5); the mount tables of systemd 257 and 262, measured.
 */
import { isWithin } from "../kernel/path.ts";
import { setting, type WallOrigin } from "../sandbox/origin.ts";
import { PROC_HIDING, type Wall } from "../sandbox/wall.ts";
import { DIRECTORY_PARENTS } from "../unit/places.ts";
import { apiOfAnotherRoot } from "./_another-root.ts";
import { directoriesIn, directoryMode } from "./_directories.ts";
import { INACCESSIBLE, KEEP, mountWall } from "./_mount.ts";
import type { AnyDirective, UnitFacts } from "./directive.ts";
import { cacheDirectory } from "./files/cache-directory.ts";
import { configurationDirectory } from "./files/configuration-directory.ts";
import { importCredential } from "./files/import-credential.ts";
import { loadCredential } from "./files/load-credential.ts";
import { loadCredentialEncrypted } from "./files/load-credential-encrypted.ts";
import { logsDirectory } from "./files/logs-directory.ts";
import { mountApiVfs } from "./files/mount-api-vfs.ts";
import { rootDirectory } from "./files/root-directory.ts";
import { rootImage } from "./files/root-image.ts";
import { rootMStack } from "./files/root-m-stack.ts";
import { runtimeDirectory } from "./files/runtime-directory.ts";
import { setCredential } from "./files/set-credential.ts";
import { stateDirectory } from "./files/state-directory.ts";
import { delegatedKinds } from "./namespaces/delegate-namespaces.ts";

/** A wall and the directive that built it. */
interface OwnWall {
  readonly wall: Wall;
  readonly directive: AnyDirective;
}

/** The directives that give directories, each with their parent. */
const DIRECTORIES = [
  [runtimeDirectory, DIRECTORY_PARENTS.RuntimeDirectory],
  [stateDirectory, DIRECTORY_PARENTS.StateDirectory],
  [cacheDirectory, DIRECTORY_PARENTS.CacheDirectory],
  [logsDirectory, DIRECTORY_PARENTS.LogsDirectory],
  [configurationDirectory, DIRECTORY_PARENTS.ConfigurationDirectory],
] as const;

const CREDENTIALS = [loadCredential, loadCredentialEncrypted, setCredential, importCredential];

/** From this version on MountAPIVFS= covers /run; systemd's NEWS, and measured with 247. */
const RUN_SINCE = 248;

/**
 * MountAPIVFS= gives /proc, /dev, /sys and /run an entry of their own in the mount table, so that a read-only or noexec `/` ends
 * there; on /dev itself the entry even wins (measured with systemd 257: ReadOnlyPaths=/dev then does nothing).
 */
function apiMounts(by: WallOrigin, { systemd }: UnitFacts): readonly Wall[] {
  const run = systemd < RUN_SINCE ? [] : ["/run"];
  return [
    mountWall(by, "/dev", { kind: "keep", firm: true }),
    ...["/proc", "/sys", "/sys/fs/cgroup", ...run].map((path) => mountWall(by, `-${path}`, KEEP)),
  ];
}

/** Whether a wall needs a mount namespace. */
export function asksForMountNamespace(wall: Wall): boolean {
  return wall.kind === "mount" || (wall.kind === "namespace" && wall.namespace === "mnt");
}

/** The unit's own credentials are shown, those of others hidden; of a unit without a name its own cannot be told. */
function credentialMounts(by: WallOrigin, facts: UnitFacts): readonly Wall[] {
  const given = CREDENTIALS.find((each) => each.since <= facts.systemd && facts.valueOf(each).length > 0);
  if (given === undefined) {
    return [mountWall(by, "-/run/credentials", INACCESSIBLE)];
  }
  if (facts.unit === undefined) {
    return [];
  }
  const own = `/run/credentials/${facts.unit}`;
  const because = setting(given.name, facts.valueOf(given).join(" "));
  return [
    mountWall(because, "-/run/credentials", { kind: "empty", readOnly: true, noExec: true }),
    mountWall(because, `-${own}`, { kind: "bind", source: own, readOnly: true }),
  ];
}

function mountsApi(own: readonly OwnWall[], facts: UnitFacts): boolean {
  return facts.valueOf(mountApiVfs) === "yes" || own.some(({ directive }) => directive.impliesApiMounts === true);
}

/** What another root shows although MountAPIVFS=no, once another setting implies the opposite. */
function impliedApi(by: WallOrigin, facts: UnitFacts): readonly Wall[] {
  const another = [rootDirectory, rootImage, rootMStack].some((root) => !["", "/"].includes(facts.valueOf(root)));
  return another && facts.valueOf(mountApiVfs) === "no" ? apiOfAnotherRoot(by, facts) : [];
}

/** What comes with a mount namespace, whichever directive made it; nothing where none is made. */
export function withMountNamespace(own: readonly OwnWall[], facts: UnitFacts): readonly Wall[] {
  const because = own.find(({ wall }) => asksForMountNamespace(wall));
  if (because === undefined) {
    return [];
  }
  const { by } = because.wall;
  const made = own.some(({ wall }) => wall.kind === "namespace" && wall.namespace === "mnt");
  const settled = ownDirectories(facts.valueOf);
  const directories = facts.directories
    .filter((path) => !settled.includes(path))
    .map((path) => mountWall({ kind: "directories" }, `-${path}`, directoryMode(path, facts)));
  return [
    ...(made ? [] : [{ kind: "namespace", by, namespace: "mnt" } as const]),
    ...directories,
    ...(mountsApi(own, facts) ? [...apiMounts(by, facts), ...impliedApi(by, facts)] : []),
    ...credentialMounts(by, facts),
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

/**
 * In a mount namespace that belongs to the unit's user namespace, a procfs can only be mounted for a PID namespace that does, too,
 * a cgroup file system only for such a cgroup namespace; otherwise systemd goes on with the machine's, without a word (measured
 * with systemd 262).
 */
function withMountable(walls: readonly Wall[], facts: UnitFacts): readonly Wall[] {
  const delegated = delegatedKinds(facts);
  const ownPids = walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid");
  if (!delegated.includes("mnt")) {
    return walls;
  }
  const mountable = { proc: ownPids && delegated.includes("pid"), cgroup: delegated.includes("cgroup") };
  return walls.filter(
    (wall) =>
      wall.kind !== "mount" || (wall.mode.kind !== "proc" && wall.mode.kind !== "cgroup") || mountable[wall.mode.kind],
  );
}

/** Behind another root the links of that root are followed, as far as they stay in it. */
function followerIn(root: string, follow: (path: string) => string): (path: string) => string {
  if (root === "" || root === "/") {
    return follow;
  }
  const top = follow(root);
  return (path) => {
    const real = follow(`${top}${path}`);
    return isWithin(real, top) ? real.slice(top.length) || "/" : path;
  };
}

/** systemd follows the links of the paths that it mounts on and of those that it binds. */
function canonical(wall: Wall, follow: (path: string) => string, below: (path: string) => string): Wall {
  if (wall.kind !== "mount") {
    return wall;
  }
  const mode = wall.mode.kind === "bind" ? { ...wall.mode, source: follow(wall.mode.source) } : wall.mode;
  return { ...wall, path: below(wall.path), mode };
}

/** The paths that the unit's own settings give it. */
export function ownDirectories(read: UnitFacts["valueOf"]): readonly string[] {
  return DIRECTORIES.flatMap(([directive, parent]) => directoriesIn(parent, read(directive)));
}

/** The walls as systemd can and does mount them: one procfs, what it may mount at all, and links followed. */
export function mounted(walls: readonly Wall[], facts: UnitFacts): readonly Wall[] {
  const follow = facts.canonical ?? ((path: string) => path);
  const below = followerIn(facts.valueOf(rootDirectory), follow);
  return withMountable(withOneProc(walls), facts).map((wall) => canonical(wall, follow, below));
}
