/** From the options of a box and the state of this machine to the plan of its init script. */

import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { isWithin } from "../../core/kernel/path.ts";
import { numbersOf } from "../../linux/devices.ts";
import { type Mount, visibleMounts } from "../../linux/mountinfo.ts";
import { existingIn } from "../../linux/other-root.ts";
import { mountsOf } from "../../linux/proc.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { BoxOptions } from "./contract.ts";
import { hardwareGuard } from "./hardware.ts";
import { findTool, resolverSettings } from "./host.ts";
import { type Device, type InitPlan, type Layered, MANAGER_PATH } from "./init-script.ts";
import { type Placement, placeMounts } from "./mounts.ts";

/** The plan, and what the user should know of it. */
export interface Planned {
  readonly plan: InitPlan;
  readonly notes: readonly string[];
}

/** Reads the machine and decides; throws a SystemError for options that cannot be had. */
export async function planInit(
  options: BoxOptions,
  given: Pick<InitPlan, "base" | "imageFd" | "keeper" | "managerFd">,
): Promise<Planned> {
  const network = options.network ?? "private";
  const addresses = options.addresses ?? [];
  if (addresses.length > 0) {
    await checkAddresses(addresses, network);
  }
  const layers = await Promise.all((options.layers ?? []).map(checkLayer));
  const mounts = await mountsOf("self");
  const lowest = options.root === undefined ? "/" : await checkRoot(options.root);
  const placements = lowest === "/" ? placeMounts(mounts, isFile) : [];
  const devices = await extraDevices();
  const shown = (await Promise.all((options.bindReadOnly ?? []).map((bind) => checkBind(bind, mounts)))).flat();
  const allowed = devices.map(([path]) => `/dev/${path}`);
  const plan: InitPlan = {
    ...given,
    containerName: containerName(options.name),
    lowest,
    root: await layersOver("/", layers, lowest),
    placements: await Promise.all(placements.map((placement) => withLayers(placement, layers))),
    bindReadOnly: shown.map(({ source, target, file }) => ({ source, target, file })),
    emptied: (options.data ?? []).filter((each) => each.mode === "empty").map((each) => checkAbsolute(each.path)),
    network,
    addresses,
    devices,
    runFiles: hardwareGuard({
      allowHost: options.allowHost ?? [],
      network,
      attacks: options.forAttacks === true,
      devices: allowed,
    }),
    resolver: lowest === "/" ? await resolverIfLinked(placements) : await resolverSettings(),
  };
  return { plan, notes: [...placements.flatMap(noteOn), ...shown.flatMap(noteOnSockets), ...networkNotes(network)] };
}

function isFile(path: string): boolean {
  return !(lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true);
}

/** A directory that a systemd could be started from. */
async function checkRoot(root: string): Promise<string> {
  const path = await checkLayer(root);
  if (existingIn(path, MANAGER_PATH) === undefined) {
    throw new SystemError("use as a root", { path, code: "ENOENT", reason: `there is no ${MANAGER_PATH} in it` });
  }
  return path;
}

function containerName(name: string | undefined): string {
  return `cloison${name === undefined ? "" : `-${name.replace(/[^\w.-]/g, "_")}`}`;
}

function noteOn(placement: Placement): string[] {
  if (placement.kind === "absent") {
    return [`${placement.target} is left out: ${placement.reason}`];
  }
  if (placement.kind !== "read-only" || placement.reason === undefined) {
    return [];
  }
  return [`${placement.target} is shown read-only: ${placement.reason}`];
}

function networkNotes(network: "private" | "host"): string[] {
  return network === "private"
    ? []
    : ["the network is the host's: its abstract sockets are in reach and ports can clash"];
}

async function checkLayer(layer: string): Promise<string> {
  const path = await realpath(layer).catch((cause: unknown) => {
    throw new SystemError("use as a layer", { path: layer, cause });
  });
  if (/[:,\\]/.test(path)) {
    throw new SystemError("use as a layer", { path, reason: "overlayfs accepts no path with : , or \\" });
  }
  return path;
}

async function withLayers(placement: Placement, layers: readonly string[]): Promise<InitPlan["placements"][number]> {
  if (placement.kind !== "overlay") {
    return { placement, layered: { layers: [], aside: false } };
  }
  const target = placement.target;
  if (!/[:,\\]/.test(target)) {
    return { placement, layered: await layersOver(target, layers) };
  }
  const reason = "overlayfs accepts no path with : , or \\";
  return { placement: { kind: "read-only", target, reason }, layered: { layers: [], aside: false } };
}

