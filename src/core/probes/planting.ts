/**
 * Planting something where a program of root's finds it later and acts on it. What is planted is an empty file that no reader takes
 * for its own, or a file is opened for writing and nothing written.
 */
import { OPEN_FLAGS } from "../kernel/open-flags.ts";
import { directoryOf } from "../kernel/path.ts";
import { call, createNeed, createStep, number, openStep, step, text } from "./act.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";

/** Where something acts on what it finds. */
export interface Lure {
  /** The name that distinguishes what is made here from what other attacks make. */
  readonly name: string;
  /** The directory whose files are read, or the very file. */
  readonly place: string;
  readonly type: "directory" | "file";
  /** How the file's name ends, so that its reader leaves it alone; absent: any name but those that it looks for will do. */
  readonly suffix?: string;
}

const MODE = { file: 0o644, directory: 0o755 };

/**
 * Puts a file into a directory, or opens the very file for writing. Where the machine lacks the place, making it is the attack, below
 * the nearest directory that is there: who reads there may be installed later. It is tried with a name that nobody looks for, since the
 * kernel asks the same of every name in a directory.
 */
export function plantAt(machine: Machine, lure: Lure): readonly Step[] | NotApplicable {
  const { place, type, name, suffix = "" } = lure;
  const there = machine.file(place);
  const own = (directory: string) => `${directory === "/" ? "" : directory}/cloison-${machine.token}-${name}${suffix}`;
  if (there?.type === type) {
    return type === "file"
      ? [openStep(machine, place, "write", { flags: OPEN_FLAGS.O_APPEND })]
      : [createStep(machine, own(place), MODE.file)];
  }
  if (there !== undefined) {
    return { notApplicable: `${place} is no ${type} here` };
  }
  const parent = directoryOf(place);
  const above = nearest(machine, parent);
  if (machine.file(above)?.type !== "directory") {
    return { notApplicable: `${above} is no directory` };
  }
  return type === "file" && above === parent
    ? [createStep(machine, own(above), MODE.file)]
    : makeDirectory(machine, own(above));
}

/** The nearest path above that exists. */
function nearest(machine: Machine, path: string): string {
  return path === "/" || machine.file(path) !== undefined ? path : nearest(machine, directoryOf(path));
}

function makeDirectory(machine: Machine, path: string): readonly Step[] {
  const need = createNeed(machine, path, "directory", MODE.directory);
  return [step("make", call("mkdir", text(path), number(MODE.directory)), [need])];
}
