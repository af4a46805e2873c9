/**
 * Who the process is behind its walls: user, groups, capabilities, and where the capabilities count.
 * Facts: capabilities(7), user_namespaces(7); systemd makes the user namespace after all others, so those stay owned by
 * the initial one (measured with systemd 257 on Linux 6.18).
 */
import { CAPABILITIES, type Capability } from "../kernel/capability.ts";
import type { NamespaceKind } from "../kernel/namespace.ts";
import type { Wall } from "./wall.ts";

/** The credentials of a process right after execve, ids as the initial user namespace counts them. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: ReadonlySet<number>;
  /** Effective, towards the process's own user namespace. */
  readonly capabilities: ReadonlySet<Capability>;
  /** The ids that its own user namespace maps; undefined if it has none. */
  readonly map: "self" | "identity" | "all" | undefined;
  /** Kinds of namespaces owned by its user namespace. */
  readonly owned: ReadonlySet<NamespaceKind>;
}

const cache = new WeakMap<readonly Wall[], Credentials>();

/** The credentials that the walls leave. Without an identity wall: root, with every capability. */
export function credentialsOf(walls: readonly Wall[]): Credentials {
  let credentials = cache.get(walls);
  if (credentials === undefined) {
    credentials = build(walls);
    cache.set(walls, credentials);
  }
  return credentials;
}

function build(walls: readonly Wall[]): Credentials {
  let uid = 0;
  let gid = 0;
  let groups: readonly number[] = [];
  let map: Credentials["map"];
  const owned = new Set<NamespaceKind>();
  for (const wall of walls) {
    if (wall.kind === "identity") {
      ({ uid, gid, groups } = wall);
    }
    if (wall.kind !== "namespace") {
      continue;
    }
    if (wall.namespace === "user") {
      map = wall.map ?? "all";
    }
    if (wall.owner === "own") {
      owned.add(wall.namespace);
    }
  }
  if (map === undefined) {
    owned.clear();
  }
  const bounding = boundingOf(walls);
  const held = keepsAll(walls, uid) ? bounding : ambientOf(walls).filter((each) => bounding.includes(each));
  return { uid, gid, groups: new Set(groups), capabilities: new Set(held), map, owned };
}

/** Whether securebits flags are among a sandbox's. */
export function hasSecureBit(walls: readonly Wall[], bit: string): boolean {
  return walls.some((wall) => wall.kind === "secure-bits" && wall.bits.includes(bit));
}

/** Root has all that it may have, unless `noroot`; who left root by itself keeps all with `no-setuid-fixup`. */
function keepsAll(walls: readonly Wall[], uid: number): boolean {
  const left = walls.some((wall) => wall.kind === "identity" && wall.by.kind === "service");
  return !hasSecureBit(walls, "noroot") && (uid === 0 || (left && hasSecureBit(walls, "no-setuid-fixup")));
}

/** The capabilities that can ever be held: the intersection of all bounding walls, lowest bit first. */
export function boundingOf(walls: readonly Wall[]): readonly Capability[] {
  const sets = walls.filter((wall) => wall.kind === "bounding").map((wall) => new Set(wall.keep));
  return CAPABILITIES.filter((capability) => sets.every((set) => set.has(capability)));
}

/** The capabilities that a non-root user keeps over execve, as far as the bounding set has them. */
export function ambientOf(walls: readonly Wall[]): readonly Capability[] {
  const ambient = new Set(walls.flatMap((wall) => (wall.kind === "ambient" ? wall.capabilities : [])));
  return CAPABILITIES.filter((capability) => ambient.has(capability));
}

/**
 * Whether the process holds a capability in the user namespace that owns a namespace of this kind, in its own (`own`)
 * or in the initial one (`init`).
 */
export function isCapable(
  credentials: Credentials,
  capability: Capability,
  over: NamespaceKind | "init" | "own",
): boolean {
  if (!credentials.capabilities.has(capability)) {
    return false;
  }
  if (credentials.map === undefined || over === "own" || over === "user") {
    return true;
  }
  return over !== "init" && credentials.owned.has(over);
}

/** Whether an id of the host is mapped into the process's user namespace. */
export function isMapped(credentials: Credentials, id: number, own: number): boolean {
  switch (credentials.map) {
    case undefined:
    case "all":
      return true;
    case "identity":
      return id < 65536;
    case "self":
      return id === 0 || id === own;
  }
}

/** Whether a capability overrides the permissions of a file with this owner: both ids must be mapped. */
export function isCapableOver(
  credentials: Credentials,
  capability: Capability,
  file: { readonly uid: number; readonly gid: number },
): boolean {
  return (
    credentials.capabilities.has(capability) &&
    isMapped(credentials, file.uid, credentials.uid) &&
    isMapped(credentials, file.gid, credentials.gid)
  );
}
