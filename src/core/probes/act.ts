/** Words in which the probes are written: arguments, calls, needs, steps. */
import type { Access, Action, Argument, Call, FileFacts, Need, ProcessFacts } from "../action/action.ts";
import { compilePrograms } from "../elf/compile-programs.ts";
import { machineOfAbi } from "../elf/find-machine.ts";
import type { ElfMachine } from "../elf/machine.ts";
import { AT_FDCWD } from "../kernel/at-flags.ts";
import { MAP_FLAGS, PROT_FLAGS } from "../kernel/memory-flags.ts";
import { OPEN_FLAGS } from "../kernel/open-flags.ts";
import { directoryOf } from "../kernel/path.ts";
import type { Abi, SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Machine, NotApplicable, Step } from "./probe.ts";

/** A number in a register. */
export function number(value: number | bigint): Argument {
  return { kind: "number", value: BigInt.asUintN(64, BigInt(value)) };
}

/** The address of a string. */
export function text(value: string): Argument {
  return { kind: "text", text: value };
}

/** The address of bytes. */
export function bytes(content: Iterable<number>): Argument {
  return { kind: "bytes", bytes: [...content] };
}

/** The address of a zeroed buffer. */
export function room(size: number, name?: string): Argument {
  return name === undefined ? { kind: "room", size } : { kind: "room", size, name };
}

/** What an earlier step returned. */
export function resultOf(step: string): Argument {
  return { kind: "result", of: step };
}

/** A string as bytes, ASCII only, without a NUL. */
export function ascii(value: string): readonly number[] {
  return [...value].map((character) => character.charCodeAt(0));
}

/** Zeroes up to a length. */
export function padded(content: readonly number[], size: number): readonly number[] {
  return [...content, ...new Array<number>(Math.max(0, size - content.length)).fill(0)];
}

/** The machine that the attacks are written for: some of their constants are x86-64's own. */
export const MACHINE: ElfMachine = machineOfAbi("x86_64");

/** A native call. */
export function call(name: SyscallName, ...args: readonly Argument[]): Call {
  return { abi: MACHINE.abi, name, arguments: args };
}

/** A call through another ABI. */
export function callThrough(abi: Abi, name: SyscallName, ...args: readonly Argument[]): Call {
  return { abi, name, arguments: args };
}

/** A step: a call and what it needs. */
export function step(
  name: string,
  what: Call,
  needs: readonly Need[] = [],
  more: Partial<Omit<Step, "name" | "action">> = {},
): Step {
  const action: Action = { call: what, needs };
  return { name, action, ...more };
}

/** A path in the directory of another process: how the model writes it, and whose it is. */
interface OfProcess {
  readonly place?: string;
  readonly process?: ProcessFacts;
}

/** A need of a path. */
export function pathNeed(machine: Machine, path: string, access: Access, of: OfProcess = {}): Need {
  const { place = path, process } = of;
  const file = machine.file(path);
  const known = { ...(file === undefined ? {} : { file }), ...(process === undefined ? {} : { process }) };
  return { kind: "path", path: place, access, ...known };
}

/** A need for a name that does not exist yet; its directory decides. */
export function createNeed(machine: Machine, path: string, type: FileFacts["type"] = "file", mode = 0o644): Need {
  const parent = machine.file(directoryOf(path));
  const above = parent === undefined ? {} : { parent: { uid: parent.uid, gid: parent.gid, mode: parent.mode } };
  return { kind: "path", path, access: "create", file: { type, uid: 0, gid: 0, mode, ...above } };
}

/** A need for a file that an earlier step made with this mode: to change its owner, mode or attributes. */
export function changeMadeNeed(machine: Machine, path: string, mode: number): Need {
  const made = createNeed(machine, path, "file", mode);
  return made.kind === "path" ? { ...made, access: "change" } : made;
}

/** PID 1, as needs name it. */
export const INIT: ProcessFacts = { uid: 0, gid: 0, relation: "init" };

/** Opening a file that exists, by its flags beside O_CLOEXEC. */
export function openStep(
  machine: Machine,
  path: string,
  access: "read" | "write",
  options: OfProcess & { readonly flags?: number; readonly needs?: readonly Need[] } = {},
): Step {
  const mode = access === "read" ? OPEN_FLAGS.O_RDONLY : OPEN_FLAGS.O_WRONLY;
  const flags = mode | OPEN_FLAGS.O_CLOEXEC | (options.flags ?? 0);
  const needs = [pathNeed(machine, path, access, options), ...(options.needs ?? [])];
  return step("open", call("openat", number(AT_FDCWD), text(path), number(flags), number(0)), needs);
}

