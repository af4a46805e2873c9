/**
 * Puts attacks in the place of a unit's own program, runs them behind the unit's walls, and puts everything back. Facts: systemd.unit(5),
 * systemd.service(5).
 */
import { compileAttacks, type Tried } from "../../../core/probes/attack.ts";
import type { Run } from "../../../core/verdict/observed.ts";
import { existingIn } from "../../../linux/other-root.ts";
import { describeFailure } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";
import { liftHardwareGuard, restoreHardwareGuard } from "../../box/hardware.ts";
import { type AttackTrial, outputOf, tryAttacks } from "./try.ts";

/** Attacks that stand in for a command of a unit. */
export interface StandIns {
  /** The command's program, as the box's systemd resolved it. */
  readonly executable: string;
  /** Prefixes that its Exec line has. */
  readonly prefix: string;
  readonly first: readonly Tried[];
  /** Those that are tried after `meanwhile`, behind the walls that were built before it. */
  readonly after: readonly Tried[];
  /** Absent where there are none of these. */
  readonly meanwhile?: () => Promise<void>;
}

/** What came of them: a run for each, in their order. */
export interface StoodIn {
  readonly first: readonly Run[];
  readonly after: readonly Run[];
}

/** Sorts after every drop-in but the hardware guard's. */
function dropInOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/zzzz-cloison-attack.conf`;
}

/** What a unit does beside its commands when it starts, stops or fails; an action might even end the box. */
const QUIET: readonly string[] = [
  "StartLimitIntervalSec=0",
  "StartLimitAction=none",
  "FailureAction=none",
  "SuccessAction=none",
  "JobTimeoutAction=none",
  "OnFailure=",
  "OnSuccess=",
  "RefuseManualStart=no",
  "RefuseManualStop=no",
];

function dropIn(lines: readonly string[]): string {
  return ["[Unit]", ...QUIET, "[Service]", ...lines, ""].join("\n");
}

let images = 0;

/** Starts the unit with the attacks as its program; it is left stopped. */
export async function standIn(box: Box, unit: string, standIns: StandIns): Promise<StoodIn> {
  const { executable, prefix, first, after, meanwhile } = standIns;
  const path = existingIn(box.root, executable);
  if (path === undefined) {
    throw new SystemError("attack", { path: executable, reason: "it is not there" });
  }
  images += 1;
  const image = outputOf(`image-${images}`);
  const tried = [...first, ...after];
  const trial: AttackTrial = {
    unit,
    path,
    count: tried.length,
    prefix,
    output: outputOf(`unit-${images}`),
    ...(meanwhile === undefined ? {} : { meanwhile, waitsAt: first.length }),
    write: (lines) => box.writeFile(dropInOf(unit), dropIn(lines)),
    inPlace: (work) => withImage(box, image, path, work),
  };
  await box.systemctl("stop", "--", unit);
  await liftHardwareGuard(box, unit);
  await box.writeFile(image, compileAttacks(tried, { waitsAt: first.length }), 0o755);
  await moved(box, ["cp", "-p", "--attributes-only", "--", path, image], path);
  await moved(box, ["chmod", "a+rx", "--", image], path);
  try {
    const [runs = []] = await tryAttacks(box, [trial]);
    await box.systemctl("stop", "--", unit);
    return { first: runs.slice(0, first.length), after: runs.slice(first.length) };
  } finally {
    await box.run(["rm", "-f", "--", dropInOf(unit)]);
    await restoreHardwareGuard(box, unit);
    await box.systemctl("daemon-reload");
  }
}

async function withImage<T>(box: Box, image: string, path: string, work: () => Promise<T>): Promise<T> {
  const saved = `${path}.cloison-saved`;
  await moved(box, ["mv", "-T", "--", path, saved], path);
  try {
    await moved(box, ["cp", "-p", "--", image, path], path);
    return await work();
  } finally {
    await moved(box, ["mv", "-fT", "--", saved, path], path);
  }
}

async function moved(box: Box, argv: readonly string[], path: string): Promise<void> {
  const result = await box.run(argv);
  if (result.status !== 0) {
    throw new SystemError("put the attacks in the place of", { path, reason: describeFailure(result) });
  }
}
