/**
 * The life of a service in a box, from start to stop, driven by the user's workload. The same script is the baseline,
 * what is observed, and the rehearsal: what differs between them is the walls.
 */
import { performance } from "node:perf_hooks";
import type { Phase } from "../../core/action/action.ts";
import { type CommandResult, describeFailure } from "../../linux/spawn.ts";
import type { Box } from "../box/box.ts";

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
  /** What was seen, in words; what the service and systemd said, when it failed. */
  readonly detail: string;
  /** How long it took. */
  readonly seconds?: number;
}

/** All phases of one life, in order; later ones are missing when an earlier one left nothing to try. */
export type Life = readonly PhaseResult[];

/** Whether the phases that passed in `baseline` pass here too; the first that does not is what broke. */
export function firstBroken(baseline: Life, life: Life): PhaseResult | undefined {
  const passed = new Set(baseline.filter(({ outcome }) => outcome === "passed").map(({ phase }) => phase));
  return life.find(({ phase, outcome }) => passed.has(phase) && outcome === "failed");
}

/**
 * Runs one life. `mark` hears each phase before it begins. `again` repeats the workload after the restart, which shows
 * that a service that came up again also works again.
 */
export async function exercise(
  box: Box,
  unit: Startable,
  workload: Workload | undefined,
  mark: (phase: Phase) => Promise<void>,
  again = true,
): Promise<Life> {
  const life: PhaseResult[] = [];
  const pass = async (phase: Phase, step: () => Promise<Omit<PhaseResult, "phase">>): Promise<boolean> => {
    await mark(phase);
    const began = performance.now();
    const done = await step();
    const result = { phase, ...done, seconds: (performance.now() - began) / 1000 };
    life.push(result);
    return result.outcome !== "failed";
  };
  const control = controlWith(box, workload);
  if (!(await pass("start", () => start(box, unit, control)))) {
    return life;
  }
  const worked = await pass("workload", () => runWorkload(box, unit, workload));
  if (worked && unit.type !== "oneshot") {
    await pass("reload", () => reload(box, unit, control));
    const up = await pass("restart", () => restart(box, unit, control));
    if (up && again) {
      life.push({ phase: "restart", ...(await runWorkload(box, unit, workload)) });
    }
  }
  await pass("stop", () => stop(box, unit, control));
  return life;
}

/** Asks the box's systemd to do something with units, and gives up on it after a while: a unit may set itself no limit. */
type Control = (verb: string, ...units: readonly string[]) => Promise<CommandResult>;

const LONGEST_MS = 300_000;

function controlWith(box: Box, workload: Workload | undefined): Control {
  const timeoutMs = workload?.timeoutMs ?? LONGEST_MS;
  return async (verb, ...units) => {
    const result = await box.run(["systemctl", verb, "--", ...units], { timeoutMs });
    const stderr = `systemctl ${verb} took longer than ${timeoutMs / 1000} s (--timeout gives it more)`;
    return result.timedOut ? { ...result, timedOut: false, stderr } : result;
  };
}

async function start(box: Box, unit: Startable, control: Control): Promise<Omit<PhaseResult, "phase">> {
  for (const companion of unit.companions) {
    const result = await control("start", companion);
    if (result.status !== 0) {
      return { outcome: "failed", detail: `${companion}, which must run beside it: ${describeFailure(result)}` };
    }
  }
  const names = unit.sockets.length > 0 ? unit.sockets : [unit.name];
  const result = await control("start", ...names);
  if (result.status !== 0) {
    return { outcome: "failed", detail: await complaint(box, unit, describeFailure(result)) };
  }
  return unit.sockets.length > 0 ? { outcome: "passed", detail: `${names.join(", ")} listening` } : alive(box, unit);
}

/** A simple service is active before it fails: give a start a moment to turn out to be none. */
async function alive(box: Box, unit: Startable): Promise<Omit<PhaseResult, "phase">> {
  if (unit.type === "oneshot") {
    return { outcome: "passed", detail: "ran to its end" };
  }
  const deadline = Date.now() + 300;
  let state = await stateOf(box, unit);
  while (Date.now() < deadline && state.get("ActiveState") === "active") {
    await new Promise((wake) => setTimeout(wake, 100));
    state = await stateOf(box, unit);
  }
  return state.get("ActiveState") === "active" || state.get("ActiveState") === "reloading"
    ? { outcome: "passed", detail: "active" }
    : { outcome: "failed", detail: await complaint(box, unit, describeState(state)) };
}

