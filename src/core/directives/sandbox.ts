/**
 * From a unit's settings to its sandbox: what single directives cannot know of each other stands here.
 * Facts: systemd.exec(5), and the order and the implied settings of systemd 257, measured.
 */

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { setting } from "../sandbox/origin.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { resolveIdentity } from "./_identity.ts";
import { catalogue } from "./catalogue.ts";
import { type AnyDirective, type Directive, type DirectiveAssignment, type UnitFacts, wallsOf } from "./directive.ts";
import { asksForMountNamespace, mounted, ownDirectories, withMountNamespace } from "./mount-namespace.ts";
import { delegatedKinds } from "./namespaces/delegate-namespaces.ts";
import { standsAround, startsAsRoot } from "./prefixes.ts";
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

/** The order in which systemd builds walls of one kind after another. */
const KIND_ORDER: { readonly [kind in Wall["kind"]]: number } = {
  devices: 0,
  addresses: 1,
  ports: 2,
  umask: 3,
  keyring: 4,
  namespace: 5,
  mount: 6,
  identity: 7,
  "real-time": 9,
  limit: 9,
  "locked-memory": 9,
  scheduling: 9,
  bounding: 10,
  ambient: 11,
  "secure-bits": 11,
  "no-new-privileges": 12,
  "write-xor-execute": 13,
  filter: 14,
  "remove-ipc": 15,
  unmodelled: 16,
  unstartable: 17,
};

/** A user namespace is made after the change of identity. */
const USER_NAMESPACE = 8;

/** A wall with the directive and the value that built it. */
interface Own {
  readonly wall: Wall;
  readonly directive: AnyDirective;
  readonly value: unknown;
}

/** A wall in its place; what no directive stands behind is no filter. */
type Placed = Pick<Own, "wall"> & Partial<Own>;

function rank({ wall }: Placed): number {
  return wall.kind === "namespace" && wall.namespace === "user" ? USER_NAMESPACE : KIND_ORDER[wall.kind];
}

function turnOf({ wall, directive }: Placed): number {
  return wall.kind === "filter" ? (directive?.filter?.turn ?? 0) : 0;
}

function inOrder(walls: readonly Placed[]): readonly Placed[] {
  return walls.toSorted((a, b) => rank(a) - rank(b) || turnOf(a) - turnOf(b));
}

/** Filters leave out the ABIs that one loaded before them has shut out. */
function narrowed(walls: readonly Placed[]): readonly Wall[] {
  let left: readonly Abi[] | undefined;
  return walls.map(({ wall, directive }) => {
    if (wall.kind !== "filter") {
      return wall;
    }
    const abis = Object.entries(wall.policy.abis) as [Abi, NonNullable<(typeof wall.policy.abis)[Abi]>][];
    if (directive?.filter?.shutsOutAbis === true) {
      left = abis.map(([abi]) => abi);
      return wall;
    }
    if (left === undefined) {
      return wall;
    }
    const kept = Object.fromEntries(abis.filter(([abi]) => left?.includes(abi)));
    return { ...wall, policy: { ...wall.policy, abis: kept } };
  });
}

/** From this version on systemd keeps CAP_SYS_ADMIN until the filters are loaded, where they let it. */
const KEEPS_CAPABILITY_SINCE = 255;

/** A filter may only be loaded with CAP_SYS_ADMIN or under no_new_privs, which systemd then sets. */
function impliedNoNewPrivileges(own: readonly Own[], facts: UnitFacts): readonly Wall[] {
  if (facts.uid === 0 || own.some(({ wall }) => wall.kind === "no-new-privileges")) {
    return [];
  }
  const because = own.find(({ wall, directive, value }) => {
    const sets = directive.filter?.setsNoNewPrivileges ?? (() => facts.systemd < KEEPS_CAPABILITY_SINCE);
    return wall.kind === "filter" && sets(value, facts);
  });
  if (because === undefined) {
    return [];
  }
  const { by } = because.wall;
  return [{ kind: "no-new-privileges", by: by.kind === "setting" ? { ...by, note: "with User=" } : by }];
}

