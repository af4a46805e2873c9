/** The guard process as seen from Cloison: started, listened to, let go (see guard-script.ts for what it does). */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { SystemError } from "../../linux/system-error.ts";

/** A guard process, and through it the box. */
export interface Guard {
  readonly pid: number;
  /** The end of the box's entrance on this side. */
  readonly entrance: Socket;
  /** The box's PID 1, once it is about to become systemd; rejects with what went wrong before. */
  readonly leader: Promise<number>;
  /** Filled while the box boots. */
  readonly notes: readonly string[];
  /** The last lines that are no notes: what systemd says when it cannot boot. */
  readonly console: readonly string[];
  /** Resolves when no process of the box is left, or the guard was killed. */
  readonly boxEnded: Promise<void>;
  /** Lets the process end although the guard runs (which then ends the box). */
  unref(): void;
  /** Closes the pipe and waits for the guard to end. */
  release(): Promise<void>;
}

/**
 * What a guard gets beside the entrance: a file for what the box writes, the init script, the program that becomes systemd;
 * and where it opens the directory of the box's cgroup.
 */
export const HANDED_FD = { image: 3, init: 6, manager: 7, cgroup: 8 } as const;

const LAST_WORDS_MS = 500;
/** A socket is made in no time; a Node that speaks another language on its channel would be waited for in vain. */
const PATIENCE_MS = 15_000;

/** What is handed to a guard: open descriptors, and the file of makerProgram(), which becomes it. */
export interface Handed {
  readonly maker: number;
  readonly image: number | undefined;
  readonly init: number;
  readonly manager: number;
}

/** Starts a guard, once the socket of the box's entrance has been made. */
export async function startGuard(script: string, { maker, image, init, manager }: Handed): Promise<Guard> {
  const child = spawn(`/proc/${process.pid}/fd/${maker}`, ["/bin/sh", "-c", script, "cloison-guard"], {
    detached: true, // a Ctrl-C at the terminal is Cloison's to handle
    stdio: ["pipe", "pipe", "ignore", image ?? "ignore", "ipc", "ignore", init, manager],
    cwd: "/",
  });
  // Node answers a handle on a channel whose other end may be gone by then.
  child.on("error", () => undefined);
  return watchGuard(child, await entranceOf(child));
}

/** What the maker hands over (entrance-maker.ts). */
function entranceOf(child: ChildProcess): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const refuse = (cause?: unknown): void =>
      reject(
        new SystemError("start the guard", {
          path: "/bin/sh",
          reason: `the socket of the entrance cannot be made${cause instanceof Error ? `: ${cause.message}` : ""}`,
          ...(cause instanceof Error ? { cause } : {}),
        }),
      );
    const silent = setTimeout(() => {
      child.kill("SIGKILL");
      refuse(new Error("Node has not taken it"));
    }, PATIENCE_MS);
    child.once("message", (_, handle) => {
      clearTimeout(silent);
      if (handle instanceof Socket) {
        resolve(handle);
      } else {
        refuse();
      }
    });
    child.once("exit", () => {
      clearTimeout(silent);
      refuse();
    });
    child.once("error", (cause) => {
      clearTimeout(silent);
      refuse(cause);
    });
  });
}

function watchGuard(child: ChildProcess, entrance: Socket): Guard {
  const input = child.stdin as Socket;
  const output = child.stdout as Socket;
  const notes: string[] = [];
  const console: string[] = [];
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const lines = createInterface({ input: output });
  const closed = new Promise<void>((resolve) => lines.once("close", resolve));
  const leader = new Promise<number>((resolve, reject) => {
    lines.on("line", (line) => {
      const [word, rest] = splitWord(line);
      if (word === "leader") {
        resolve(Number(rest));
      } else if (word === "note") {
        notes.push(rest);
      } else if (word === "error") {
        reject(new SystemError("boot a box", { reason: `${rest} failed${said(console)}` }));
      } else if (console.push(line) > 40) {
        console.shift();
      }
    });
    child.once("error", (cause) => reject(new SystemError("start the guard", { path: "/bin/sh", cause })));
    const ended = () => reject(new SystemError("boot a box", { reason: `it ended early${said(console)}` }));
    closed.then(ended);
    // What it said last may still have to be read.
    exited.then(() => setTimeout(ended, LAST_WORDS_MS));
  });
  input.on("error", () => undefined);
  return {
    pid: child.pid ?? -1,
    entrance,
    leader,
    notes,
    console,
    boxEnded: Promise.race([closed, exited]),
    unref: () => {
      child.unref();
      input.unref();
      output.unref();
      entrance.unref();
    },
    release: async () => {
      child.ref();
      input.destroy();
      entrance.destroy();
      await exited;
      output.destroy();
    },
  };
}

function said(console: readonly string[]): string {
  return console.length === 0 ? "" : `: ${console.slice(-5).join("; ")}`;
}

function splitWord(line: string): [word: string, rest: string] {
  const space = line.indexOf(" ");
  return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
}
