/**
 * What a report says of a sandbox in figures and in words, asked of the model (core/sandbox), never of a directive: how many calls
 * and capabilities are left, where it may write, and what crosses the walls on each side of the service.
 */
import type { ProcessFacts } from "../action/action.ts";
import { ADDRESS_FAMILIES } from "../kernel/address-family.ts";
import { CAPABILITIES, type Capability } from "../kernel/capability.ts";
import { NAMESPACE_KINDS, type NamespaceKind } from "../kernel/namespace.ts";
import { isWithin } from "../kernel/path.ts";
import type { Abi, SyscallName } from "../kernel/syscalls/syscall.ts";
import { boundingOf, credentialsOf } from "../sandbox/credentials.ts";
import { judge } from "../sandbox/judge.ts";
import { judgeFilter } from "../sandbox/judge-filter.ts";
import { mountPaths, viewOf } from "../sandbox/mounts.ts";
import { isShown } from "../sandbox/processes.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { KERNEL_PLACES, writablePlaces } from "../sandbox/writable.ts";
import { allowedCalls } from "../seccomp/policy/evaluate.ts";
import type { Channel, Crossing } from "./report.ts";

/** One side (before or after) of a report's figures. */
export interface Portrait {
  readonly syscalls: number;
  readonly capabilities: readonly Capability[];
  readonly writable: readonly string[];
  readonly namespaces: readonly NamespaceKind[];
  readonly crossings: readonly Crossing[];
}

/**
 * The figures of a sandbox on a machine whose own programs have this ABI.
 *
 * @example
 * import { portraitOf } from "cloison";
 * import assert from "node:assert";
 * const { capabilities, writable, namespaces } = portraitOf({ walls: [] }, "x86_64");
 * assert.deepEqual([capabilities.length, writable, namespaces], [41, ["/"], []]);
 */
export function portraitOf(sandbox: Sandbox, abi: Abi): Portrait {
  const policies = sandbox.walls.flatMap((wall) => (wall.kind === "filter" ? [wall.policy] : []));
  const figures = {
    syscalls: allowedCalls(policies, abi).length,
    capabilities: boundingOf(sandbox.walls),
    writable: writablePlaces(sandbox.walls),
    namespaces: ownNamespaces(sandbox.walls),
  };
  return { ...figures, crossings: crossingsOf({ ...sandbox, abi }, figures) };
}

function ownNamespaces(walls: readonly Wall[]): readonly NamespaceKind[] {
  const own = new Set(walls.flatMap((wall) => (wall.kind === "namespace" ? [wall.namespace] : [])));
  const mounts = walls.some((wall) => wall.kind === "mount");
  return NAMESPACE_KINDS.filter((kind) => own.has(kind) || (kind === "mnt" && mounts));
}

type Side = Omit<Portrait, "crossings">;

/** A sandbox on a machine whose own programs have this ABI. */
interface Placed extends Sandbox {
  readonly abi: Abi;
}

function crossingsOf(sandbox: Placed, side: Side): readonly Crossing[] {
  return [
    filesCrossing(sandbox.walls, side),
    networkCrossing(sandbox),
    devicesCrossing(sandbox.walls),
    processesCrossing(sandbox),
    ipcCrossing(sandbox),
    kernelCrossing(sandbox, side),
  ];
}

function crossing(channel: Channel, state: Crossing["state"], ...passes: readonly string[]): Crossing {
  return { channel, state, passes };
}

/** `a, b, c and 4 more`. */
function few(names: readonly string[], most = 4): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}

function filesCrossing(walls: readonly Wall[], { writable }: Side): Crossing {
  const ofData = mountPaths(walls)
    .filter((path) => !KERNEL_PLACES.some((place) => isWithin(path, place)))
    .sort();
  const hidden = ofData.filter((path) => {
    const { content } = viewOf(walls, path);
    return content.kind === "covered" || (content.kind === "fresh" && content.mode === "empty");
  });
  const own = ofData.filter((path) => {
    const { content } = viewOf(walls, path);
    return content.kind === "fresh" && content.mode === "private";
  });
  const reads = hidden.length === 0 ? "reads what its user may" : `reads what its user may, but not ${few(hidden, 5)}`;
  const places = writable.length === 0 ? "nothing" : few(writable);
  const writes = writable.includes("/") ? "writes what its user may" : `writes ${places}`;
  const state = walls.some((wall) => wall.kind === "mount") ? "partial" : "open";
  return crossing("files", state, reads, writes, ...(own.length === 0 ? [] : [`${few(own)} of its own`]));
}

