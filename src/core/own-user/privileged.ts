/**
 * Commands beside the main one that must stay root: `!` leaves them root behind the unit's walls, where `+` would take the walls away.
 * Facts: systemd.service(5) "Executable path".
 */
import { isWithin } from "../kernel/path.ts";
import { parseExec } from "../unit/exec.ts";
import { type Unit, valuesOf } from "../unit/unit.ts";
import type { OwnLine } from "./own-user.ts";

/** The keys of commands that prepare and clear up. Those that end or reload the main process act on a pid that it names itself. */
const KEYS = ["ExecStartPre", "ExecStartPost", "ExecStopPost"] as const;

/**
 * The lines with `!` before each command that has no such prefix; none where there is nothing to prefix. A program in one of `given`,
 * which the service may change, is never run as root. `lines`: what the plan writes already.
 */
export function stayPrivileged(unit: Unit, lines: readonly OwnLine[], given: readonly string[]): readonly OwnLine[] {
  return KEYS.flatMap((key): readonly OwnLine[] => {
    const own = lines.find(({ name }) => name === key)?.values.filter((value) => value !== "");
    const values = own ?? valuesOf(unit, key);
    const prefixed = values.map((value) => (mayStay(value, given) ? `!${value}` : value));
    if (prefixed.every((value, index) => value === values[index])) {
      return [];
    }
    const reason = "what it does only root can: it stays root, behind the same walls";
    return [{ name: key, values: ["", ...prefixed], reason }];
  });
}

function mayStay(value: string, given: readonly string[]): boolean {
  const parsed = parseExec(value, { file: "", line: 1, column: 1 });
  const commands = parsed.ok ? parsed.value : [];
  return (
    commands.length === 1 &&
    commands.every(
      ({ privilege, path }) => privilege === "sandboxed" && !given.some((directory) => isWithin(path, directory)),
    )
  );
}
