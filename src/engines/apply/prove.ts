/**
 * Whether a service works with the drop-in on trial: it is restarted, watched and checked, all by one deadline that lies
 * before the switch's own. Facts: systemd.service(5), timeout(1).
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { describeFailure, runCommand } from "../../linux/spawn.ts";
import { isUp, stateOf, type UnitState } from "./unit-state.ts";

/** What is asked for. */
export interface ProofWanted {
  /** A shell command that only reads, and says by its status whether the live service works. */
  readonly check: string | undefined;
  /** How long the unit must stay active. */
  readonly activeSeconds: number;
}

/** When it must be over, by the clock that nobody sets. */
export interface Deadline {
  readonly leftMs: () => number;
  readonly seconds: number;
}

/** A deadline from now. */
export function deadlineIn(seconds: number): Deadline {
  const end = performance.now() + seconds * 1000;
  return { seconds, leftMs: () => Math.max(0, end - performance.now()) };
}

/** What was shown to work, or why it does not. */
export type Proved =
  | {
      readonly ok: true;
      readonly claim: string;
      /** Whether it runs on: a oneshot has ended. */
      readonly runs: boolean;
      readonly invocation: string;
    }
  | { readonly ok: false; readonly reason: string };

/** Restarts, watches, checks. */
export async function prove(
  unit: string,
  proof: ProofWanted,
  before: UnitState,
  deadline: Deadline,
  say: (step: string) => void,
): Promise<Proved> {
  say("restarting the service");
  const restarted = await runCommand(["systemctl", "restart", "--", unit], { timeoutMs: deadline.leftMs() });
  const started = await stateOf(unit);
  if (restarted.timedOut) {
    return failed(`it was still ${started.active} after ${deadline.seconds} s with the new walls`);
  }
  if (restarted.status !== 0) {
    return failed(`it does not start with the new walls (${outcome(started)})`);
  }
  const runs = !(before.type === "oneshot" && started.active === "inactive");
  if (runs) {
    say("watching it");
    const died = await watch(unit, started.invocation, proof.activeSeconds, deadline);
    if (died !== undefined) {
      return failed(died);
    }
  }
  const alive = { ok: true, runs, invocation: started.invocation } as const;
  const lived = runs ? `active for ${proof.activeSeconds} s` : "it ran to its end";
  if (proof.check === undefined) {
    return { ...alive, claim: `${lived}; nothing else was checked (give --check CMD)` };
  }
  say("checking it");
  const problem = (await checked(proof.check, deadline)) ?? (await stillAlive(unit, started.invocation, runs));
  return problem === undefined
    ? { ...alive, claim: `${lived}, and the check passed: ${proof.check}` }
    : failed(problem);
}

const failed = (reason: string): Proved => ({ ok: false, reason });

/** Why a service is not what it was when it was started; undefined if it is. */
export async function stillAlive(unit: string, invocation: string, runs = true): Promise<string | undefined> {
  const state = await stateOf(unit);
  if (state.invocation !== invocation) {
    return "it was started anew while it was watched: it died with the new walls";
  }
  if (!runs || state.active === "active" || state.active === "reloading" || state.active === "refreshing") {
    return;
  }
  return `it is ${state.active} with the new walls (${outcome(state)})`;
}

async function watch(
  unit: string,
  invocation: string,
  seconds: number,
  deadline: Deadline,
): Promise<string | undefined> {
  const watched = deadlineIn(seconds);
  for (;;) {
    const died = await stillAlive(unit, invocation);
    if (died !== undefined) {
      return died;
    }
    if (watched.leftMs() === 0) {
      return undefined;
    }
    if (deadline.leftMs() === 0) {
      return `it could not be watched for ${seconds} s within ${deadline.seconds} s`;
    }
    await sleep(Math.min(200, watched.leftMs()));
  }
}

/** timeout(1) ends what the check started, too. */
async function checked(check: string, deadline: Deadline): Promise<string | undefined> {
  const seconds = Math.floor(deadline.leftMs() / 1000);
  if (seconds < 1) {
    return `there was no time left for the check within ${deadline.seconds} s`;
  }
  const argv = ["timeout", "--kill-after=1", String(seconds), "/bin/sh", "-c", check];
  const result = await runCommand(argv, { timeoutMs: deadline.leftMs() + 2000 });
  if (result.status === 0) {
    return undefined;
  }
  const how = result.status === 124 || result.timedOut ? `no end after ${seconds} s` : describeFailure(result);
  return `the check failed with the new walls (${how})`;
}

function outcome(state: UnitState): string {
  return isUp(state) ? `${state.active}, ${state.sub}` : state.result;
}
