/**
 * The entrance of a box as seen from outside: programs are asked for on a socket that the box's keeper has held since before the
 * first unit (entrance-keeper.ts). Only descriptors go through it: pipes, and the place of the program's control group.
 * Sockets and directories of this machine never do.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Socket } from "node:net";
import { constants as system } from "node:os";
import type { Duplex } from "node:stream";
import { SystemError } from "../../linux/system-error.ts";
import { decodeAnswer, type EntranceAnswer, encodeRequest, type Request } from "./entrance-request.ts";

/** A program on its way: the child has its three streams and ends as it ends. */
export interface Started {
  readonly child: ChildProcess;
  /** What the box said of the start or the end; undefined if it fell silent. */
  readonly answer: Promise<EntranceAnswer | undefined>;
  /** Lets the child end as the program did, although others may still have its output. To be called once that has ended. */
  readonly abandon: () => void;
}

/** The way into one box. */
export interface Entrance {
  /** Starts a program that enters the control group. Throws a SystemError if the box is gone or the request too large. */
  start(request: Request, cgroup: string): Started;
  close(): void;
}

/** The end of the entrance on this side, where requests will lie inside, and the caller's file (the entrance closes it). */
export interface EntranceParts {
  readonly socket: Socket;
  readonly requestAt: number;
  readonly caller: number;
}

const MOST_ANSWER = 64;
/** How long a keeper may take to begin: one that was killed or stopped inside never does. */
const PATIENCE_MS = 10_000;
/** How long the output of a program whose end was not told may take to come. */
const LAST_OUTPUT_MS = 1000;

/** An entrance that is ready: the keeper listens by itself as soon as it is there. */
export function openEntrance({ socket, requestAt, caller }: EntranceParts): Entrance {
  socket.on("error", () => undefined);
  let closed = false;
  return {
    start: (request, cgroup) => {
      if (closed) {
        throw new SystemError("run in the box", { reason: "the box has ended" });
      }
      const bytes = encodeRequest(request, requestAt);
      const group = openGroup(cgroup);
      try {
        // Descriptors as callerProgram() has them: the streams, the session, the hold, the entrance, the control group.
        const stdio = ["pipe", "pipe", "pipe", "pipe", "pipe", socket, group] as const;
        const file = `/proc/${process.pid}/fd/${caller}`;
        // In a session of its own: a Ctrl-C at the terminal is Cloison's to handle.
        const how = { argv0: "cloison-caller", stdio: [...stdio], env: {}, cwd: "/", detached: true };
        const child = spawn(file, [], how);
        return { child, answer: converse(child, bytes), abandon: () => void child.stdio[4]?.destroy() };
      } finally {
        closeSync(group);
      }
    },
    close: () => {
      if (closed) {
        return;
      }
      closed = true;
      socket.destroy();
      closeSync(caller);
    },
  };
}

function openGroup(cgroup: string): number {
  try {
    return openSync(`${cgroup}/cgroup.procs`, constants.O_WRONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw new SystemError("run in the box", { reason: "the box has ended", cause });
  }
}

/** Sends the request, hears the answer, and lets the caller end as the program did. */
function converse(child: ChildProcess, request: Buffer): Promise<EntranceAnswer | undefined> {
  const session = child.stdio[3] as Duplex;
  const hold = child.stdio[4] as Duplex;
  hold.on("error", () => undefined);
  hold.resume();
  return new Promise((resolve) => {
    let said = Buffer.alloc(0);
    let done = false;
    const settle = () => {
      if (done) {
        return;
      }
      done = true;
      clearTimeout(silent);
      const answer = decodeAnswer(said);
      session.destroy();
      hold.write(endOf(answer));
      if (answer === undefined) {
        // Nobody may ever have had the other ends of its pipes.
        setTimeout(() => hold.destroy(), LAST_OUTPUT_MS).unref();
      }
      resolve(answer);
    };
    const silent = setTimeout(settle, PATIENCE_MS);
    session.on("data", (chunk: Buffer) => {
      clearTimeout(silent);
      said = Buffer.concat([said, chunk]);
      if (said.length >= MOST_ANSWER || decodeAnswer(said)?.kind === "ended") {
        settle();
      }
    });
    session.once("error", settle);
    session.once("close", settle);
    child.once("error", settle);
    child.once("exit", settle);
    session.write(request);
  });
}

const SIGNALS = new Map(Object.entries(system.signals).map(([name, number]) => [number, name as NodeJS.Signals]));
const KILLED = system.signals.SIGKILL;
const STOPPING: ReadonlySet<string> = new Set([
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGCONT",
  "SIGCHLD",
  "SIGURG",
  "SIGWINCH",
]);

/** How the child has to end: its status, and the signal that ended the program, or 0. */
function endOf(answer: EntranceAnswer | undefined): Buffer {
  const told = answer === undefined ? KILLED : answer.kind === "ended" ? answer.status & 0x7f : 0;
  if (told !== 0) {
    const signal = SIGNALS.get(told) ?? "SIGKILL";
    return Buffer.from([0, STOPPING.has(signal) ? KILLED : system.signals[signal]]);
  }
  return Buffer.from([answer?.kind === "ended" ? (answer.status >> 8) & 0xff : refusedStatus(answer), 0]);
}

/** As shells say it: 126 for what cannot be executed, 127 for what is not there. */
function refusedStatus(answer: EntranceAnswer | undefined): number {
  return answer?.kind === "refused" && answer.step === "program" && answer.errno === system.errno.EACCES ? 126 : 127;
}
