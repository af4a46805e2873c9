/**
 * Sets the stage for attacks in a box: another service with a secret in its home and its environment, listeners, shared
 * memory, a secret of root's, device nodes as the machine has them. Nothing of it is on the host.
 */
import { readFile } from "node:fs/promises";
import { METADATA_ADDRESSES } from "../../../core/kernel/metadata-address.ts";
import type { Kept, Machine } from "../../../core/probes/probe.ts";
import type { Peer } from "../../../core/sandbox/surroundings.ts";
import { exists } from "../../../linux/exists.ts";
import type { Box } from "../../box/box.ts";
import { peersOf } from "../../box/peers.ts";
import { type Daemon, daemonProgram } from "./daemon.ts";
import {
  abiProgram,
  metadataProgram,
  neighbourProgram,
  type Offers,
  preyProgram,
  setUserIdProgram,
} from "./neighbour.ts";
import { makeKept, TRUSTED } from "./planted.ts";
import {
  asUser,
  COLLECTED,
  checked,
  manyOf,
  processesOf,
  restartService,
  STAGE,
  STAGE_SHELL,
  startService,
} from "./services.ts";

/** Where the neighbour's own programs lie. */
const NEIGHBOURS = "/usr/lib/cloison-neighbour";
/** Several times as many as units attack at the same time, since one that waits for an answer is overtaken. */
export const PREY = 32;
/** Where the program of those lies. */
export const PREY_PROGRAM: string = `${STAGE}/prey`;

/** The daemons of the stage: one asks the kernel who is there, the other leaves that to the mode of its socket. */
const DAEMONS = {
  "cloison-trusting": { path: "/run/cloison-daemons/trusting", mode: 0o666, obeys: "root" },
  "cloison-root-only": { path: "/run/cloison-daemons/root-only", mode: 0o600, obeys: "whoever connects" },
} as const satisfies Readonly<Record<string, Daemon>>;

/** Whom they obey, by the addresses of their sockets. */
const TRUSTS: ReadonlyMap<string, Peer["trusts"]> = new Map(
  Object.values(DAEMONS).map((daemon) => [daemon.path, trustsOf(daemon)]),
);

function trustsOf({ obeys }: Daemon): Peer["trusts"] {
  return obeys === "root" ? [{ kind: "user", uid: 0 }] : [{ kind: "anyone" }];
}

/** Stands in for whoever starts containers on the machine, at the same address. */
function containerManagerAt(path: string): Readonly<Record<string, Daemon>> {
  return { "cloison-containers": { path, mode: 0o660, obeys: "whoever connects" } };
}

const NEIGHBOUR = "cloison-neighbour";
/** The neighbour's user and group: nobody's, and outside of the range from which systemd takes dynamic users, whose IPC objects it removes when they stop. */
export const NEIGHBOUR_ID = 60999;
const HOME = "/home/cloison-neighbour";

/** What was set up, as the probes are told. */
export interface Stage {
  /** Processes of the neighbour. Units that attack at the same time each aim at another: the kernel lets one debugger at a process. */
  readonly prey: readonly number[];
  /** The neighbour's main unit. PID 1 is asked to stop it, and may do that for nobody: its refusal comes after that of a stranger. */
  readonly unit: string;
  readonly uid: number;
  readonly home: string;
  readonly secret: string;
  readonly rootSecret: string;
  readonly setUserId: string;
  readonly offers: Offers;
  /** The address of a daemon that obeys root, and of one that obeys whoever may connect to it. */
  readonly daemons: { readonly trusting: string; readonly rootOnly: string };
  /** The services of all daemons that can be started anew. */
  readonly startable: readonly string[];
  readonly peers: readonly Peer[];
  readonly kept: Kept;
  readonly metadata: Machine["metadata"];
  readonly disks: readonly string[];
  /** net.ipv4.ip_unprivileged_port_start of the box's own network. */
  readonly portStart: string | undefined;
  readonly abis: readonly ("x86_64" | "i386" | "x32")[];
}

/** How a stage is set. */
interface Setting {
  /**
   * The address at which the stage has a daemon that starts containers. Given only if the machine has one: otherwise that attack would
   * tell nothing about the service.
   */
  readonly containers: string | undefined;
}

const stages = new WeakMap<Box, Setting & { readonly stage: Promise<Stage> }>();

/** Sets the stage of a box, once. Throws where it is set already with another setting. */
export function setStage(box: Box, { containers }: Setting): Promise<Stage> {
  const known = stages.get(box);
  if (known === undefined) {
    const stage = makeStage(box, containers);
    stages.set(box, { containers, stage });
    return stage;
  }
  if (known.containers !== containers) {
    throw new TypeError("the stage of this box is set already, with another daemon that starts containers");
  }
  return known.stage;
}

/** The stage of a box; where nobody has set it, it is set without a daemon that starts containers. */
export function stageOf(box: Box): Promise<Stage> {
  return stages.get(box)?.stage ?? setStage(box, { containers: undefined });
}

const FILES = `set -e
mkdir -p "$1" ${COLLECTED}; chmod 0711 "$1"; chmod 0755 ${COLLECTED}
umask 077
echo secret >"$1/secret"; chown -R "$2:$2" "$1"
echo secret >/root/.cloison-secret
chown "$2:$2" "$3"; chmod 4755 "$3"`;

