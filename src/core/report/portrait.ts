/** A sandbox in the figures that a report shows: what it may still write, hold, call and reach. */
import { CAPABILITIES, type Capability } from "../kernel/capability.ts";
import { NAMESPACE_KINDS, type NamespaceKind } from "../kernel/namespace.ts";
import { isWithin, mountPaths, viewOf } from "../sandbox/mounts.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { allowedCalls } from "../seccomp/evaluate.ts";
import type { Crossing } from "./report.ts";

/** One side of the report's before and after. */
export interface Portrait {
  /** Native calls that pass all filters with at least some arguments. */
  readonly syscalls: number;
  /** What the bounding set leaves. */
  readonly capabilities: readonly Capability[];
  /** Uppermost paths below which writing is not refused by a mount. */
  readonly writable: readonly string[];
  /** Kinds of namespaces of its own. */
  readonly namespaces: readonly NamespaceKind[];
  readonly crossings: readonly Crossing[];
}

/** Draws a sandbox. */
export function portraitOf(sandbox: Sandbox): Portrait {
  const { walls } = sandbox;
  const policies = walls.flatMap((wall) => (wall.kind === "filter" ? [wall.policy] : []));
  const capabilities = CAPABILITIES.filter((capability) =>
    walls.every((wall) => wall.kind !== "bounding" || wall.keep.includes(capability)),
  );
  const namespaces = NAMESPACE_KINDS.filter((kind) =>
    walls.some((wall) => wall.kind === "namespace" && wall.namespace === kind),
  );
  const writable = writablePaths(walls);
  return {
    syscalls: allowedCalls(policies, "x86_64").length,
    capabilities,
    writable,
    namespaces,
    crossings: crossingsOf(walls, writable, namespaces, capabilities),
  };
}

/** Kernel file systems where writing is judged by other walls, and directories of pseudo-files. */
const pseudo = ["/proc", "/sys", "/dev"];

function writablePaths(walls: readonly Wall[]): readonly string[] {
  const paths = ["/", ...mountPaths(walls)].filter((path) => !pseudo.some((directory) => isWithin(path, directory)));
  const open = [...new Set(paths)].filter((path) => isOpen(walls, path)).sort();
  return open.filter((path) => !open.some((other) => other !== path && isWithin(path, other)));
}

function isOpen(walls: readonly Wall[], path: string): boolean {
  const { readOnly, content } = viewOf(walls, path);
  return !readOnly && content.kind !== "covered";
}

function crossingsOf(
  walls: readonly Wall[],
  writable: readonly string[],
  namespaces: readonly NamespaceKind[],
  capabilities: readonly Capability[],
): readonly Crossing[] {
  const own = (kind: NamespaceKind): boolean => namespaces.includes(kind);
  const has = (kind: Wall["kind"]): boolean => walls.some((wall) => wall.kind === kind);
  const privateDevices = walls.some((wall) => wall.kind === "mount" && wall.mode.kind === "devices");
  const hidden = walls.some(
    (wall) => wall.kind === "mount" && wall.mode.kind === "proc" && wall.mode.hide !== "default",
  );
  return [
    filesCrossing(writable),
    own("net")
      ? { channel: "network", state: "closed", passes: [] }
      : {
          channel: "network",
          state: has("addresses") || has("ports") ? "partial" : "open",
          passes: networkPasses(walls),
        },
    privateDevices
      ? { channel: "devices", state: "closed", passes: ["harmless pseudo-devices"] }
      : { channel: "devices", state: has("devices") ? "partial" : "open", passes: ["device nodes"] },
    own("pid")
      ? { channel: "processes", state: "closed", passes: [] }
      : {
          channel: "processes",
          state: hidden ? "partial" : "open",
          passes: [hidden ? "signals to its own user" : "all processes seen"],
        },
    own("ipc")
      ? { channel: "ipc", state: "closed", passes: [] }
      : { channel: "ipc", state: "open", passes: ["System V objects, message queues"] },
    {
      channel: "kernel",
      state: has("filter") ? "partial" : "open",
      passes: [`${capabilities.length} capabilities`, has("filter") ? "filtered calls" : "every call"],
    },
  ];
}

function filesCrossing(writable: readonly string[]): Crossing {
  if (writable.includes("/")) {
    return { channel: "files", state: "open", passes: ["reads and writes wherever its user may"] };
  }
  const passes = writable.length === 0 ? ["reads"] : ["reads", ...writable.slice(0, 4).map((path) => `writes ${path}`)];
  return { channel: "files", state: "partial", passes };
}

function networkPasses(walls: readonly Wall[]): readonly string[] {
  const denied = walls.flatMap((wall) => (wall.kind === "addresses" ? wall.deny : []));
  return denied.length === 0 ? ["any address"] : [`all but ${[...new Set(denied)].slice(0, 3).join(", ")}`];
}