function call(abi: Abi, name: SyscallName, first?: number): Parameters<typeof judgeFilter>[1] {
  const known = first === undefined ? [] : [{ kind: "number", value: BigInt(first) } as const];
  return { abi, name, arguments: known };
}

function networkCrossing({ walls, abi }: Placed): Crossing {
  const families = Object.entries(ADDRESS_FAMILIES).filter(([name]) => name !== "AF_UNSPEC");
  const open = families.filter(
    ([, number]) => judgeFilter(walls, call(abi, "socket", number)).answer.kind !== "refused",
  );
  const all = open.length === families.length;
  const own = walls.some((wall) => wall.kind === "namespace" && wall.namespace === "net");
  if (open.length === 0) {
    return crossing("network", "closed", "no socket of any family");
  }
  const lists = walls.flatMap((wall) => (wall.kind === "addresses" ? [wall] : []));
  const denied = lists.flatMap(({ deny }) => deny);
  const allowed = lists.flatMap(({ allow }) => allow);
  const passes = [
    all
      ? "every address family"
      : few(
          open.map(([name]) => name.replace(/^AF_/, "")),
          6,
        ),
    ...(own ? ["no interface but its own loopback"] : []),
    ...(denied.length > 0 ? [`not to ${few(denied)}${allowed.length > 0 ? ` except ${few(allowed)}` : ""}`] : []),
  ];
  return crossing("network", all && !own && denied.length === 0 ? "open" : "partial", ...passes);
}

function devicesCrossing(walls: readonly Wall[]): Crossing {
  const hidden = walls.some((wall) => wall.kind === "mount" && wall.mode.kind === "devices");
  const listed = walls.some((wall) => wall.kind === "devices");
  if (hidden) {
    return crossing("devices", "partial", "pseudo-devices only: null, zero, full, random, urandom, tty, pts");
  }
  return listed
    ? crossing("devices", "partial", "the devices of its list")
    : crossing("devices", "open", "every device that its user may open");
}

/** Another service's process, of a user that is neither root nor the service's own. */
const NEIGHBOUR: ProcessFacts = { uid: 54_321, gid: 54_321, relation: "neighbour" };

function processesCrossing(sandbox: Placed): Crossing {
  const { walls, abi } = sandbox;
  if (walls.some((wall) => wall.kind === "namespace" && wall.namespace === "pid")) {
    return crossing("processes", "closed", "sees its own processes only");
  }
  const credentials = credentialsOf(walls);
  const hide = viewOf(walls, "/proc/1").proc?.hide ?? "default";
  const sees = isShown(credentials, hide, NEIGHBOUR);
  const may = (name: SyscallName, operation: "signal" | "trace"): boolean =>
    judge(sandbox, { call: call(abi, name), needs: [{ kind: "process", operation, target: NEIGHBOUR }] }).kind !==
    "denied";
  const signals = may("kill", "signal");
  const traces = may("ptrace", "trace");
  const passes = [
    sees ? "sees the processes of all users" : "sees only processes of its own user",
    ...(signals ? ["signals them"] : []),
    ...(traces ? ["reads and changes their memory"] : []),
  ];
  return crossing("processes", sees && signals && traces ? "open" : "partial", ...passes);
}

function ipcCrossing({ walls, abi }: Placed): Crossing {
  if (walls.some((wall) => wall.kind === "namespace" && wall.namespace === "ipc")) {
    return crossing("ipc", "closed", "its own System V objects and message queues only");
  }
  const names: readonly SyscallName[] = ["shmget", "semget", "msgget", "mq_open"];
  const refused = names.filter((name) => judgeFilter(walls, call(abi, name)).answer.kind === "refused");
  if (refused.length === names.length) {
    return crossing("ipc", "closed", "no call that opens one");
  }
  const state = refused.length === 0 ? "open" : "partial";
  return crossing("ipc", state, "the host's System V objects and message queues");
}

function kernelCrossing(sandbox: Placed, { syscalls, capabilities }: Side): Crossing {
  const setting = "/proc/sys/kernel/core_pattern";
  const file = { type: "file", uid: 0, gid: 0, mode: 0o644 } as const;
  const settings = judge(sandbox, {
    call: call(sandbox.abi, "openat"),
    needs: [{ kind: "path", path: setting, access: "write", file }],
  });
  const all = syscalls === allowedCalls([], sandbox.abi).length && capabilities.length === CAPABILITIES.length;
  const held = capabilities.length === 0 ? "no capability" : few(capabilities, 3);
  const passes = [
    `${syscalls} system calls`,
    capabilities.length === CAPABILITIES.length ? "every capability" : held,
    ...(settings.kind === "denied" ? [] : ["changes kernel settings"]),
  ];
  return crossing("kernel", all ? "open" : "partial", ...passes);
}
