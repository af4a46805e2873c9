/**
 * In which walls one sandbox is weaker than another: what keeps a drop-in from loosening a unit. Walls are compared by
 * what they let through, at every point where either sandbox changes its answer.
 */
import { loosenedFilters } from "./compare-filters.ts";
import { loosenedMounts, type Tolerance } from "./compare-mounts.ts";
import { loosenedAddresses, loosenedPorts } from "./compare-network.ts";
import { boundingOf, credentialsOf, hasSecureBit, isCapable } from "./credentials.ts";
import { mayDevice } from "./files.ts";
import { originText } from "./origin.ts";
import type { DeviceRule, Sandbox, Wall } from "./wall.ts";

type Walls = readonly Wall[];

/**
 * In which walls `after` is weaker than `before`, one sentence each; empty if in none. A change from an identity other
 * than root's counts as weaker, because the two cannot be compared. A fresh directory over a read-only one does not:
 * what was there stays out of reach.
 *
 * @example
 * import { loosened } from "cloison";
 * import assert from "node:assert";
 * const by = { kind: "setting", directive: "NoNewPrivileges", value: "yes" };
 * const hardened = { walls: [{ kind: "no-new-privileges", by }] };
 * assert.deepEqual(loosened({ walls: [] }, hardened), []);
 * assert.deepEqual(loosened(hardened, { walls: [] }), ["new privileges can be gained by execve"]);
 */
export function loosened(before: Sandbox, after: Sandbox, tolerance: Tolerance = {}): readonly string[] {
  return facets.flatMap((facet) => facet(before.walls, after.walls, tolerance));
}

const facets: readonly ((before: Walls, after: Walls, tolerance: Tolerance) => readonly string[])[] = [
  identity,
  capabilities,
  presence("no-new-privileges", "new privileges can be gained by execve"),
  presence("write-xor-execute", "memory can be writable and executable"),
  presence("real-time", "the limit for real-time priorities is lifted"),
  realTime,
  presence("remove-ipc", "IPC objects of the user stay behind"),
  loosenedFilters,
  loosenedMounts,
  namespaces,
  devices,
  loosenedAddresses,
  loosenedPorts,
  umask,
  keyring,
  lockedMemory,
  secureBits,
  unmodelled,
];

function presence(kind: Wall["kind"], message: string) {
  const has = (walls: Walls): boolean => walls.some((wall) => wall.kind === kind);
  return (before: Walls, after: Walls): readonly string[] => (has(before) && !has(after) ? [message] : []);
}

/** A process may raise a soft limit up to the hard one. */
function realTime(before: Walls, after: Walls): readonly string[] {
  const highest = (walls: Walls): number => walls.findLast((wall) => wall.kind === "limit")?.hard ?? 0;
  const classes = (walls: Walls): readonly string[] =>
    walls.flatMap((wall) => (wall.kind === "scheduling" ? [wall.policy] : []));
  const started = classes(after).filter((policy) => !classes(before).includes(policy));
  return [
    ...(highest(after) > highest(before) ? [`real-time priorities up to ${highest(after)} can be taken`] : []),
    ...started.map((policy) => `starts in the class ${policy}`),
  ];
}

/** A process may raise a soft limit up to the hard one; unset, the manager's own holds, which is not known here. */
function lockedMemory(before: Walls, after: Walls): readonly string[] {
  const most = (walls: Walls): number | undefined => walls.find((wall) => wall.kind === "locked-memory")?.hard;
  const [was, is] = [most(before), most(after)];
  return was !== undefined && (is === undefined || is > was) ? ["more memory can be locked"] : [];
}

function identity(before: Walls, after: Walls): readonly string[] {
  const was = credentialsOf(before);
  const is = credentialsOf(after);
  const root = was.uid === 0 && was.gid === 0;
  const found: string[] = [];
  if (is.uid !== was.uid && was.uid !== 0) {
    found.push(`runs as uid ${is.uid} instead of ${was.uid}`);
  }
  if (is.gid !== was.gid && !root) {
    found.push(`runs as gid ${is.gid} instead of ${was.gid}`);
  }
  const groups = [...is.groups].filter((group) => !was.groups.has(group) && group !== is.gid);
  if (groups.length > 0 && !root) {
    found.push(`is in the groups ${groups.join(", ")} too`);
  }
  return found;
}

