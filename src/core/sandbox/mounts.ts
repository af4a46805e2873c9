/**
 * What a process sees at a path behind its mount walls. Every listed path covers everything below it, down to the next
 * listed path: each pass of systemd that sets read-only or noexec skips subtrees with an entry of their own, so that
 * `NoExecPaths=/var` under `ProtectSystem=strict` leaves /var writable.
 * Facts: systemd.exec(5); order of modes and passes measured with systemd 257.13.
 */
import { directoryOf, isWithin, plainPath } from "../kernel/path.ts";
import type { MountMode, ProcHiding, Wall } from "./wall.ts";

/** Where the content at a path comes from. */
export type MountContent =
  /** What the host has there. */
  | { readonly kind: "host" }
  /** Another path of the host. */
  | { readonly kind: "elsewhere"; readonly path: string }
  /** Something that the model does not look into. */
  | { readonly kind: "unseen" }
  /**
   * A fresh file system or directory; `root`: the path is its top; `everyones`: there everyone may make files; `shared`: others may
   * have made some.
   */
  | {
      readonly kind: "fresh";
      readonly root: boolean;
      readonly mode: MountMode["kind"];
      readonly everyones: boolean;
      readonly shared?: true;
    }
  /** An empty node without permissions; `root`: the very path, otherwise something below it. */
  | { readonly kind: "covered"; readonly root: boolean };

/** What is seen at one path. */
export interface View {
  readonly content: MountContent;
  readonly readOnly: boolean;
  readonly noExec: boolean;
  /** Set below a procfs of the sandbox's own. */
  readonly proc: { readonly hide: ProcHiding; readonly pidOnly: boolean } | undefined;
  /** The mode of root's directories on the way that were made for the mount, where that is not 0755. */
  readonly way: number | undefined;
}

interface Entry {
  readonly path: string;
  readonly mode: MountMode;
  readonly readOnly: boolean;
  readonly noExec: boolean;
  /** Requested explicitly: then it also holds for mounts below a fresh /dev, which are skipped otherwise. */
  readonly below: { readonly readOnly: boolean; readonly noExec: boolean };
}

/** The first of two modes on one path wins; the order is systemd's. */
const STRICTNESS: readonly MountMode["kind"][] = [
  "inaccessible",
  "unseen",
  "bind",
  "private",
  "devices",
  "fresh",
  "proc",
  "cgroup",
  "read-only",
  "read-write",
  "no-exec",
  "exec",
  "empty",
  "keep",
];

/** Names in the private /dev that come from the host, whole directories bound from it included. */
const DEVICE_NODES: ReadonlySet<string> = new Set([
  "null",
  "zero",
  "full",
  "random",
  "urandom",
  "tty",
  "ptmx",
  "log",
  "fd",
  "stdin",
  "stdout",
  "stderr",
  "core",
]);
const DEVICE_DIRECTORIES: ReadonlySet<string> = new Set(["pts", "shm", "mqueue", "hugepages"]);

const tables = new WeakMap<readonly Wall[], ReadonlyMap<string, Entry>>();

/** The effective entries of all mount walls, by path: one per path, none below an inaccessible one. */
function tableFor(walls: readonly Wall[]): ReadonlyMap<string, Entry> {
  let table = tables.get(walls);
  if (table === undefined) {
    table = build(walls);
    tables.set(walls, table);
  }
  return table;
}

function build(walls: readonly Wall[]): ReadonlyMap<string, Entry> {
  const merged = new Map<string, Entry>();
  for (const wall of walls) {
    if (wall.kind !== "mount") {
      continue;
    }
    const entry = entryOf(plainPath(wall.path), wall.mode);
    const other = merged.get(entry.path);
    merged.set(entry.path, other === undefined ? entry : joined(entry, other));
  }
  const kept = new Map<string, Entry>();
  for (const path of [...merged.keys()].sort((a, b) => a.length - b.length)) {
    const entry = merged.get(path);
    const above = nearest(kept, parentOf(path));
    if (entry === undefined || above?.mode.kind === "inaccessible" || repeats(entry, above)) {
      continue;
    }
    kept.set(path, entry);
  }
  return kept;
}

function entryOf(path: string, mode: MountMode): Entry {
  const readOnly =
    mode.kind === "read-only" ||
    mode.kind === "inaccessible" ||
    mode.kind === "devices" ||
    ("readOnly" in mode && mode.readOnly);
  const noExec =
    ["no-exec", "inaccessible", "devices", "proc", "cgroup", "fresh"].includes(mode.kind) ||
    (mode.kind === "empty" && mode.noExec === true);
  const below = { readOnly: mode.kind === "read-only", noExec: mode.kind === "no-exec" };
  return { path, mode, readOnly, noExec, below };
}

function isFirm({ mode }: Entry): boolean {
  return mode.kind === "keep" && mode.firm === true;
}

function joined(a: Entry, b: Entry): Entry {
  if (isFirm(a) && !changesContent(b)) {
    return a;
  }
  if (isFirm(b) && !changesContent(a)) {
    return b;
  }
  const [first, other] = STRICTNESS.indexOf(a.mode.kind) <= STRICTNESS.indexOf(b.mode.kind) ? [a, b] : [b, a];
  return {
    ...first,
    readOnly: a.readOnly || b.readOnly,
    // noexec as an option of a tmpfs goes away with the tmpfs, which something else replaces here.
    noExec: first.noExec || (other.mode.kind !== "empty" && other.noExec),
    below: { readOnly: a.below.readOnly || b.below.readOnly, noExec: a.below.noExec || b.below.noExec },
  };
}

