/**
 * The control of every attack: the same steps as root with every wall taken away, hardware guard included. What does not
 * get through there proves nothing elsewhere.
 */
import { type Attack, type Attacks, attacksOn, compileAttacks } from "../../../core/probes/attack.ts";
import type { Machine, Probe } from "../../../core/probes/probe.ts";
import { type Observed, observed } from "../../../core/verdict/observed.ts";
import type { Box } from "../../box/box.ts";
import { liftHardwareGuard } from "../../box/hardware.ts";
import { STAGE } from "./services.ts";
import { type AttackTrial, outputOf, tryAttacks } from "./try.ts";

let controls = 0;

/** Tries the attacks without walls, in the order given. */
export async function runControl(box: Box, attacks: readonly Attack[]): Promise<readonly Observed[]> {
  controls += 1;
  const name = `cloison-control-${controls}`;
  const unit = `${name}.service`;
  const path = `${STAGE}/${name}`;
  const write = (lines: readonly string[]) =>
    box.writeFile(`/run/systemd/system/${unit}`, `[Service]\n${lines.join("\n")}\n`);
  const trial: AttackTrial = { unit, path, count: attacks.length, prefix: "", output: outputOf(name), write };
  await box.writeFile(path, compileAttacks(attacks.map((attack) => ({ attack }))), 0o755);
  await liftHardwareGuard(box, unit);
  const [runs = []] = await tryAttacks(box, [trial]);
  await box.systemctl("stop", "--", unit);
  return attacks.map(({ steps }, index) => observed(steps, runs[index]));
}

/** What the control says of some probes. */
export interface Controlled {
  /** What each of them that has a target here came to without walls, by its id. */
  readonly controls: ReadonlyMap<string, Observed>;
  readonly notApplicable: Attacks["notApplicable"];
}

/** Runs the control of probes. A kernel that answers ENOSYS without any filter does not have what is attacked. */
export async function controlled(box: Box, machine: Machine, probes: readonly Probe[]): Promise<Controlled> {
  const { attacks, notApplicable } = attacksOn(machine, probes);
  const answers = await runControl(box, attacks);
  const controls = new Map<string, Observed>();
  const absent = [...notApplicable];
  for (const [index, { probe }] of attacks.entries()) {
    const answer = answers[index];
    if (answer?.kind === "stopped" && answer.answer === "ENOSYS") {
      absent.push({ id: probe.id, reason: `this kernel does not have it: ${answer.evidence}` });
    } else if (answer !== undefined) {
      controls.set(probe.id, answer);
    }
  }
  return { controls, notApplicable: absent };
}
