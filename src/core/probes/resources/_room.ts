/** Room that a file takes up. Facts: fallocate(2). */
import { call, createStep, number, resultOf, step, text } from "../act.ts";
import type { Machine, NotApplicable, Step } from "../probe.ts";

/** As much as shows that nobody counts: one MiB. */
const SIZE = 1 << 20;

/** Makes a file in a directory, has room set aside for it, and removes it again. */
export function takeRoom(machine: Machine, directory: string): readonly Step[] | NotApplicable {
  if (machine.file(directory)?.type !== "directory") {
    return { notApplicable: `there is no directory ${directory}` };
  }
  const path = `${directory}/cloison-room-${machine.token}`;
  return [
    createStep(machine, path, 0o600),
    step("take", call("fallocate", resultOf("create"), number(0), number(0), number(SIZE))),
    step("remove", call("unlink", text(path)), [], { optional: true }),
  ];
}
