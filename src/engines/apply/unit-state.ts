/** What systemd says of a unit: whether it runs, since which start, and what it was loaded from. Facts: systemctl(1), org.freedesktop.systemd1(5). */
import { parseShow, wordsOf } from "../../linux/properties.ts";
import { runChecked } from "../../linux/spawn.ts";

/** One look at a unit. */
export interface UnitState {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
  readonly type: string;
  /** Differs from one start to the next; empty when it never ran. */
  readonly invocation: string;
  readonly dropIns: readonly string[];
  /** Whether its files changed since systemd read them. */
  readonly stale: boolean;
  /** Units that a stop of this one stops, too. */
  readonly dependants: readonly string[];
}

const DEPENDANT_PROPERTIES = ["RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf"];
const PROPERTIES = [
  ...["LoadState", "ActiveState", "SubState", "Result", "Type", "InvocationID", "DropInPaths", "NeedDaemonReload"],
  ...DEPENDANT_PROPERTIES,
];

/** Looks. */
export async function stateOf(unit: string): Promise<UnitState> {
  const shown = await runChecked(["systemctl", "show", `--property=${PROPERTIES.join(",")}`, "--", unit]);
  const values = parseShow(shown, PROPERTIES);
  const value = (name: string): string => values.get(name) ?? "";
  const words = (name: string): readonly string[] => wordsOf(value(name));
  return {
    load: value("LoadState"),
    active: value("ActiveState"),
    sub: value("SubState"),
    result: value("Result"),
    type: value("Type"),
    invocation: value("InvocationID"),
    dropIns: words("DropInPaths"),
    stale: value("NeedDaemonReload") === "yes",
    dependants: [...new Set(DEPENDANT_PROPERTIES.flatMap(words))],
  };
}

/** The services among some units that run. */
export async function runningAmong(units: readonly string[]): Promise<readonly string[]> {
  const services = units.filter((unit) => unit.endsWith(".service"));
  const states = await Promise.all(services.map(async (unit) => ({ unit, state: await stateOf(unit) })));
  return states.filter(({ state }) => state.active === "active").map(({ unit }) => unit);
}

/** Whether a unit in this state is meant to run: one that is starting, or being started again, is. */
export function isUp({ active }: UnitState): boolean {
  return ["active", "reloading", "refreshing", "activating"].includes(active);
}