function capabilities(before: Walls, after: Walls): readonly string[] {
  const found: string[] = [];
  const bounded = new Set(boundingOf(before));
  const wider = boundingOf(after).filter((capability) => !bounded.has(capability));
  if (wider.length > 0) {
    found.push(`can hold ${wider.join(", ")}`);
  }
  const was = credentialsOf(before);
  const is = credentialsOf(after);
  const more = [...is.capabilities].filter((name) => isCapable(is, name, "init") && !isCapable(was, name, "init"));
  if (more.length > 0) {
    found.push(`holds ${more.join(", ")}`);
  }
  return found;
}

const MAP_ORDER: readonly (string | undefined)[] = ["self", "identity", undefined];

function namespaces(before: Walls, after: Walls): readonly string[] {
  return before.flatMap((wall) => {
    if (wall.kind !== "namespace") {
      return [];
    }
    const same = after.filter((other) => other.kind === "namespace" && other.namespace === wall.namespace);
    const kept = same.some(
      (other) =>
        other.kind === "namespace" &&
        MAP_ORDER.indexOf(other.map) <= MAP_ORDER.indexOf(wall.map) &&
        (other.owner !== "own" || wall.owner === "own"),
    );
    return kept ? [] : [`the ${wall.namespace} namespace of ${originText(wall.by)} is weaker or gone`];
  });
}

function devices(before: Walls, after: Walls): readonly string[] {
  const rules = [...before, ...after].flatMap((wall) => (wall.kind === "devices" ? wall.allow : []));
  const anything: readonly DeviceRule[] = (["char", "block"] as const).map((type) => ({
    type,
    major: "*",
    minor: "*",
    access: "rwm",
  }));
  const found = new Set<string>();
  for (const rule of [...rules, ...anything]) {
    const device = {
      type: rule.type,
      major: rule.major === "*" ? 4095 : rule.major,
      minor: rule.minor === "*" ? 1048575 : rule.minor,
    };
    for (const letter of "rwm") {
      if (!mayDevice(before, device, letter) && mayDevice(after, device, letter)) {
        found.add(`${rule.type} device ${rule.major}:${rule.minor} is open for ${letter}`);
      }
    }
  }
  return [...found];
}

function umask(before: Walls, after: Walls): readonly string[] {
  const maskOf = (walls: Walls): number =>
    walls.reduce((mask, wall) => (wall.kind === "umask" ? mask | wall.mask : mask), 0);
  return (maskOf(before) & ~maskOf(after)) === 0
    ? []
    : [`new files get more permissions: umask 0${maskOf(after).toString(8)}`];
}

const KEYRING_ORDER = ["inherit", "shared", "private"] as const;

function keyring(before: Walls, after: Walls): readonly string[] {
  const rank = (walls: Walls): number =>
    Math.max(0, ...walls.map((wall) => (wall.kind === "keyring" ? KEYRING_ORDER.indexOf(wall.mode) : 0)));
  return rank(after) < rank(before) ? ["the session keyring is shared more widely"] : [];
}

/** Who is root by its user id alone, or keeps root's powers when it leaves root. */
function secureBits(before: Walls, after: Walls): readonly string[] {
  const root = hasSecureBit(before, "noroot") && !hasSecureBit(after, "noroot");
  const kept = !hasSecureBit(before, "no-setuid-fixup") && hasSecureBit(after, "no-setuid-fixup");
  return [
    ...(root ? ["user id 0 gives capabilities"] : []),
    ...(kept ? ["capabilities outlive a change of user"] : []),
  ];
}

/** What the model cannot reckon must stay as it is. */
function unmodelled(before: Walls, after: Walls): readonly string[] {
  const named = (walls: Walls): readonly string[] =>
    walls.flatMap((wall) => (wall.kind === "unmodelled" ? [originText(wall.by)] : []));
  const was = named(before);
  const is = named(after);
  const gone = was.filter((name) => !is.includes(name)).map((name) => `${name} is gone, which the model cannot reckon`);
  const fresh = after.flatMap((wall) =>
    wall.kind === "unmodelled" && wall.opens && !was.includes(originText(wall.by))
      ? [`${originText(wall.by)} is new, which the model cannot reckon`]
      : [],
  );
  return [...gone, ...fresh];
}
