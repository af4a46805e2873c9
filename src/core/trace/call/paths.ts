/**
 * Makes the paths of a trace absolute. Facts: path_resolution(7), proc(5). Working directories and paths of descriptors
 * come from the reader relative to the root of the process's mount namespace, not to its chroot.
 */

import type { Access, FileFacts, Need, ProcessFacts } from "../../action/action.ts";
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import type { FinishedCall, ProcessTarget } from "./call.ts";
import type { Value } from "./value.ts";

/** Where a path begins: in the working directory, or in the directory of an argument. */
export type Base = "directory" | number;

/** Removes `//`, `/.` and `/..` from an absolute path lexically. */
export function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      parts.pop();
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  return `/${parts.join("/")}`;
}

/** The directory that relative paths start from. If the call reveals the working directory, it is remembered. */
function baseOf(call: FinishedCall, base: Base): string | undefined {
  const { place } = call.process;
  if (base === "directory") {
    return place.directory;
  }
  const value = call.argument(base);
  if (value?.kind === "descriptor") {
    if (!value.path.startsWith("/")) {
      return undefined;
    }
    if (value.number === AT_FDCWD) {
      place.directory = value.path;
    }
    return value.path;
  }
  return value?.kind === "number" && value.value === BigInt(AT_FDCWD) ? place.directory : undefined;
}

/** The path in an argument, made absolute but otherwise as written; undefined, with a gap, if it cannot be known. */
export function pathAt(call: FinishedCall, base: Base, index: number): string | undefined {
  const value = call.argument(index);
  if (value?.kind !== "text") {
    return value?.kind === "number" && value.value === 0n ? undefined : lost(call, value);
  }
  if (value.cut) {
    return lost(call, value);
  }
  if (value.text.startsWith("/")) {
    const { root } = call.process.place;
    return root === "/" ? value.text : `${root}${value.text}`;
  }
  const directory = baseOf(call, base);
  if (directory === undefined) {
    return value.text === "" ? undefined : lost(call, value);
  }
  return value.text === "" ? directory : `${directory}/${value.text}`;
}

function lost(call: FinishedCall, value: Value | undefined): undefined {
  // An address instead of a string: the call failed before it read the path.
  if (value?.kind === "number" && call.result.kind === "error") {
    return undefined;
  }
  call.gap({ code: "path", call: call.name });
  return undefined;
}

/** The path of a descriptor; undefined for sockets, pipes and files without a name. */
export function pathOfDescriptor(value: Value | undefined): string | undefined {
  return value?.kind === "descriptor" && value.path.startsWith("/") && !value.deleted ? value.path : undefined;
}

const PROCESS_PATH = /^\/proc\/(\d+)(\/.*)?$/;

/** A path with its symlinks resolved and the pids in /proc paths replaced. */
export function settle(call: FinishedCall, written: string, follow: boolean): string {
  const path = normalise(keepsDots(written) ? (call.world.resolve?.(written, follow) ?? written) : written);
  if (/^\/proc\/(self|thread-self)(\/|$)/.test(path)) {
    return path.replace(/\/task\/\d+/, "/task/[tid]");
  }
  const match = PROCESS_PATH.exec(path);
  if (match !== null) {
    return processPath(call, Number(match[1]), match[2] ?? "");
  }
  if (path.startsWith("/proc")) {
    return path;
  }
  return call.world.resolve === undefined ? path : normalise(call.world.resolve(path, follow));
}

/** Whether `..` may lead through a symlink, so that the text alone does not say where. */
function keepsDots(path: string): boolean {
  return path.includes("/..");
}

function processPath(call: FinishedCall, number: number, rest: string): string {
  const below = rest.replace(/^\/task\/\d+/, "/task/[tid]");
  if (number === ownNumber(call)) {
    return `/proc/self${below}`;
  }
  return number === 1 ? `/proc/1${below}` : `/proc/[pid]${below}`;
}

/** The caller's pid as it sees it itself. */
function ownNumber(call: FinishedCall): number {
  return call.process.inside ?? call.process.pid;
}

/** A need for a path, with the file's facts where they are known. `written` is the path before it was settled. */
export function pathNeed(call: FinishedCall, path: string, access: Access, written: string = path): Need {
  const file = path.startsWith("/proc/[pid]") ? factsInProc(call, written) : call.world.file?.(path);
  return file === undefined ? { kind: "path", path, access } : { kind: "path", path, access, file };
}

/** For another process's directory in /proc the owner matters: hidepid= shows or hides it by that. */
function factsInProc(call: FinishedCall, written: string): FileFacts | undefined {
  const number = Number(PROCESS_PATH.exec(normalise(written))?.[1]);
  const { uid, gid, relation } = factsOf(call, { inside: number, outside: 0 });
  // A service always sees its own processes; a path without facts is not judged by its owner.
  return relation === "neighbour" ? { type: "file", uid, gid, mode: 0o444 } : undefined;
}

/** What proc(5) shows only to those who may trace the process. The rest of /proc/PID is world-readable. */
const INSIDE =
  /^\/proc\/(\d+)\/(task\/\d+\/)?(environ|auxv|mem|maps|smaps|smaps_rollup|numa_maps|pagemap|exe|cwd|root|io|syscall|stack|personality|wchan|clear_refs|timerslack_ns|(fd|fdinfo|map_files|ns)(\/.*)?)$/;

/** The need to inspect another process, where a path in /proc shows what only its tracers may see. */
export function inspectNeed(call: FinishedCall, written: string): readonly Need[] {
  const number = Number(INSIDE.exec(normalise(written))?.[1]);
  if (Number.isNaN(number) || number === ownNumber(call)) {
    return [];
  }
  return [{ kind: "process", operation: "inspect", target: factsOf(call, { inside: number, outside: 0 }) }];
}

/** What is known of a call's target: from the trace, else from the machine; else it counts as a neighbour of the caller. */
export function factsOf(call: FinishedCall, target: ProcessTarget): ProcessFacts {
  const { process } = call;
  const self = target.inside === ownNumber(call) || target.outside === process.pid;
  if (self) {
    return { ...process.identity, relation: "self" };
  }
  if (target.inside === 1) {
    return { uid: 0, gid: 0, relation: "init" };
  }
  const known = target.outside === 0 ? knownInside(call, target.inside) : call.known(target.outside);
  if (known !== undefined && known.stage === "own") {
    return { ...known.identity, relation: "unit" };
  }
  const facts = call.world.process?.(target);
  return facts ?? { ...(known?.identity ?? process.identity), relation: "neighbour" };
}

function knownInside(call: FinishedCall, inside: number): ReturnType<FinishedCall["known"]> {
  return call.process.inside === undefined ? call.known(inside) : call.knownInside(inside);
}
