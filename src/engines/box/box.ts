/** Boots a box and takes it down: starts the guard, waits for systemd, hands out the Box. */
import { closeSync, mkdirSync, writeSync } from "node:fs";
import { totalmem } from "node:os";
import { x8664 } from "../../core/elf/x86-64/x86-64.ts";
import { mountsOf } from "../../linux/proc.ts";
import { describeFailure } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import { openUnnamed, openUnnamedProgram } from "../../linux/unnamed-file.ts";
import { removeCgroup } from "./cgroup.ts";
import type { Box, BoxOptions } from "./contract.ts";
import { type Entrance, openEntrance } from "./entrance.ts";
import { callerProgram } from "./entrance-caller.ts";
import { keeperProgram } from "./entrance-keeper.ts";
import { makerProgram } from "./entrance-maker.ts";
import { type Guard, HANDED_FD, type Handed, startGuard } from "./guard.ts";
import { type GuardPlan, guardScript } from "./guard-script.ts";
import { guardedCapabilities } from "./hardware.ts";
import { type BootHost, checkScratch, inspectHost } from "./host.ts";
import { boxIdentity } from "./identity.ts";
import { planInit } from "./init-plan.ts";
import { type InitPlan, initScript } from "./init-script.ts";
import {
  journalInside,
  type Place,
  readInside,
  runInside,
  showInside,
  spawnInside,
  syncJournalInside,
  writeInside,
} from "./inside.ts";
import { managerPlan, managerProgram } from "./manager-plan.ts";
import { sweepBoxes } from "./sweep.ts";

export type { Box, BoxOptions, HostPart } from "./contract.ts";

/** Every box is built on this directory, each in a mount namespace of its own: to the host it stays empty. */
const BASE = "/run/cloison";

/** Boots a box. Throws a SystemError when the machine cannot, with nothing left behind. */
export async function bootBox(options: BoxOptions = {}): Promise<Box> {
  const host = await inspectHost();
  const scratch = options.scratch ?? "/var/tmp";
  const free = await checkScratch(scratch);
  await sweepBoxes(scratch);
  const identity = await boxIdentity();
  const keeper = keeperProgram(x8664);
  const imageFd = host.loop ? HANDED_FD.image : undefined;
  const { plan, notes } = await planInit(options, {
    base: BASE,
    imageFd,
    keeper: keeper.image,
    managerFd: HANDED_FD.manager,
  });
  const settings = {
    allowHost: options.allowHost ?? [],
    network: plan.network,
    attacks: options.forAttacks === true,
  };
  const memory = host.loop ? [] : ["what the box writes is kept in memory: no loop devices here"];
  mkdirSync(BASE, { recursive: true, mode: 0o700 });
  const cgroup = cgroupFor(host, identity);
  const open = await programOpener(scratch, identity);
  const handed = {
    maker: open(makerProgram(x8664)),
    image: host.loop ? openUnnamed(scratch, identity) : undefined,
    init: unnamedWith(initScript(plan), scratch, identity),
    manager: unnamedWith(managerProgram(managerPlan(plan, settings, HANDED_FD.cgroup)), scratch, identity),
  };
  const guard = await startGuard(guardScript(guardPlan(host, plan, { identity, cgroup, free })), handed).finally(() =>
    closeAll(handed),
  );
  const patienceMs = (options.patienceSeconds ?? 600) * 1000;
  const opened: Opened = { entrance: undefined };
  const down = takeDown(guard, opened, cgroup);
  try {
    const leader = await guard.leader;
    const caller = open(callerProgram(leader, x8664));
    opened.entrance = openEntrance({ socket: guard.entrance, requestAt: keeper.requestAt, caller });
    const place = { leader, cgroup, entrance: opened.entrance, patienceMs };
    const failed = await waitForSystemd(place, guard, (options.timeoutSeconds ?? 60) * 1000);
    guard.unref();
    options.progress?.(`box ${identity} is up`);
    const degraded = failed === "" ? [] : [`units that failed at boot: ${failed}`];
    const facts = {
      name: options.name ?? identity,
      network: plan.network,
      forAttacks: settings.attacks,
      guarded: guardedCapabilities(settings),
      notes: [...memory, ...notes, ...guard.notes, ...degraded],
    };
    return makeBox(facts, place, guard, down);
  } catch (cause) {
    await down();
    throw cause;
  }
}

