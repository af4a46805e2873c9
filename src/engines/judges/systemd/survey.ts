/** What probes may ask about a box, gathered: the `Machine` of core/probes. */
import { readFileSync } from "node:fs";
import type { FileFacts, Identity } from "../../../core/action/action.ts";
import type { Machine } from "../../../core/probes/probe.ts";
import type { Surroundings } from "../../../core/sandbox/surroundings.ts";
import { resolveIn } from "../../../linux/beneath.ts";
import { existingIn, fileFacts } from "../../../linux/other-root.ts";
import type { Box } from "../../box/box.ts";
import { bystandersOf } from "./bystanders.ts";
import { chosen } from "./services.ts";
import { type Stage, stageOf } from "./stage.ts";
import { twinOf } from "./twin.ts";

/** The unit under attack, as far as the probes care. */
export interface AttackTarget {
  readonly name: string;
  /** Its main program, as the box's systemd resolved it. */
  readonly executable: string;
  /** Its arguments, for finding its own code. */
  readonly argv: readonly string[];
  readonly fragment: string | undefined;
  /** What StateDirectory= and kin give it; systemd hands them to `owner` when the unit starts. */
  readonly stateDirectories: readonly string[];
  readonly owner: Identity;
  /** As whom the attacks are tried; absent: as the owner. */
  readonly identity?: Identity;
  /** TCP ports that it was seen to bind. */
  readonly ports: readonly number[];
}

/** Probes are told of files as they are now; call it once the unit's own files are in place. */
export async function survey(box: Box, target: AttackTarget, token: string): Promise<Machine> {
  const stage = await stageOf(box);
  const file: Machine["file"] = (path) => {
    const facts = fileFacts(box.root, resolveIn(box.root, path));
    if (facts === undefined || !target.stateDirectories.includes(path)) {
      return facts;
    }
    return { ...facts, type: "directory", ...target.owner, mode: facts.mode | 0o700 };
  };
  const executable = existingIn(box.root, target.executable) ?? target.executable;
  return {
    token,
    file,
    sysctl: (name) => (name === "net.ipv4.ip_unprivileged_port_start" ? stage.portStart : readSysctl(name)),
    unit: {
      name: target.name,
      executable,
      code: codeOf(box, target.argv) ?? executable,
      fragment: target.fragment,
      stateDirectories: target.stateDirectories,
      ports: target.ports,
    },
    neighbour: neighbourOf(stage),
    twin: await twinOf(box, target.identity ?? target.owner),
    daemons: stage.daemons,
    peers: stage.peers,
    rootSecret: stage.rootSecret,
    kept: stage.kept,
    metadata: stage.metadata,
    ...(await bystandersOf(box)),
    disks: stage.disks,
    netlink: netlinkProtocols(),
    protocols: socketProtocols(),
    abis: stage.abis,
  };
}

/** Units that attack at the same time were surveyed one after the other, and so have different processes before them. */
let surveys = 0;

function neighbourOf(stage: Stage): Machine["neighbour"] {
  const { prey, unit, uid, home, secret, setUserId, offers } = stage;
  surveys += 1;
  const pid = chosen(prey, surveys);
  const process = { uid, gid: uid, relation: "neighbour", capabilities: [] } as const;
  const cgroup = `/sys/fs/cgroup/system.slice/${unit}`;
  return { pid, process, unit, home, cgroup, secret, setUserId, ...offers };
}

/** The kernel is the machine's own, and so are all sysctls but those of namespaces. */
function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** A table of the kernel's, without its heading; none where the kernel has no such table. */
function rowsOf(path: string): readonly (readonly string[])[] {
  try {
    const rows = readFileSync(path, "utf8").trim().split("\n").slice(1);
    return rows.map((row) => row.split(/\s+/));
  } catch {
    return [];
  }
}

/** Where the kernel itself listens, its address (`Pid`) is 0: netlink_native_seq_show in its net/netlink/af_netlink.c. */
function netlinkProtocols(): readonly number[] {
  const own = rowsOf("/proc/net/netlink").filter(([, , address]) => address === "0");
  return [...new Set(own.map(([, protocol]) => Number(protocol)))].sort((a, b) => a - b);
}

function socketProtocols(): readonly string[] {
  return rowsOf("/proc/net/protocols")
    .flatMap(([name]) => name ?? [])
    .sort();
}

/** The first argument that is a file: the script of an interpreter, the jar of a virtual machine. */
function codeOf(box: Box, argv: readonly string[]): string | undefined {
  for (const word of argv.slice(1)) {
    const resolved = word.startsWith("/") ? existingIn(box.root, word) : undefined;
    if (resolved !== undefined && fileFacts(box.root, resolved)?.type === "file") {
      return resolved;
    }
  }
  return undefined;
}

/** What the model is told of the box around a unit: files as they were when first asked for, so that it can be asked again later. */
export function surroundingsOf({ file, peers, sysctl }: Machine): Surroundings {
  const scope = sysctl("kernel.yama.ptrace_scope");
  const known = new Map<string, FileFacts | "absent" | undefined>();
  const look = (path: string): FileFacts | "absent" | undefined => {
    try {
      return file(path) ?? "absent";
    } catch {
      return undefined;
    }
  };
  return {
    peers,
    ...(scope === undefined ? {} : { ptraceScope: Number(scope) }),
    file: (path) => {
      if (!known.has(path)) {
        known.set(path, look(path));
      }
      return known.get(path);
    },
  };
}
