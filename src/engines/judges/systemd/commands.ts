/** The commands that a unit starts, as the systemd of a box has them. Facts: systemd.service(5), org.freedesktop.systemd1(5). */
import { PREFIXES, type Privilege } from "../../../core/directives/prefixes.ts";
import { locateProgram, PROGRAM_DIRECTORIES } from "../../../core/unit/places.ts";
import { type BusCommand, execSearchPathOf, execStartOf, fragmentOf } from "../../../linux/bus-properties.ts";
import { existingIn } from "../../../linux/other-root.ts";
import type { RunCommand } from "../../../linux/spawn.ts";
import { SystemError } from "../../../linux/system-error.ts";
import type { Box } from "../../box/box.ts";
import type { AttackTarget } from "./survey.ts";

/** A command of a unit, with the prefixes of its Exec line that bear on walls. */
export interface Command extends Pick<AttackTarget, "executable" | "argv" | "fragment"> {
  readonly prefix: string;
  readonly privilege: Privilege;
}

/** The prefixes by their names on the bus; systemd's src/shared/exec-util.c. */
const BY_FLAG: Readonly<Record<string, keyof typeof PREFIXES>> = { privileged: "+", "no-setuid": "!", ambient: "!!" };

/**
 * The commands of ExecStart= as systemd has them: the main one, which is the last, and of several that start behind other walls,
 * as their prefix says, one each.
 */
export async function startCommandsOf(box: Box, unit: string): Promise<readonly [Command, ...(readonly Command[])]> {
  const run: RunCommand = (argv, options) => box.run(argv, options);
  const all = (await execStartOf(run, unit)).toReversed();
  const commands: Command[] = [];
  for (const command of all) {
    const known = await commandFrom(box, run, unit, command);
    if (!commands.some(({ privilege }) => privilege === known.privilege)) {
      commands.push(known);
    }
  }
  const [main, ...others] = commands;
  if (main === undefined) {
    throw new SystemError("attack", { path: unit, reason: "the unit has no command to stand in for" });
  }
  return [main, ...others];
}

async function commandFrom(box: Box, run: RunCommand, unit: string, command: BusCommand): Promise<Command> {
  const searched = await execSearchPathOf(run, unit);
  const directories = searched.length > 0 ? searched : PROGRAM_DIRECTORIES;
  const there = (place: string): boolean => existingIn(box.root, place) !== undefined;
  const [prefix] = command.flags.flatMap((flag) => BY_FLAG[flag] ?? []);
  return {
    executable: locateProgram(command.path, directories, there) ?? command.path,
    argv: command.argv,
    fragment: await fragmentOf(run, unit),
    prefix: prefix ?? "",
    privilege: prefix === undefined ? "sandboxed" : PREFIXES[prefix],
  };
}