function guardPlan(
  host: BootHost,
  plan: InitPlan,
  { identity, cgroup, free }: { readonly identity: string; readonly cgroup: string; readonly free: number },
): GuardPlan {
  return {
    cgroup,
    oldCgroups: host.oldHierarchies.map((hierarchy) => `${hierarchy}/${identity}`),
    scope: host.systemd ? identity : undefined,
    network: plan.network,
    imageFd: plan.imageFd,
    imageBytes: Math.min(Math.floor(free / 2 / 2 ** 20), 64 * 1024) * 2 ** 20,
    memoryBytes: Math.floor(totalmem() * 0.8),
    initFd: HANDED_FD.init,
    managerFd: HANDED_FD.manager,
    cgroupFd: HANDED_FD.cgroup,
  };
}

function makeBox(
  facts: Pick<Box, "name" | "network" | "forAttacks" | "guarded" | "notes">,
  place: Place,
  guard: Guard,
  down: () => Promise<void>,
): Box {
  const run: Box["run"] = async (argv, options) => {
    const result = await runInside(place, argv, options);
    return { ...result, stdout: result.stdout.toString("utf8") };
  };
  const ended = guard.boxEnded.then(down);
  ended.catch(() => undefined); // who waits for it is told; nobody has to
  return {
    ...facts,
    leader: place.leader,
    cgroup: `${place.cgroup}/box`,
    root: `/proc/${place.leader}/root`,
    run,
    spawn: (argv, options) => spawnInside(place, argv, options),
    writeFile: (path, content, mode) => writeInside(place, path, content, mode),
    readFile: (path) => readInside(place, path),
    systemctl: (...args) => run(["systemctl", ...args]),
    showProperties: (unit, names) => showInside(place, unit, names),
    journal: (unit) => journalInside(place, unit),
    syncJournal: () => syncJournalInside(place),
    ended,
    down,
  };
}

/** A file without a name that holds this, to be read from its beginning by whoever gets the descriptor. */
function unnamedWith(content: string | Uint8Array, directory: string, name: string): number {
  const file = openUnnamed(directory, name);
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, bytes.length - at, at);
  }
  return file;
}

function closeAll(handed: Handed): void {
  for (const each of [handed.maker, handed.image, handed.init, handed.manager]) {
    if (each !== undefined) {
      closeSync(each);
    }
  }
}

/** What is opened while a box boots: there is no entrance before its PID 1 is known. */
interface Opened {
  entrance: Entrance | undefined;
}

/** Once, however often it is called. */
function takeDown(guard: Guard, opened: Opened, cgroup: string): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    opened.entrance?.close();
    done ??= guard.release().then(() => removeCgroup(cgroup));
    return done;
  };
}

/** Opens files of programs: on the scratch's disk, or in memory where programs there may not run. */
async function programOpener(scratch: string, identity: string): Promise<(program: Uint8Array) => number> {
  const places = [scratch, "/dev/shm", "/run", "/tmp", "/var/tmp"];
  const mounts = await mountsOf("self");
  return (program) => openUnnamedProgram(program, places, identity, mounts);
}

function cgroupFor(host: BootHost, identity: string): string {
  if (!host.systemd) {
    return `${host.cgroupMount}/${identity}`;
  }
  return `${host.cgroupMount}/system.slice/${identity}.scope`;
}

/** `systemctl` fails at once while nobody listens where systemd will. */
const WAIT = "until [ -S /run/systemd/private ]; do sleep 0.01; done; exec systemctl is-system-running --wait";

/** The names of units that failed at boot, "" if none did. */
async function waitForSystemd(place: Place, guard: Guard, timeoutMs: number): Promise<string> {
  const result = await runInside(place, ["/bin/sh", "-c", WAIT], { timeoutMs }).catch(() => {
    throw bootFailure(guard, "systemd ended");
  });
  if (result.timedOut) {
    throw bootFailure(guard, "systemd does not answer");
  }
  const state = result.stdout.toString("utf8").trim();
  if (state === "running") {
    return "";
  }
  if (state !== "degraded") {
    throw bootFailure(guard, `systemd is ${state || describeFailure(result)}`);
  }
  const list = await runInside(place, ["systemctl", "list-units", "--failed", "--plain", "--no-legend"]);
  const lines = list.stdout.toString("utf8").trim().split("\n");
  return lines.map((line) => line.split(" ")[0]).join(" ");
}

function bootFailure(guard: Guard, what: string): SystemError {
  return new SystemError("boot a box", { reason: [what, ...guard.console.slice(-10)].join("; ") });
}
