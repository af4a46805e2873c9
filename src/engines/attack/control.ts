/**
 * The control of every attack: the same steps as root with every wall taken away, hardware guard included. What does not
 * get through there proves nothing elsewhere.
 */
import { type Attack, compileAttacks } from "../../core/probes/attack.ts";
import { type Observed, observed } from "../../core/probes/observed.ts";
import type { Box } from "../box/box.ts";
import { liftHardwareGuard } from "../box/hardware.ts";
import { STAGE } from "./stage.ts";
import { outputOf, type Trial, trialLines, tryAttacks } from "./try.ts";

let controls = 0;

/** Tries the attacks without walls, in the order given. */
export async function runControl(box: Box, attacks: readonly Attack[]): Promise<readonly Observed[]> {
  controls += 1;
  const name = `cloison-control-${controls}`;
  const path = `${STAGE}/${name}`;
  const trial: Trial = { unit: `${name}.service`, path, count: attacks.length, prefix: "", output: outputOf(name) };
  await box.writeFile(path, compileAttacks(attacks.map((attack) => ({ attack }))), 0o755);
  await box.writeFile(`/run/systemd/system/${trial.unit}`, `[Service]\n${trialLines(trial).join("\n")}\n`);
  await liftHardwareGuard(box, trial.unit);
  await box.systemctl("daemon-reload");
  const runs = await tryAttacks(box, trial);
  await box.systemctl("stop", "--", trial.unit);
  return attacks.map(({ steps }, index) => {
    const run = runs[index];
    return run === undefined ? { kind: "undecided", reason: "it never ran", evidence: "" } : observed(steps, run);
  });
}