/** The part of each layer that belongs over one mount of the machine, or over another root in the place of its first one. */
async function layersOver(target: string, layers: readonly string[], lowest = target): Promise<Layered> {
  const inside = layers.map((layer) => (target === "/" ? layer : `${layer}${target}`));
  const devices = await Promise.all(
    inside.map((path) =>
      stat(path).then(
        (info) => info.dev,
        () => undefined,
      ),
    ),
  );
  const { dev } = await stat(lowest);
  return { layers: inside.filter((_, index) => devices[index] !== undefined), aside: devices.includes(dev) };
}

interface Shown {
  readonly source: string;
  readonly target: string;
  readonly file: boolean;
  readonly sockets: readonly string[];
}

/** What is shown of the machine, and what is mounted below it, which an overlay does not take along. */
async function checkBind(bind: { source: string; target: string }, mounts: readonly Mount[]): Promise<Shown[]> {
  const source = await realpath(bind.source).catch((cause: unknown) => {
    throw new SystemError("show in the box", { path: bind.source, cause });
  });
  const target = checkAbsolute(bind.target);
  const info = await stat(source);
  if (!info.isDirectory() && !info.isFile()) {
    const help = "start in the box what it belongs to, with --with";
    throw new SystemError("show in the box", { path: source, reason: "neither a file nor a directory", help });
  }
  const below = visibleMounts(mounts).filter((mount) => mount.target !== source && isWithin(mount.target, source));
  const all = [source, ...below.map((mount) => mount.target).sort()];
  return all.map((path) => ({
    source: path,
    target: `${target}${path.slice(source.length)}`,
    file: !(lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false),
    sockets: socketsBelow(path),
  }));
}

const MOST_ENTRIES = 20_000;

/** The first sockets below a directory, as far as a look of bounded length finds them. */
function socketsBelow(top: string): string[] {
  const sockets: string[] = [];
  const waiting = [top];
  for (let left = MOST_ENTRIES; waiting.length > 0 && left > 0 && sockets.length < 3; ) {
    const directory = waiting.shift() ?? "";
    for (const entry of entriesOf(directory)) {
      left -= 1;
      if (entry.isSocket()) {
        sockets.push(`${directory}/${entry.name}`);
      } else if (entry.isDirectory()) {
        waiting.push(`${directory}/${entry.name}`);
      }
    }
  }
  return sockets;
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function noteOnSockets({ sockets }: Shown): string[] {
  return sockets.map((path) => `${path} is a socket of the machine: in the box it refuses connections`);
}

function checkAbsolute(path: string): string {
  const clean = path.replace(/\/+$/, "");
  if (clean.startsWith("/") && !clean.split("/").includes("..")) {
    return clean;
  }
  throw new SystemError("use in the box", { path, reason: "not an absolute path below /" });
}

async function checkAddresses(addresses: readonly string[], network: "private" | "host"): Promise<void> {
  if (network === "host") {
    throw new SystemError("add addresses", { reason: "the network is the host's", help: "use a private network" });
  }
  if (!(await findTool("ip"))) {
    throw new SystemError("add addresses", {
      path: "ip",
      code: "ENOENT",
      reason: "not found",
      help: "apt install iproute2",
    });
  }
  const odd = addresses.find((address) => !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(address));
  if (odd !== undefined) {
    throw new SystemError("add the address", { path: odd, reason: "not in the form ADDRESS/BITS" });
  }
}

/** Devices that hold no hardware but that services use: made if the machine has them. */
async function extraDevices(): Promise<Device[]> {
  const devices: Device[] = [];
  for (const [path, mode] of [
    ["fuse", "666"],
    ["net/tun", "666"],
  ] as const) {
    const info = await stat(`/dev/${path}`).catch(() => undefined);
    if (info === undefined || !info.isCharacterDevice()) {
      continue;
    }
    const { major, minor } = numbersOf(info.rdev);
    devices.push([path, major, minor, mode]);
  }
  return devices;
}

/** Copied when the box would lose it: a link into /run, or a mount of its own. */
async function resolverIfLinked(placements: readonly Placement[]): Promise<string | undefined> {
  const path = "/etc/resolv.conf";
  const link = (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;
  const mounted = placements.some((each) => isWithin(path, each.target) && each.kind === "file");
  return link || mounted ? resolverSettings(path) : undefined;
}
