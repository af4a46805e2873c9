/**
 * The dead man's switch: a transient service that ends a trial, and the timer that starts it if nobody else does. It alone
 * moves what was proved to /etc, or takes the trial back, so that neither hangs on a process that may be killed. What it
 * does is decided by one rename in /run: `pending` becomes `proved` (by apply) or `restoring` (by the switch), and whoever
 * comes second finds it gone. A reboot empties /run, and what was not proved is gone with it. Source: systemd-run(1).
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exists } from "../../linux/exists.ts";
import { runChecked, runCommand } from "../../linux/spawn.ts";
import { besides, ownDirectory } from "./durable.ts";
import type { Places } from "./places.ts";
import type { UnitState } from "./unit-state.ts";

/** How a trial ended. `unchanged`: there was none. */
export type TrialEnding = "promoted" | "restored" | "restored, but it does not start" | "unchanged" | "stuck";

/** Lays the script out and marks the trial as pending; `dependants` are started again if a failure stopped them. */
export async function prepareTrial(
  places: Places,
  before: UnitState,
  meantToRun: boolean,
  dependants: readonly string[],
): Promise<void> {
  await rm(places.trial, { recursive: true, force: true });
  await ownDirectory(places.trial, 0o700);
  await writeFile(`${places.trial}/switch.sh`, switchScript(places, before, meantToRun), { flag: "wx", mode: 0o600 });
  await writeFile(`${places.trial}/dependants`, dependants.map((unit) => `${unit}\n`).join(""), {
    flag: "wx",
    mode: 0o600,
  });
  await writeFile(`${places.trial}/pending`, "", { flag: "wx", mode: 0o600 });
}

/** Has the switch take the trial back after a while. */
export async function arm(places: Places, seconds: number): Promise<void> {
  const name = places.switchUnit;
  await runCommand(["systemctl", "stop", "--", `${name}.timer`]);
  await runCommand(["systemctl", "reset-failed", "--", `${name}.service`, `${name}.timer`]);
  await runChecked([
    "systemd-run",
    "--quiet",
    "--collect",
    `--unit=${name}`,
    `--on-active=${seconds}`,
    "--timer-property=AccuracySec=1s",
    "--property=Type=oneshot",
    `--description=End the trial of a drop-in for ${places.unit} (cloison apply)`,
    "/bin/sh",
    `${places.trial}/switch.sh`,
  ]);
}

/** Decides that the trial was proved. False if the switch was faster: then the trial is being taken back. */
export async function decideProved(places: Places): Promise<boolean> {
  return rename(`${places.trial}/pending`, `${places.trial}/proved`).then(
    () => true,
    () => false,
  );
}

/** Makes the switch end the trial now, as was decided, and waits for it. */
export async function endTrial(places: Places): Promise<TrialEnding> {
  if (!(await exists(places.trial))) {
    return "unchanged";
  }
  const started = await runCommand(["systemctl", "start", "--", `${places.switchUnit}.service`]);
  if (started.status !== 0 && !(await hasEnded(places))) {
    // The transient unit is gone, or never came to be: its script is still there.
    await runCommand(["/bin/sh", `${places.trial}/switch.sh`]);
  }
  await runCommand(["systemctl", "stop", "--", `${places.switchUnit}.timer`]);
  await runCommand(["systemctl", "reset-failed", "--", `${places.switchUnit}.service`]);
  return endingOf(places);
}

/** Why the switch did not do what was decided; empty if it has nothing to say. */
export function switchReason(places: Places): Promise<string> {
  return readFile(`${places.trial}/reason`, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
}

/** Forgets a trial that has ended. */
export async function forgetTrial(places: Places): Promise<void> {
  await rm(places.trial, { recursive: true, force: true });
}

/** Whether the switch has done its work. */
export async function hasEnded(places: Places): Promise<boolean> {
  return (await exists(`${places.trial}/promoted`)) || (await exists(`${places.trial}/restored`));
}

async function endingOf(places: Places): Promise<TrialEnding> {
  if (await exists(`${places.trial}/promoted`)) {
    return "promoted";
  }
  if (!(await exists(`${places.trial}/restored`))) {
    return "stuck";
  }
  return (await exists(`${places.trial}/failed`)) ? "restored, but it does not start" : "restored";
}

/**
 * Plain shell: it must work without Node, without Cloison, long after we were killed. Paths are made of a checked unit
 * name, and hold nothing that single quotes do not hold.
 */
function switchScript(places: Places, before: UnitState, meantToRun: boolean): string {
  const { unit } = places;
  return `# Made by cloison apply. Ends the trial of a drop-in for ${unit}: finishes it if it was proved, else takes it back.
unit='${unit}'
installed='${places.dropIn}'
trial='${places.trialDropIn}'
memory='${places.memory}'
cd '${places.trial}' || exit 0

reload() { systemctl daemon-reload || { sleep 3; systemctl daemon-reload; }; }
untry() { rm -f "$trial" '${besides(places.trialDropIn)}'; rmdir '${dirname(places.trialDropIn)}' 2>/dev/null; reload; }
same() { if [ -e "$1" ] || [ -L "$1" ]; then cmp -s "$1" "$2"; else [ ! -e "$2" ] && [ ! -L "$2" ]; fi; }

promote() {
  same "$memory/staged.conf" "$installed" && return
  same "$memory/former.conf" "$installed" || { echo "$installed was changed by somebody else meanwhile" >reason; return 1; }
  new='${besides(places.dropIn)}'
  mkdir -p '${dirname(places.dropIn)}' && rm -f "$new" && cp "$memory/staged.conf" "$new" && chmod 644 "$new" &&
    sync "$new" && mv -fT "$new" "$installed" && sync '${dirname(places.dropIn)}' && return
  echo "$installed could not be written" >reason
  rm -f "$new"; rmdir '${dirname(places.dropIn)}' 2>/dev/null; return 1
}

if [ -e proved ] && promote; then
  untry || exit
${meantToRun ? "" : '  systemctl stop -- "$unit"\n'}  mv proved promoted
  exit
fi
mv pending restoring 2>/dev/null || mv proved restoring 2>/dev/null || [ -e restoring ] || exit 0
untry || exit
status=0
if [ "$(systemctl show --property=ActiveState,InvocationID --value -- "$unit")" != '${before.active}
${before.invocation}' ]; then
  systemctl reset-failed -- "$unit" 2>/dev/null
  ${meantToRun ? `systemctl restart -- "$unit" || status=1` : `systemctl stop -- "$unit"`}
  while read -r other; do systemctl start -- "$other" || status=1; done <dependants
fi
[ $status = 0 ] || : >failed
mv restoring restored
exit $status
`;
}
