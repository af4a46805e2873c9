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
  /** The program that reads there, if a machine may lack it; absent: every machine with systemd has one. */
  readonly reader?: string;
  /** How the file's name ends, so that its reader leaves it alone; absent: any name but those that it looks for will do. */
  readonly suffix?: string;
}

const MODE = { file: 0o644, directory: 0o755 };

/**
 * Puts a file into a directory, or opens the very file for writing. Where the machine lacks the place, making it is the attack: it is
 * tried with a name that nobody looks for, since the kernel asks the same of every name in a directory.
 */
export function plantAt(machine: Machine, lure: Lure): readonly Step[] | NotApplicable {
  const { place, type, reader, name, suffix = "" } = lure;
  const there = machine.file(place);
  const own = (directory: string) => `${directory}/cloison-${machine.token}-${name}${suffix}`;
  if (there?.type === type) {
    return type === "file"
      ? [openStep(machine, place, "write", { flags: OPEN_FLAGS.O_APPEND })]
      : [createStep(machine, own(place), MODE.file)];
  }
  if (there !== undefined) {
    return { notApplicable: `${place} is no ${type} here` };
  }
  if (reader !== undefined && machine.file(reader) === undefined) {
    return { notApplicable: `there is neither ${place} nor ${reader}, which would read it` };
  }
  const parent = directoryOf(place);
  if (machine.file(parent)?.type === "directory") {
    return type === "file" ? [createStep(machine, own(parent), MODE.file)] : makeDirectory(machine, own(parent));
  }
  const above = directoryOf(parent);
  return type === "file" && machine.file(parent) === undefined && machine.file(above)?.type === "directory"
    ? makeDirectory(machine, own(above))
    : { notApplicable: `there is no directory ${parent}` };
}

function makeDirectory(machine: Machine, path: string): readonly Step[] {
  const need = createNeed(machine, path, "directory", MODE.directory);
  return [step("make", call("mkdir", text(path), number(MODE.directory)), [need])];
}