/** Namespaces that DelegateNamespaces= names belong to the unit's user namespace instead of the machine's. */
function owned(wall: Wall, facts: UnitFacts): Wall {
  return wall.kind === "namespace" && delegatedKinds(facts).includes(wall.namespace) ? { ...wall, owner: "own" } : wall;
}

/** What is known of a setting that the catalogue lacks: nothing. */
function unmodelled({ uncatalogued = [] }: Host): readonly Wall[] {
  return uncatalogued.map(({ directive, value }) => ({
    kind: "unmodelled",
    by: setting(directive, value),
    about: "everything",
    opens: true,
  }));
}

/** Facts about a unit whose folded values are these. */
function factsOf(host: Host, values: Values, directives: readonly AnyDirective[], mountNamespace: boolean): UnitFacts {
  const read = <V>(directive: Directive<V>): V =>
    values.has(directive.name) ? (values.get(directive.name) as V) : directive.initial;
  const setting = (name: string): string | undefined => {
    const directive = directives.find((each) => each.name === name);
    if (directive === undefined || !values.has(name)) {
      return undefined;
    }
    const lines = directive.print(values.get(name), directive.initial, host.machine);
    return lines.length === 0 ? undefined : lines.join(" ").trim();
  };
  const root = { uid: 0, gid: 0, groups: [] };
  const { uid, gid, groups } = startsAsRoot(host.privilege) ? root : resolveIdentity(identityWords(read), host.user);
  const given = [...new Set([...host.directories, ...ownDirectories(read)])];
  return { ...host, directories: given, uid, gid, groups, setting, valueOf: read, mountNamespace };
}

function ownWalls(values: Values, facts: UnitFacts, directives: readonly AnyDirective[]): readonly Own[] {
  return directives
    .filter((directive) => directive.since <= facts.systemd)
    .flatMap((directive) => {
      const value = values.has(directive.name) ? values.get(directive.name) : directive.initial;
      return wallsOf(directive, value, facts).map((wall) => ({ wall, directive, value }));
    });
}

/** Facts that do not need the walls twice: whether the unit gets a mount namespace is seen from the walls without one. */
function completeFacts(host: Host, values: Values, directives: readonly AnyDirective[]): UnitFacts {
  const bare = factsOf(host, values, directives, false);
  const mounts = ownWalls(values, bare, directives).some(({ wall }) => asksForMountNamespace(wall));
  return mounts ? { ...bare, mountNamespace: true } : bare;
}

/**
 * The sandbox that these values build on this machine, around a command with the prefix that `host` says. For synthesis: replace one value, ask again.
 */
export function sandboxOfValues(
  values: Values,
  host: Host,
  directives: readonly AnyDirective[] = catalogue,
): { readonly sandbox: Sandbox; readonly facts: UnitFacts } {
  const facts = completeFacts(host, values, directives);
  const all = ownWalls(values, facts, directives);
  const own = all.filter((each) => standsAround(host.privilege, each));
  const implied = [...withMountNamespace(all, facts), ...impliedNoNewPrivileges(own, facts), ...unmodelled(host)];
  const ordered = inOrder([...own, ...implied.map((wall) => ({ wall }))]);
  const walls = mounted(narrowed(ordered), facts).map((wall) => owned(wall, facts));
  return { sandbox: { walls }, facts };
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
    if (first === undefined) {
      continue;
    }
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
 * const host = { systemd: 257, machine: "x86_64", user: () => undefined, directories: [], executables: ["/usr/bin/app"] };
 * const unit = { ProtectClock: "yes" };
 * const { sandbox } = sandboxOf(
 *   (name) => (name in unit ? [{ value: unit[name], file: "app.service", line: 3 }] : []),
 *   host,
 * );
 * const clock = sandbox.walls.filter((wall) => wall.by.directive === "ProtectClock");
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