/** Reading one byte at least from what the step `open` opened. */
export function readStep(): Step {
  return step("read", call("read", resultOf("open"), room(64), number(64)), [], { atLeast: 1 });
}

/** Writing bytes to the descriptor that an earlier step returned. */
export function writeStep(name: string, to: string, content: readonly number[]): Step {
  const what = call("write", resultOf(to), bytes(content), number(content.length));
  return step(name, what, [], { atLeast: content.length });
}

/** A descriptor that is still free, so that its name is known. */
const NAMED_DESCRIPTOR = 7;

/** The name below /proc of the descriptor that `nameDescriptor` makes; proc_pid_fd(5). */
export const NAMED: string = `/proc/self/fd/${NAMED_DESCRIPTOR}`;

/** Giving the file that an earlier step opened a descriptor whose name is known; `flags` of dup3(2). */
export function nameDescriptor(of: string, flags: number): Step {
  const what = call("dup3", resultOf(of), number(NAMED_DESCRIPTOR), number(flags));
  return step("name", what, [], { exactly: NAMED_DESCRIPTOR });
}

/** ret */
const CODE = [0xc3];

/** Writing machine code to the file that an earlier step opened, and mapping it as such; nothing runs it. `needs`: what mapping needs first. */
export function mapCode(from: string, needs: readonly Need[] = []): readonly Step[] {
  const protection = number(PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_EXEC);
  const flags = number(MAP_FLAGS.MAP_PRIVATE);
  return [
    writeStep("write", from, CODE),
    step("map", call("mmap", number(0), number(4096), protection, flags, resultOf(from), number(0)), [
      ...needs,
      { kind: "memory", operation: "map", writable: false, executable: true },
    ]),
  ];
}

/** Making a new file, for writing. */
export function createStep(machine: Machine, path: string, mode: number): Step {
  const flags = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL | OPEN_FLAGS.O_CLOEXEC;
  const what = call("openat", number(AT_FDCWD), text(path), number(flags), number(mode));
  return step("create", what, [createNeed(machine, path, "file", mode)]);
}

/** Opening a file is an attack as such; nothing is read or written. */
export function openFile(machine: Machine, path: string, access: "read" | "write"): readonly Step[] | NotApplicable {
  if (machine.file(path) === undefined) {
    return { notApplicable: `there is no ${path}` };
  }
  return [openStep(machine, path, access)];
}

/** Reading a file is an attack as such. */
export function readFile(machine: Machine, path: string): readonly Step[] | NotApplicable {
  const opened = openFile(machine, path, "read");
  return "notApplicable" in opened ? opened : [...opened, readStep()];
}

/** Why an attack that makes something in a directory is not tried; undefined where the directory is there. */
export function withoutDirectory(machine: Machine, directory: string): NotApplicable | undefined {
  const there = machine.file(directory)?.type === "directory";
  return there ? undefined : { notApplicable: `there is no directory ${directory}` };
}

/** Making a file in a directory is an attack as such; the file is empty. */
export function plantFile(machine: Machine, directory: string, suffix = ""): readonly Step[] | NotApplicable {
  const path = `${directory}/cloison-${machine.token}${suffix}`;
  return withoutDirectory(machine, directory) ?? [createStep(machine, path, 0o644)];
}

/**
 * The program that a probe drops and runs: it goes on with the records where the probe was replaced by it. `steps` are the
 * calls that it makes itself, after the one that ran it.
 */
export function reporter(first: number, steps: readonly Step[] = []): readonly number[] {
  const ran = { name: "ran" };
  const own = steps.map(({ name, action, exactly }) => ({
    name,
    call: action.call,
    ...(exactly === undefined ? {} : { exactly }),
  }));
  return [...compilePrograms([{ identity: [], first, steps: [ran, ...own] }], MACHINE)];
}

/** Dropping a program into a directory and running it. */
export function dropAndRun(machine: Machine, directory: string): readonly Step[] | NotApplicable {
  const path = `${directory}/cloison-run-${machine.token}`;
  const facts = createNeed(machine, path, "file", 0o755);
  const run: Need = facts.kind === "path" ? { ...facts, access: "execute" } : facts;
  return (
    withoutDirectory(machine, directory) ?? [
      createStep(machine, path, 0o755),
      writeStep("write", "create", reporter(3)),
      step("close", call("close", resultOf("create"))),
      step("run", call("execve", text(path), { kind: "pointers", to: [text(path), number(0)] }, number(0)), [run]),
    ]
  );
}
