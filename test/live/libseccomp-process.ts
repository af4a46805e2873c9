/**
 * libseccomp in a process of its own that can be killed: nothing interrupts a call into a library, however long it takes on
 * a random rule set. The child dies with whoever started it (prctl(2), PR_SET_PDEATHSIG).
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import type { buildWithLibrary, LibraryOptions } from "./libseccomp.ts";

/** What libseccomp made of a rule set; undefined: nothing in the time that it had. */
export type LibraryAnswer = ReturnType<typeof buildWithLibrary> | undefined;

export interface LibraryProcess {
  /** One at a time. An error where the child died by itself or the library failed in another way than by refusing. */
  readonly build: (options: LibraryOptions) => Promise<LibraryAnswer>;
  /** The process that is there now; undefined before the first rule set and after a killed one. */
  readonly pid: () => number | undefined;
  /** Kills the process and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: Interface;
  readonly gone: Promise<unknown>;
}

const cache = join(import.meta.dirname, "../../node_modules/.cache/cloison");

/** The child as JavaScript, which is what Node 20 reads. */
function bundle(): string {
  const entryPoints = [join(import.meta.dirname, "fixtures/libseccomp-child.ts")];
  const built = buildSync({
    entryPoints,
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return built.outputFiles[0]?.text ?? "";
}

async function nextLine({ lines, gone }: Running): Promise<Record<string, unknown>> {
  const line = await Promise.race([once(lines, "line"), gone]);
  if (!Array.isArray(line) || typeof line[0] !== "string") {
    throw new Error("the process with libseccomp died");
  }
  return JSON.parse(line[0]);
}

function start(path: string): Running {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
  // It is killed at any time, also while it is written to.
  child.stdin.on("error", () => undefined);
  return { child, lines: createInterface({ input: child.stdout }), gone };
}

/** A process that is started when it is first needed, and once more after each rule set without an answer in time. */
export function libraryProcess(milliseconds = 5000): LibraryProcess {
  const script = bundle();
  let running: Running | undefined;
  const stop = async (): Promise<void> => {
    running?.child.kill("SIGKILL");
    await running?.gone;
    running = undefined;
  };
  const started = async (): Promise<Running> => {
    mkdirSync(cache, { recursive: true });
    const directory = mkdtempSync(join(cache, "libseccomp-"));
    try {
      const path = join(directory, "child.mjs");
      writeFileSync(path, script);
      running = start(path);
      // It says that it is there: from here on its parent's death is its own, and its file is read.
      await nextLine(running);
      return running;
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
  return {
    pid: () => running?.child.pid,
    stop,
    build: async (options) => {
      const { child, lines, gone } = running ?? (await started());
      const late = new AbortController();
      const answer = nextLine({ child, lines, gone });
      child.stdin.write(`${JSON.stringify(options, (_, value) => (typeof value === "bigint" ? `${value}` : value))}\n`);
      const limit = sleep(milliseconds, undefined, { signal: late.signal });
      const line = await Promise.race([answer, limit]).finally(() => late.abort());
      if (line === undefined) {
        await stop();
        return undefined;
      }
      if (typeof line.failed === "string") {
        throw new Error(line.failed);
      }
      return line.built as LibraryAnswer;
    },
  };
}
