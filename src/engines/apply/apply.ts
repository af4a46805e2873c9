/**
 * Installs a rehearsed drop-in on the host, under a dead man's switch: a transient timer that puts the former state back
 * is armed before anything changes, and disarmed when the service has shown that it works. So an `apply` that is killed,
 * or whose terminal is lost, heals itself. Sources: systemd-run(1), systemd.unit(5).
 */
import { rm, rmdir } from "node:fs/promises";
import { exists } from "../../linux/exists.ts";
import { describeFailure, runChecked, runCommand } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import { dropInName } from "../life/drop-in.ts";
import type { Bundle } from "./bundle.ts";
import { assertSameService } from "./same-service.ts";
import { type Places, placesOf, remember, writeDurably } from "./state.ts";

/** How the service is watched after the installation, and who hears of each step. */
export interface ApplyOptions {
  /** A shell command that only reads and says by its status whether the live service works. */
  readonly check: string | undefined;
  /** How long the unit must stay active. */
  readonly activeSeconds: number;
  /** After how long the former state comes back if nobody confirms. */
  readonly windowSeconds: number;
  readonly say: (step: string) => void;
}

/** What was shown to work; what was not is not claimed. */
export interface Applied {
  readonly dropIn: string;
  readonly claim: string;
}

/** Installs the bundle's drop-in. Throws a SystemError, with the former state back in place, if the service does not work. */
export async function applyBundle(bundle: Bundle, options: ApplyOptions): Promise<Applied> {
  const places = placesOf(bundle.report.unit);
  options.say("checking that this is the service that was rehearsed");
  await assertSameService(bundle.report);
  await settleEarlier(places);
  const wasActive = (await activeState(places.unit)) === "active";
  options.say("remembering what is there");
  await remember(places);
  options.say(`arming the switch that puts it back in ${options.windowSeconds} s`);
  const restore = restoreScript(places, places.former, wasActive);
  await arm(places, options.windowSeconds, restore);
  try {
    options.say(`installing ${places.dropIn}`);
    await writeDurably(places.dropIn, bundle.bytes, 0o644);
    await runChecked(["systemctl", "daemon-reload"]);
    const claim = await proveAlive(places, options, wasActive);
    options.say("disarming the switch");
    await disarm(places);
    await rm(places.former, { force: true });
    return { dropIn: places.dropIn, claim };
  } catch (error) {
    options.say("putting the former state back");
    await restoreNow(places, restore);
    throw error;
  }
}

/** Puts back what Cloison found when it first touched the unit. False when it never did. */
export async function undo(unit: string, say: (step: string) => void): Promise<boolean> {
  const places = placesOf(unit);
  await settleEarlier(places);
  if (!(await exists(places.touched))) {
    return false;
  }
  say(`removing ${places.dropIn}`);
  const running = (await activeState(places.unit)) === "active";
  await runChecked(["/bin/sh", "-c", restoreScript(places, places.original, running)]);
  await rm(places.memory, { recursive: true, force: true });
  await rmdir("/var/lib/cloison").catch(() => undefined);
  return true;
}

const switchOf = (places: Places): string => `cloison-undo-${places.unit.replace(/\.service$/, "")}`;

/** An apply that was killed may have left its switch armed: let it do its work before a new one begins. */
async function settleEarlier(places: Places): Promise<void> {
  const state = await runCommand(["systemctl", "is-active", "--quiet", "--", `${switchOf(places)}.timer`]);
  if (state.status === 0) {
    await restoreNow(places, restoreScript(places, places.former, (await activeState(places.unit)) === "active"));
  }
}

async function restoreNow(places: Places, script: string): Promise<void> {
  const restored = await runCommand(["/bin/sh", "-c", script]);
  if (restored.status !== 0) {
    throw new SystemError("undo", {
      path: places.unit,
      reason: describeFailure(restored),
      help: "the armed switch will try again",
    });
  }
  await disarm(places);
}

async function arm(places: Places, seconds: number, script: string): Promise<void> {
  const name = switchOf(places);
  await runCommand(["systemctl", "reset-failed", `${name}.service`, `${name}.timer`]);
  await runChecked([
    "systemd-run",
    "--quiet",
    "--collect",
    `--unit=${name}`,
    `--on-active=${seconds}`,
    "--timer-property=AccuracySec=1s",
    "--property=Type=oneshot",
    `--description=Put back ${places.unit} as it was before cloison apply`,
    "/bin/sh",
    "-c",
    script,
  ]);
}

async function disarm(places: Places): Promise<void> {
  await runCommand(["systemctl", "stop", "--", `${switchOf(places)}.timer`]);
}

/**
 * What puts a remembered state back, in plain shell: it must work without Node, without this checkout, long after we
 * were killed. Unit and paths are made of a checked unit name, so they need no quoting beyond the quotes here.
 */
function restoreScript(places: Places, saved: string, running: boolean): string {
  const { unit } = places;
  return [
    "set -e",
    `if [ -e '${saved}' ]; then cp '${saved}' '${places.dropIn}.cloison-new'; mv '${places.dropIn}.cloison-new' '${places.dropIn}'`,
    `else rm -f '${places.dropIn}' '${places.dropIn}.cloison-new'; rmdir '${places.dropInDirectory}' 2>/dev/null || true; fi`,
    "systemctl daemon-reload",
    `systemctl reset-failed -- '${unit}' 2>/dev/null || true`,
    running ? `systemctl restart -- '${unit}'` : `systemctl stop -- '${unit}'`,
  ].join("\n");
}

async function proveAlive(places: Places, options: ApplyOptions, wasActive: boolean): Promise<string> {
  if (!wasActive && options.check === undefined) {
    return "installed; the unit was not running and was not started, so nothing was checked";
  }
  options.say("restarting the service");
  await runChecked(["systemctl", "restart", "--", places.unit]);
  options.say("watching it");
  return confirm(places, options);
}

async function confirm(places: Places, options: ApplyOptions): Promise<string> {
  const deadline = Date.now() + options.activeSeconds * 1000;
  let state = await activeState(places.unit);
  while (Date.now() < deadline && state === "active") {
    await new Promise((wake) => setTimeout(wake, 200));
    state = await activeState(places.unit);
  }
  if (state !== "active") {
    const reason = `${places.unit} is ${state} with the new walls; the former state is back`;
    throw new SystemError("apply", { path: dropInName, reason, help: `see journalctl -u ${places.unit}` });
  }
  if (options.check === undefined) {
    return `active for ${options.activeSeconds} s; nothing else was checked (give --check CMD)`;
  }
  const checked = await runCommand(["/bin/sh", "-c", options.check], {
    timeoutMs: Math.max(1, options.windowSeconds - options.activeSeconds - 10) * 1000,
    env: { ...process.env } as Record<string, string>,
  });
  if (checked.status !== 0) {
    const reason = `the check failed with the new walls (${describeFailure(checked)}); the former state is back`;
    throw new SystemError("apply", { path: dropInName, reason, help: `see journalctl -u ${places.unit}` });
  }
  return `active for ${options.activeSeconds} s, and the check passed: ${options.check}`;
}

async function activeState(unit: string): Promise<string> {
  const shown = await runCommand(["systemctl", "show", "--property=ActiveState", "--value", "--", unit]);
  return shown.stdout.trim();
}
