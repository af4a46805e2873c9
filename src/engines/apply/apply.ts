/**
 * Installs a rehearsed drop-in on the host. It is tried from /run, under a dead man's switch that is armed before anything
 * changes, and reaches /etc only when the service has shown that it works. So an `apply` that is killed, a terminal that is
 * lost and a machine that goes down heal themselves. What happens in which order is told in docs/apply.md.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { sha256 } from "../../linux/sha256.ts";
import { runChecked } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { Bundle } from "./bundle.ts";
import { changeDisk, forgetAccounts, readDisk, restoreDisk } from "./disk.ts";
import { contentOf, ownDirectory, removeDurably, writeDurably } from "./durable.ts";
import { guardEdits } from "./edited.ts";
import { locked } from "./lock.ts";
import { MEMORY, type Places, placesOf } from "./places.ts";
import { deadlineIn, type ProofWanted, type Proved, prove, stillAlive } from "./prove.ts";
import { forgetUnit, type Installation, type UnitRecord, writeRecord } from "./record.ts";
import { assertSameService } from "./same-service.ts";
import { settle } from "./settle.ts";
import {
  arm,
  decideProved,
  endTrial,
  forgetTrial,
  hasEnded,
  prepareTrial,
  switchReason,
  type TrialEnding,
} from "./switch.ts";
import { isUp, runningAmong, stateOf, type UnitState } from "./unit-state.ts";

/** How the service is proved to work, and who hears of each step. */
export interface ApplyOptions extends ProofWanted {
  /** After how long the switch takes the trial back if nobody ended it. */
  readonly windowSeconds: number;
  /** Whether a drop-in that was edited since it was applied may be replaced; see edited.ts. */
  readonly discardEdits: boolean;
  readonly say: (step: string) => void;
}

/** What was shown to work; what was not is not claimed. */
export interface Applied {
  readonly dropIn: string;
  readonly claim: string;
}

/** How long before the switch a proof must be over: what is decided then takes a moment. */
const RESERVE_SECONDS = 5;

const TOO_LATE = "the time was up before it was proved (give it more with --window)";

/** Installs the bundle's drop-in. Throws a SystemError, with the former state back in place, if the service does not work. */
export async function applyBundle(bundle: Bundle, options: ApplyOptions): Promise<Applied> {
  const places = placesOf(bundle.report.unit);
  return locked(places, () => applyLocked(places, bundle, options));
}

/** What a failed trial goes back to. */
interface Attempt {
  readonly places: Places;
  /** What was remembered before; undefined if Cloison had never touched the unit. */
  readonly record: UnitRecord | undefined;
  readonly say: (step: string) => void;
}

async function applyLocked(places: Places, bundle: Bundle, options: ApplyOptions): Promise<Applied> {
  const { say } = options;
  const installation = installationOf(bundle);
  say("checking that this is the service that was rehearsed");
  await assertSameService({ unit: places.unit, ...installation });
  const record = await settle(places, say);
  await refuseAnotherUser(places);
  const before = await stateOf(places.unit);
  assertProvable(places.unit, before, options);
  await guardEdits(places, record, options.discardEdits, say);
  await assertWritable(dirname(dirname(places.dropIn)));
  say("remembering what is there");
  const meantToRun = isUp(before) || before.active === "failed";
  const remembered = await remember(places, bundle, record, installation, meantToRun);
  const forget = endTrialOnExit(places);
  try {
    const proved = await tryOut({ places, record, say }, bundle, before, meantToRun, options);
    await writeRecord(places, { ...remembered, installed: installation });
    await forgetTrial(places);
    await verifyInstalled(places, bundle.bytes, meantToRun ? proved : undefined);
    const claim = meantToRun ? proved.claim : `it was not running: started, ${proved.claim}; stopped again`;
    return { dropIn: places.dropIn, claim };
  } finally {
    forget();
  }
}

/** The trial, from the armed switch to /etc. Whatever fails takes it back before it is said. */
async function tryOut(
  attempt: Attempt,
  { bytes, changes }: Bundle,
  before: UnitState,
  meantToRun: boolean,
  options: ApplyOptions,
): Promise<Extract<Proved, { ok: true }>> {
  const { places, say } = attempt;
  const deadline = deadlineIn(options.windowSeconds - RESERVE_SECONDS);
  let proved: Proved;
  try {
    await prepareTrial(places, before, meantToRun, await runningAmong(before.dependants));
    say(`arming the switch that takes it back in ${options.windowSeconds} s`);
    await arm(places, options.windowSeconds);
    if (changes.length > 0) {
      say("remembering owners and files, and changing them");
      await changeDisk(places, changes, sha256(bytes));
    }
    say("trying it from /run");
    await layTrial(places, bytes);
    proved = await prove(places.unit, options, before, deadline, say);
  } catch (error) {
    if (!(error instanceof SystemError)) {
      throw error;
    }
    return takeBack(attempt, error.message);
  }
  // What was seen after the switch had fired was seen of the former state.
  if (!proved.ok) {
    return takeBack(attempt, (await hasEnded(places)) ? TOO_LATE : proved.reason);
  }
  say("moving it to /etc");
  if (deadline.leftMs() === 0 || !(await decideProved(places))) {
    return takeBack(attempt, TOO_LATE);
  }
  const ending = await endTrial(places);
  if (ending === "promoted") {
    return proved;
  }
  return takeBack(attempt, (await switchReason(places)) || "the switch did not move it to /etc");
}

/** Refuses while a user of its own is installed: what it changed on disk belongs to one drop-in. */
async function refuseAnotherUser(places: Places): Promise<void> {
  if ((await readDisk(places)) !== undefined) {
    const help = `take it back first: cloison apply --undo ${places.unit}`;
    throw new SystemError("apply", {
      path: places.unit,
      reason: "it has a user of its own from an earlier apply",
      help,
    });
  }
}

