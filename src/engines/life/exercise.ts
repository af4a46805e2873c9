/**
 * The life of a service in a box, from start to stop, driven by the user's workload. The same script is the baseline,
 * what is observed, and the rehearsal: what differs between them is the walls.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Phase } from "../../core/action/action.ts";
import type { Endpoint } from "../../linux/listening.ts";
import { type CommandResult, describeFailure } from "../../linux/spawn.ts";
import type { Box } from "../box/box.ts";
import { type BusUse, listenToBus } from "./bus.ts";
import { whenReady } from "./ready.ts";
import { unreapedChildren } from "./unreaped.ts";
import { advice, journalWords, lastWords } from "./words.ts";

/** What exercises the service: a shell command, whose exit status says whether the service works. */
export interface Workload {
  readonly command: string;
  /** Where it runs; the same path outside and inside the box. */
  readonly directory: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What must be known of a unit to start, exercise and stop it. */
export interface Startable {
  readonly name: string;
  readonly type: string;
  readonly canReload: boolean;
  /** Sockets that start it: they are started in its place, and the workload wakes it. */
  readonly sockets: readonly string[];
  /** Units that must run beside it. */
  readonly companions: readonly string[];
}

/** How one phase went. `absent`: the unit has no such thing. */
export interface PhaseResult {
  readonly phase: Phase;
  readonly outcome: "passed" | "failed" | "absent";
  /** What was seen, in our own words. */
  readonly detail: string;
  /** The last lines of the service and of the workload when it failed. They may hold secrets: for the terminal alone. */
  readonly words?: readonly string[];
  /** What could be done about it. */
  readonly help?: string;
  /** Where the service could be reached when it had started. */
  readonly listens?: readonly Endpoint[];
  /** Of a watched workload: the service's names on the bus, and whether one was called. */
  readonly bus?: BusUse;
  /** Of a workload that passed: how many processes had ended by then for which the main process does not wait. */
  readonly unreaped?: number;
  /** How long it took. */
  readonly seconds: number;
}

/** All phases of one life, in order; later ones are missing when an earlier one left nothing to try. */
export type Life = readonly PhaseResult[];

/** What an earlier life of the same service showed. */
export interface Earlier {
  readonly listens: readonly Endpoint[];
  readonly workloadMs: number;
}

/** What a life tells the next one. */
export function earlierOf(life: Life): Earlier {
  const listens = life.find(({ phase }) => phase === "start")?.listens ?? [];
  return { listens, workloadMs: (life.find(({ phase }) => phase === "workload")?.seconds ?? 0) * 1000 };
}

/** How a life is lived. */
export interface LifeOptions {
  /** Hears each phase before it begins. */
  readonly mark?: (phase: Phase) => Promise<void>;
  /** Repeats the workload after the restart, which shows that a service that came up again also works again. Default: yes. */
  readonly again?: boolean;
  readonly earlier?: Earlier | undefined;
  /** It is traced: everything takes longer, and of a service that listens on nothing it is seen what it does unasked. */
  readonly watched?: boolean;
}

/** Runs one life. */
export async function exercise(
  box: Box,
  unit: Startable,
  workload: Workload | undefined,
  options: LifeOptions = {},
): Promise<Life> {
  const life: PhaseResult[] = [];
  const listens = (): PhaseResult["listens"] => life[0]?.listens;
  const stage: Stage = { box, unit, workload, options, control: controlWith(box, workload), listens };
  const pass = async (phase: Phase, step: (stage: Stage) => Promise<Ending>): Promise<boolean> => {
    await options.mark?.(phase);
    const began = performance.now();
    const ending = await step(stage);
    life.push({ phase, ...ending, seconds: (performance.now() - began) / 1000 });
    return ending.outcome !== "failed";
  };
  if (!(await pass("start", start))) {
    return life;
  }
  if (options.watched === true && listens()?.length === 0) {
    await watchIdle(options.earlier);
  }
  const heard = options.watched === true ? await listenToBus(box, unit.name) : undefined;
  const worked = await pass("workload", async (on) => {
    const ending = await runWorkload(on);
    return heard === undefined ? ending : { ...ending, bus: heard() };
  });
  if (worked && unit.type !== "oneshot") {
    await pass("reload", reload);
    const up = await pass("restart", restart);
    if (up && options.again !== false) {
      await pass("restart", runWorkload);
    }
  }
  await pass("stop", stop);
  return life;
}

/** What a phase came to. */
type Ending = Omit<PhaseResult, "phase" | "seconds">;

interface Stage {
  readonly box: Box;
  readonly unit: Startable;
  readonly workload: Workload | undefined;
  readonly options: LifeOptions;
  readonly control: Control;
  /** Where it could be reached when it had started, once it has. */
  readonly listens: () => readonly Endpoint[] | undefined;
}

const IDLE_MS = { least: 1000, most: 30_000 };

/** Leaves the service alone for as long as its workload takes, so that what it does unasked is known. */
async function watchIdle(earlier: Earlier | undefined): Promise<void> {
  await sleep(Math.min(Math.max(earlier?.workloadMs ?? 0, IDLE_MS.least), IDLE_MS.most));
}

/** Asks the box's systemd to do something with units, and gives up on it after a while: a unit may set itself no limit. */
type Control = (verb: string, ...units: readonly string[]) => Promise<CommandResult>;

const LONGEST_MS = 300_000;
/** How much slower a traced service comes up, at worst. */
const SLOWER = 2;

function controlWith(box: Box, workload: Workload | undefined): Control {
  const timeoutMs = workload?.timeoutMs ?? LONGEST_MS;
  return async (verb, ...units) => {
    const result = await box.run(["systemctl", verb, "--", ...units], { timeoutMs });
    const stderr = `systemctl ${verb} took longer than ${timeoutMs / 1000} s (--timeout allows more)`;
    return result.timedOut ? { ...result, timedOut: false, stderr } : result;
  };
}

async function start(stage: Stage): Promise<Ending> {
  const { unit, control } = stage;
  for (const companion of unit.companions) {
    const result = await control("start", companion);
    if (result.status !== 0) {
      return { outcome: "failed", detail: `${companion}, which must run beside it: ${describeFailure(result)}` };
    }
  }
  const names = unit.sockets.length > 0 ? unit.sockets : [unit.name];
  const result = await control("start", ...names);
  if (result.status !== 0) {
    return complaint(stage, describeFailure(result));
  }
  return unit.sockets.length > 0 ? { outcome: "passed", detail: `${names.join(", ")} listening` } : alive(stage);
}

/** A simple service is active before it fails, and before it listens: a start has a moment to turn out to be none. */
async function alive(stage: Stage): Promise<Ending> {
  const { box, unit, workload, options, listens } = stage;
  if (unit.type === "oneshot") {
    return { outcome: "passed", detail: "ran to its end" };
  }
  const deadline = Date.now() + 300;
  let state = await stateOf(stage);
  while (Date.now() < deadline && state.get("ActiveState") === "active") {
    await sleep(100);
    state = await stateOf(stage);
  }
  if (!isUp(state)) {
    return complaint(stage, describeState(state));
  }
  const ready = await whenReady(box, {
    name: unit.name,
    type: unit.type,
    expected: options.earlier?.listens ?? listens(),
    slower: options.watched === true ? SLOWER : 1,
    limitMs: workload?.timeoutMs ?? LONGEST_MS,
  });
  state = await stateOf(stage);
  if (!isUp(state)) {
    return complaint(stage, describeState(state));
  }
  const missing = ready.missing.map(({ name }) => name).join(", ");
  const detail = missing === "" ? "active" : `active, but not listening on ${missing}`;
  return { outcome: "passed", detail, listens: ready.listens };
}

function isUp(state: ReadonlyMap<string, string>): boolean {
  return state.get("ActiveState") === "active" || state.get("ActiveState") === "reloading";
}

async function runWorkload(stage: Stage): Promise<Ending> {
  const { box, unit, workload, options } = stage;
  if (workload === undefined) {
    return unit.type === "oneshot"
      ? { outcome: "passed", detail: "a oneshot: its own exit status says whether it worked" }
      : { outcome: "absent", detail: "no workload was given" };
  }
  const result = await box.run(["/bin/sh", "-c", workload.command], {
    cwd: workload.directory,
    env: { ...workload.environment },
    timeoutMs: workload.timeoutMs,
  });
  if (result.status === 0) {
    const ending = await crashed(stage, "the workload passed");
    return ending.outcome === "passed" ? { ...ending, unreaped: await unreapedChildren(box, unit.name) } : ending;
  }
  const said = lastWords(`${result.stderr}\n${result.stdout}`);
  const seconds = workload.timeoutMs / 1000;
  const how = result.timedOut
    ? `timed out after ${seconds} s (--timeout allows more)`
    : `exit status ${result.status ?? result.signal}`;
  const failure = await complaint(stage, `${how}${listeningText(stage.listens(), options.earlier?.listens)}`, said);
  const help = advice(said.join("\n"));
  return { ...failure, ...(help === undefined ? {} : { help }) };
}

/** Where a workload that failed could have reached the service. Nothing of one whose socket is held by systemd. */
function listeningText(listens: readonly Endpoint[] | undefined, earlier: readonly Endpoint[] | undefined): string {
  if (listens === undefined) {
    return "";
  }
  const there = new Set(listens.map(({ name }) => name));
  const missing = (earlier ?? []).filter(({ name }) => !there.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    return `; the service does not listen on ${missing.join(", ")} as it did before`;
  }
  return `; the service listens on ${[...there].join(", ") || "nothing"}`;
}

/** A workload may pass although the service died under it and was started again. */
async function crashed(stage: Stage, otherwise: string): Promise<Ending> {
  const state = await stateOf(stage);
  const restarts = Number(state.get("NRestarts") ?? 0);
  const failed = state.get("ActiveState") === "failed" && stage.unit.type !== "oneshot";
  if (restarts > 0 || failed) {
    const what = failed ? describeState(state) : `it died and was restarted ${restarts} times during the workload`;
    return complaint(stage, what);
  }
  return { outcome: "passed", detail: otherwise };
}

async function reload(stage: Stage): Promise<Ending> {
  const { unit, control } = stage;
  if (!unit.canReload || (await stateOf(stage)).get("ActiveState") !== "active") {
    return { outcome: "absent", detail: unit.canReload ? "not running now" : "the unit has no ExecReload=" };
  }
  const result = await control("reload", unit.name);
  return result.status === 0 ? alive(stage) : complaint(stage, describeFailure(result));
}

async function restart(stage: Stage): Promise<Ending> {
  const { unit, control } = stage;
  if (unit.sockets.length > 0 && (await stateOf(stage)).get("ActiveState") !== "active") {
    return { outcome: "absent", detail: "not running now: its socket starts it on demand" };
  }
  const result = await control("restart", unit.name);
  return result.status === 0 ? alive(stage) : complaint(stage, describeFailure(result));
}

async function stop(stage: Stage): Promise<Ending> {
  const result = await stage.control("stop", ...stage.unit.sockets, stage.unit.name);
  const state = await stateOf(stage);
  const clean = result.status === 0 && state.get("ActiveState") !== "failed";
  return clean ? { outcome: "passed", detail: "stopped cleanly" } : complaint(stage, describeState(state));
}

const STATE_PROPERTIES = ["ActiveState", "SubState", "Result", "NRestarts", "ExecMainCode", "ExecMainStatus"];

function stateOf({ box, unit }: Stage): Promise<Map<string, string>> {
  return box.showProperties(unit.name, STATE_PROPERTIES);
}

function describeState(state: ReadonlyMap<string, string>): string {
  return `${state.get("ActiveState")} (${state.get("Result")}, status ${state.get("ExecMainStatus")})`;
}

/** What happened, with the last lines of whoever said something. */
async function complaint(stage: Stage, detail: string, said: readonly string[] = []): Promise<Ending> {
  return { outcome: "failed", detail, words: [...said, ...(await journalWords(stage.box, stage.unit.name))] };
}