async function makeStage(box: Box, containers: string | undefined): Promise<Stage> {
  const own = box.network === "private";
  const offers: Offers = {
    // On the machine's own network only loopback is ours to listen on.
    address: own ? "10.90.17.2" : "127.90.17.2",
    port: 8417,
    abstractSocket: "@cloison-neighbour",
    shmKey: 0x436c6f69,
    shmMode: 0o666,
  };
  const setUserId = `${NEIGHBOURS}/set-user-id`;
  if (own) {
    await checked(box, "an address", addressOnLoopback(offers.address));
  }
  await box.writeFile(`${STAGE}/neighbour`, neighbourProgram(offers), 0o755);
  await box.writeFile(setUserId, setUserIdProgram(), 0o755);
  await checked(box, "a shell", ["cp", "-L", "--", "/bin/sh", STAGE_SHELL]);
  await checked(box, "files", ["/bin/sh", "-c", FILES, "sh", HOME, String(NEIGHBOUR_ID), setUserId]);
  const asNeighbour = asUser({ uid: NEIGHBOUR_ID, gid: NEIGHBOUR_ID });
  await startService(box, NEIGHBOUR, `${asNeighbour} ${STAGE}/neighbour`);
  await box.writeFile(PREY_PROGRAM, preyProgram(), 0o755);
  await startService(box, "cloison-prey", manyOf(PREY, `${asNeighbour} ${PREY_PROGRAM}`), { speakers: PREY });
  await box.run(["mkdir", "-p", "/run/cloison-daemons"]);
  const daemons: Readonly<Record<string, Daemon>> =
    containers === undefined ? DAEMONS : { ...DAEMONS, ...containerManagerAt(containers) };
  for (const [name, daemon] of Object.entries(daemons)) {
    await box.writeFile(`${STAGE}/${name}`, daemonProgram(daemon), 0o755);
    await startService(box, name, `${STAGE}/${name}`, { stoppable: true });
  }
  await startService(box, TRUSTED.name, PREY_PROGRAM, { lines: TRUSTED.lines });
  const metadata = own ? await offerMetadata(box) : undefined;
  const disks = await makeNodes(box);
  const abis = await abisOf(box);
  const portStart = await box.run(["cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"]);
  return {
    unit: `${NEIGHBOUR}.service`,
    prey: await processesOf(box, "cloison-prey"),
    uid: NEIGHBOUR_ID,
    home: HOME,
    secret: `${HOME}/secret`,
    rootSecret: "/root/.cloison-secret",
    setUserId,
    offers,
    daemons: { trusting: DAEMONS["cloison-trusting"].path, rootOnly: DAEMONS["cloison-root-only"].path },
    startable: Object.keys(daemons),
    peers: (await peersOf(box)).map((peer) => {
      const trusts = TRUSTS.get(peer.address);
      return trusts === undefined ? peer : { ...peer, trusts };
    }),
    kept: await makeKept(box, NEIGHBOUR_ID),
    metadata,
    disks,
    portStart: portStart.status === 0 ? portStart.stdout.trim() : undefined,
    abis,
  };
}

/** The command that gives the box's loopback interface one more address. */
export function addressOnLoopback(address: string): readonly string[] {
  const length = address.includes(":") ? 128 : 32;
  return ["ip", "address", "replace", `${address}/${length}`, "dev", "lo"];
}

/** Listens wherever clouds have their metadata services; a box without IPv6 lacks such an address. */
async function offerMetadata(box: Box): Promise<Stage["metadata"]> {
  const addresses: string[] = [];
  for (const address of Object.values(METADATA_ADDRESSES)) {
    if ((await box.run(addressOnLoopback(address))).status === 0) {
      addresses.push(address);
    }
  }
  const port = 80;
  await box.writeFile(`${STAGE}/metadata`, metadataProgram(addresses, port), 0o755);
  await startService(box, "cloison-metadata", `${STAGE}/metadata`);
  return { addresses, port };
}

/** Starts the daemons of the stage anew; they listen on new sockets at the same addresses. */
export async function restartDaemons(box: Box): Promise<void> {
  const { startable } = await stageOf(box);
  for (const name of startable) {
    await restartService(box, name);
  }
}

/** Nodes that the machine has and a box lacks. They are opened by probes only, and nothing is read from them. */
async function makeNodes(box: Box): Promise<readonly string[]> {
  const partitions = await readFile("/proc/partitions", "utf8").catch(() => "");
  const disk = /^\s*(\d+)\s+(\d+)\s+[1-9]\d*\s+(\S+)$/m.exec(partitions);
  const make = (name: string, mode: string, ...numbers: readonly string[]) =>
    checked(box, `/dev/${name}`, [
      "/bin/sh",
      "-c",
      `[ -e "$1" ] || mknod -m "$2" "$1" "$3" "$4" "$5"`,
      "sh",
      `/dev/${name}`,
      mode,
      ...numbers,
    ]);
  for (const [name, mode, major, minor] of [
    ["kmsg", "644", "1", "11"],
    ["mem", "640", "1", "1"],
  ] as const) {
    if (await exists(`/dev/${name}`)) {
      await make(name, mode, "c", major, minor);
    }
  }
  if (disk === null) {
    return [];
  }
  const [, major = "", minor = "", name = ""] = disk;
  await make(name, "660", "b", major, minor);
  return [`/dev/${name}`];
}

async function abisOf(box: Box): Promise<Stage["abis"]> {
  const abis: ("x86_64" | "i386" | "x32")[] = ["x86_64"];
  for (const abi of ["i386", "x32"] as const) {
    const path = `${STAGE}/${abi}`;
    await box.writeFile(path, abiProgram(abi), 0o755);
    if ((await box.run([path])).status === 0) {
      abis.push(abi);
    }
  }
  return abis;
}