function installationOf({ report, bytes, directory, reportHash }: Bundle): Installation {
  return {
    dropIn: sha256(bytes),
    unitText: report.hashes.unit,
    programs: Object.entries(report.hashes.executables).map(([path, sha256]) => ({ path, sha256 })),
    systemd: report.systemd,
    since: new Date().toISOString(),
    from: directory,
    report: reportHash,
  };
}

/** Refuses at once what could not be proved. */
function assertProvable(unit: string, state: UnitState, { check }: ProofWanted): void {
  const refuse = (reason: string, help: string): never => {
    throw new SystemError("apply", { path: unit, reason, help });
  };
  if (state.load !== "loaded") {
    refuse(`its load state is ${state.load}`, `see systemctl status ${unit}`);
  }
  if (state.type === "oneshot" && state.active === "activating") {
    refuse("it is running now, and a restart would break it off", "wait until it has ended");
  }
  if (state.active === "inactive" && check === undefined) {
    const help = "start it first, or give --check CMD: then it is started for the check and stopped again";
    refuse("it is not running, so nothing could be shown to work", help);
  }
}

/** Root may write anywhere by permission; only trying tells of a file system that is read-only or full. */
async function assertWritable(directory: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(`${directory}/.cloison-`));
  } catch (cause) {
    throw new SystemError("write in", { path: directory, cause, help: "make it writable; nothing was changed" });
  }
}

async function remember(
  places: Places,
  bundle: Bundle,
  record: UnitRecord | undefined,
  trial: Installation,
  ranAtFirst: boolean,
): Promise<UnitRecord> {
  await ownDirectory(MEMORY, 0o700);
  await ownDirectory(places.memory, 0o700);
  const installed = await contentOf(places.dropIn);
  await copyOrAbsence(places.former, installed);
  if (record === undefined) {
    await copyOrAbsence(places.original, installed);
  }
  await writeDurably(places.staged, bundle.bytes);
  const remembered = record ?? { schema: "cloison.applied/1", unit: places.unit, ranAtFirst };
  await writeRecord(places, { ...remembered, trial });
  return remembered;
}

function copyOrAbsence(path: string, bytes: Uint8Array | undefined): Promise<void> {
  return bytes === undefined ? removeDurably(path) : writeDurably(path, bytes);
}

async function layTrial(places: Places, bytes: Uint8Array): Promise<void> {
  const directory = dirname(places.trialDropIn);
  await ownDirectory(dirname(directory), 0o755);
  await ownDirectory(directory, 0o755);
  await writeDurably(places.trialDropIn, bytes, 0o644);
  await runChecked(["systemctl", "daemon-reload"]);
  await assertLoaded(places.unit, places.trialDropIn, places.dropIn);
}

/** Whether systemd reads the drop-in from one place, and not from the other. */
async function assertLoaded(unit: string, from: string, notFrom: string): Promise<void> {
  const { dropIns, stale } = await stateOf(unit);
  if (dropIns.includes(from) && !dropIns.includes(notFrom) && !stale) {
    return;
  }
  const reason = `systemd does not read ${from} (it reads ${dropIns.join(", ") || "no drop-in"})`;
  throw new SystemError("apply", { path: unit, reason, help: `see systemctl cat ${unit}` });
}

/** Before anything is claimed: the very bytes are installed, systemd reads them, and the service is the one that was watched. */
async function verifyInstalled(places: Places, bytes: Uint8Array, proved: Proved | undefined): Promise<void> {
  const installed = await contentOf(places.dropIn);
  const help = `see cloison apply --status ${places.unit}`;
  if (installed === undefined || !installed.equals(bytes)) {
    throw new SystemError("apply", { path: places.dropIn, reason: "it is not what was just written there", help });
  }
  await assertLoaded(places.unit, places.dropIn, places.trialDropIn);
  const died = proved?.ok && proved.runs ? await stillAlive(places.unit, proved.invocation) : undefined;
  if (died !== undefined) {
    throw new SystemError("apply", { path: places.unit, reason: `installed, but ${died}`, help });
  }
}

async function takeBack({ places, record, say }: Attempt, reason: string): Promise<never> {
  say("taking it back");
  await restoreDisk(places, say);
  const ending = await endTrial(places);
  await forgetAccounts(places, say);
  if (ending !== "stuck") {
    await forgetTrial(places);
    await (record === undefined ? forgetUnit(places) : writeRecord(places, record));
  }
  throw failure(places, reason, ending);
}

function failure(places: Places, reason: string, ending: TrialEnding): SystemError {
  const state: Readonly<Record<TrialEnding, string>> = {
    restored: "the former state is back",
    "restored, but it does not start": "the former drop-in is back, but the service does not start with it either",
    promoted: "the switch had moved it to /etc",
    unchanged: "nothing was changed",
    stuck: "the former state could not be put back",
  };
  const help = ending === "stuck" ? `see journalctl -u ${places.switchUnit}` : `see journalctl -u ${places.unit}`;
  return new SystemError("apply", { path: places.unit, reason: `${reason}; ${state[ending]}`, help });
}

/** However this process ends, but for a kill -9 (then the timer does it): the switch is thrown. */
function endTrialOnExit(places: Places): () => void {
  const throwSwitch = (): void => {
    spawnSync("systemctl", ["start", "--no-block", "--", `${places.switchUnit}.service`], { stdio: "ignore" });
  };
  process.once("exit", throwSwitch);
  return () => process.removeListener("exit", throwSwitch);
}