/** An entry that only repeats the one above it is dropped, and so gets that one's noexec. */
function repeats(entry: Entry, above: Entry | undefined): boolean {
  return ["read-only", "read-write", "keep"].includes(entry.mode.kind) && entry.mode.kind === above?.mode.kind;
}

function parentOf(path: string): string | undefined {
  return path === "/" ? undefined : directoryOf(path);
}

function nearest(
  table: ReadonlyMap<string, Entry>,
  path: string | undefined,
  accept: (entry: Entry) => boolean = () => true,
): Entry | undefined {
  for (let at = path; at !== undefined; at = parentOf(at)) {
    const entry = table.get(at);
    if (entry !== undefined && accept(entry)) {
      return entry;
    }
  }
  return undefined;
}

function changesContent(entry: Entry): boolean {
  return !["read-only", "read-write", "keep", "no-exec", "exec"].includes(entry.mode.kind);
}

/** All paths that the mount walls name and that are left after systemd has dropped redundant ones. */
export function mountPaths(walls: readonly Wall[]): readonly string[] {
  return [...tableFor(walls).keys()];
}

/** Whether a mount of a sandbox's own lies at a directory or below, which systemd then makes where it is not there. */
export function bringsDirectory(walls: readonly Wall[], directory: string): boolean {
  return [...tableFor(walls).values()].some((entry) => changesContent(entry) && isWithin(entry.path, directory));
}

/** The place of the machine that a mount at a path lies on; undefined where another mount brought what is there. */
export function placeUnder(walls: readonly Wall[], path: string): string | undefined {
  const at = plainPath(path);
  const content = contentOf(at, nearest(tableFor(walls), parentOf(at), changesContent));
  return content.kind === "host" ? at : content.kind === "elsewhere" ? content.path : undefined;
}

/** What the process sees at an absolute path without symlinks. */
export function viewOf(walls: readonly Wall[], path: string): View {
  const at = plainPath(path);
  const table = tableFor(walls);
  const rules = nearest(table, at);
  const source = nearest(table, at, changesContent);
  const proc = source?.mode.kind === "proc" ? source.mode : undefined;
  const content = contentOf(at, source);
  const bound = source?.mode.kind === "devices" && isDeviceDirectory(at, source.path);
  const own = bound && source === rules;
  return {
    content,
    readOnly: (own ? rules?.below.readOnly : rules?.readOnly) ?? false,
    noExec: own ? rules.below.noExec : (rules?.noExec ?? false) || (!bound && keepsNoExec(source, rules)),
    proc: proc === undefined ? undefined : { hide: proc.hide, pidOnly: proc.pidOnly },
    way: wayTo(table, source?.path),
  };
}

/** A mount in an empty file system, but not at its top, has directories above it that were made for it. */
function wayTo(table: ReadonlyMap<string, Entry>, path: string | undefined): number | undefined {
  const directory = path === undefined ? undefined : parentOf(path);
  const around = nearest(table, directory, changesContent);
  return around?.mode.kind === "empty" && around.path !== directory ? around.mode.made : undefined;
}

/** A bind mount of part of a file system inherits that mount's noexec; only an exec entry removes it. */
function keepsNoExec(source: Entry | undefined, rules: Entry | undefined): boolean {
  return source !== undefined && rules?.mode.kind !== "exec" && entryOf(source.path, source.mode).noExec;
}

function isDeviceDirectory(path: string, directory: string): boolean {
  return DEVICE_DIRECTORIES.has(path.slice(directory.length + 1).split("/")[0] ?? "");
}

function contentOf(path: string, source: Entry | undefined): MountContent {
  if (source === undefined) {
    return { kind: "host" };
  }
  const root = path === source.path;
  const below = path.slice(source.path === "/" ? 1 : source.path.length + 1);
  switch (source.mode.kind) {
    case "inaccessible":
      return { kind: "covered", root };
    case "unseen":
      return { kind: "unseen" };
    case "bind": {
      const from = plainPath(root ? source.mode.source : `${source.mode.source}/${below}`);
      return from === path ? { kind: "host" } : { kind: "elsewhere", path: from };
    }
    case "devices":
      return root || DEVICE_NODES.has(below) || isDeviceDirectory(path, source.path)
        ? { kind: "host" }
        : { kind: "fresh", root: false, mode: "devices", everyones: false };
    case "proc":
      return { kind: "host" };
    case "fresh":
      return source.mode.filesystem === "sysfs"
        ? { kind: "host" }
        : { kind: "fresh", root, mode: "fresh", everyones: true };
    case "empty":
      return { kind: "fresh", root, mode: "empty", everyones: source.mode.everyones === true };
    case "private":
      return { kind: "fresh", root, mode: "private", everyones: true, ...(source.mode.shared ? { shared: true } : {}) };
    default:
      return { kind: "fresh", root, mode: source.mode.kind, everyones: false };
  }
}