async function runWorkload(
  box: Box,
  unit: Startable,
  workload: Workload | undefined,
): Promise<Omit<PhaseResult, "phase">> {
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
  if (result.status !== 0) {
    const said = lastWords(`${result.stderr}\n${result.stdout}`);
    const seconds = workload.timeoutMs / 1000;
    const how = result.timedOut
      ? `timed out after ${seconds} s (--timeout gives it more)`
      : `exit status ${result.status ?? result.signal}`;
    const what = [how, said === "" ? "" : `: ${said}`, advice(said)].join("");
    return { outcome: "failed", detail: await complaint(box, unit, what) };
  }
  return crashed(box, unit, "the workload passed");
}

/** A workload may pass although the service died under it and was started again. */
async function crashed(box: Box, unit: Startable, otherwise: string): Promise<Omit<PhaseResult, "phase">> {
  const state = await stateOf(box, unit);
  const restarts = Number(state.get("NRestarts") ?? 0);
  const failed = state.get("ActiveState") === "failed" && unit.type !== "oneshot";
  if (restarts > 0 || failed) {
    const what = failed ? describeState(state) : `it died and was restarted ${restarts} times during the workload`;
    return { outcome: "failed", detail: await complaint(box, unit, what) };
  }
  return { outcome: "passed", detail: otherwise };
}

/** The last lines that a program printed, as they stood when it had drawn over them for the last time. */
function lastWords(output: string): string {
  const lines = output.split("\n").map((line) => line.trimEnd().split("\r").at(-1)?.trim() ?? "");
  return lines
    .filter((line) => line !== "")
    .slice(-6)
    .join("; ");
}

/** How the C library, Node, Python and curl say that the outer world cannot be reached. */
const UNREACHABLE =
  /ENETUNREACH|Network is unreachable|EAI_AGAIN|Temporary failure in name resolution|Name or service not known|ENOTFOUND|Could not resolve host|Failed to connect to (?!127\.|localhost|::1)/;
/** How shells and programs say that a file is not there. */
const MISSING = /\bnot found\b|ENOENT|No such file|Cannot find module/;

/** What a person can do about a workload that misses something: the box's network, /tmp and /run are its own. */
function advice(said: string): string {
  if (UNREACHABLE.test(said)) {
    return "; the box has a network of its own: start what is missing with --with UNIT, or use --network host";
  }
  return MISSING.test(said)
    ? "; the box has a /tmp, a /run and a /dev of its own: show what is missing with --bind-ro PATH"
    : "";
}

async function reload(box: Box, unit: Startable, control: Control): Promise<Omit<PhaseResult, "phase">> {
  if (!unit.canReload || (await stateOf(box, unit)).get("ActiveState") !== "active") {
    return { outcome: "absent", detail: unit.canReload ? "not running now" : "the unit has no ExecReload=" };
  }
  const result = await control("reload", unit.name);
  return result.status === 0
    ? alive(box, unit)
    : { outcome: "failed", detail: await complaint(box, unit, describeFailure(result)) };
}

async function restart(box: Box, unit: Startable, control: Control): Promise<Omit<PhaseResult, "phase">> {
  if (unit.sockets.length > 0 && (await stateOf(box, unit)).get("ActiveState") !== "active") {
    return { outcome: "absent", detail: "its socket wakes it; it is not running now" };
  }
  const result = await control("restart", unit.name);
  return result.status === 0
    ? alive(box, unit)
    : { outcome: "failed", detail: await complaint(box, unit, describeFailure(result)) };
}

async function stop(box: Box, unit: Startable, control: Control): Promise<Omit<PhaseResult, "phase">> {
  const result = await control("stop", ...unit.sockets, unit.name);
  const state = await stateOf(box, unit);
  const clean = result.status === 0 && state.get("ActiveState") !== "failed";
  return clean
    ? { outcome: "passed", detail: "stopped cleanly" }
    : { outcome: "failed", detail: await complaint(box, unit, describeState(state)) };
}

const stateProperties = ["ActiveState", "SubState", "Result", "NRestarts", "ExecMainCode", "ExecMainStatus"];

function stateOf(box: Box, unit: Startable): Promise<Map<string, string>> {
  return box.showProperties(unit.name, stateProperties);
}

function describeState(state: ReadonlyMap<string, string>): string {
  return `${state.get("ActiveState")} (${state.get("Result")}, status ${state.get("ExecMainStatus")})`;
}

/** What happened, and the service's last lines in its journal. */
async function complaint(box: Box, unit: Startable, what: string): Promise<string> {
  const lines = (await box.journal(unit.name)).trim().split("\n").slice(-5);
  return lines.join("") === "" ? what : `${what}; the journal says: ${lines.join(" | ")}`;
}
