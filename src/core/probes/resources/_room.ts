/** Room that a file takes up. Facts: write(2): whoever may write to a file at all may do it until nothing is left. */
import { call, createStep, number, resultOf, room, step, text, withoutDirectory } from "../act.ts";
import type { Machine, NotApplicable, Step } from "../probe.ts";

/** What is written at a time, and how often: one MiB, as much as shows that nobody counts. */
const SIZE = 1 << 16;
const TIMES = 16;

/** Makes a file in a directory, fills it, and removes it again. */
export function takeRoom(machine: Machine, directory: string): readonly Step[] | NotApplicable {
  const path = `${directory}/cloison-room-${machine.token}`;
  const take = call("write", resultOf("create"), room(SIZE, "nothing"), number(SIZE));
  return (
    withoutDirectory(machine, directory) ?? [
      createStep(machine, path, 0o600),
      ...Array.from({ length: TIMES }, (_, at) => step(`take-${at}`, take, [], { exactly: SIZE })),
      step("remove", call("unlink", text(path)), [], { optional: true }),
    ]
  );
}
