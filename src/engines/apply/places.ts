/**
 * Where everything of one unit lies. On trial the drop-in is in /run, which a reboot empties; what was proved is in /etc.
 * Facts: systemd.unit(5): among drop-ins of one name that of the directory with the highest priority counts, and
 * /run/systemd/system.control comes before /etc/systemd/system, while /run/systemd/system comes after it.
 */
import { SystemError } from "../../linux/system-error.ts";
import { DROP_IN_NAME, dropInPath } from "../life/drop-in.ts";

/** Places of one unit. */
export interface Places {
  readonly unit: string;
  /** Where a proved drop-in lies. */
  readonly dropIn: string;
  /** Where it lies while it is on trial. */
  readonly trialDropIn: string;
  /** What must outlive a reboot; see record.ts. */
  readonly memory: string;
  readonly record: string;
  /** The drop-in that Cloison found when it first touched the unit, if there was one. */
  readonly original: string;
  /** The installed drop-in when the trial began, if there was one. */
  readonly former: string;
  /** The bytes on trial. */
  readonly staged: string;
  /** What was on disk before a user of its own; see disk.ts. */
  readonly disk: string;
  /** What must not outlive a reboot: the lock, and of each trial how far it came; see switch.ts. */
  readonly trial: string;
  readonly lock: string;
  /** The transient service that ends a trial, without its suffix. */
  readonly switchUnit: string;
}

/** Below it, one directory for each unit that was applied. */
export const MEMORY = "/var/lib/cloison";
/** Below it, the locks and the trials that are under way. */
export const TRIALS = "/run/cloison-apply";

/** The places of a unit. Its name is checked, since it becomes part of paths and of a shell script. */
export function placesOf(unit: string): Places {
  if (!/^[A-Za-z0-9:_.@\\-]+\.service$/.test(unit)) {
    const reason = "this is not the name of a service unit";
    throw new SystemError("apply", { path: unit, reason, help: "for example nginx.service" });
  }
  const memory = `${MEMORY}/${unit}`;
  return {
    unit,
    dropIn: dropInPath(unit),
    trialDropIn: `/run/systemd/system.control/${unit}.d/${DROP_IN_NAME}`,
    memory,
    record: `${memory}/record.json`,
    original: `${memory}/original.conf`,
    former: `${memory}/former.conf`,
    staged: `${memory}/staged.conf`,
    disk: `${memory}/disk.json`,
    trial: `${TRIALS}/${unit}`,
    lock: `${TRIALS}/${unit}.lock`,
    switchUnit: `cloison-apply-${unit.replace(/\.service$/, "")}`,
  };
}
