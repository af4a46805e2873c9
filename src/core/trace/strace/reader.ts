/** Reads the output of strace for a whole tree of processes, line by line. Facts: strace(1), output of strace 6.13. */

import type { Observation, Phase } from "../../action/action.ts";
import type { Process } from "../call/process.ts";
import type { Collector } from "../tree/collect.ts";
import { type Follower, follow, type OwnProcess, type TraceOptions } from "../tree/follow.ts";
import { readCall, readUnfinished, type UnfinishedCall } from "./call.ts";
import { readLine } from "./line.ts";

/** A reader of one trace. */
export interface StraceReader {
  /** One line, without its line end. */
  readonly line: (text: string) => void;
  /** What follows belongs to this phase. */
  readonly phase: (phase: Phase) => void;
  /** Counts something that was lost outside the trace. */
  readonly gap: Collector["gap"];
  /** The pids that were ever the service's own, with the identity that each began and ended with. */
  readonly own: ReadonlyMap<number, OwnProcess>;
  /** The observation; call it once, at the end. */
  readonly finish: () => Observation;
  readonly collector: Collector;
}

type StraceFollower = Follower<string, UnfinishedCall>;

/** A call that returned a descriptor, as the end of its line. */
const DESCRIPTOR = /= (\d+)<(\/[^>]*)>$/;

function handleCall(follower: StraceFollower, process: Process, name: string, rest: string): void {
  if (process.stage !== "own") {
    // The line is not parsed in full: most lines are of processes that do not count.
    const opened = rest.endsWith(">") ? DESCRIPTOR.exec(rest) : null;
    if (opened?.[2] !== undefined) {
      follower.opened(process, Number(opened[1]), opened[2]);
    }
    if (!follower.follows(process, name)) {
      return;
    }
  }
  const call = readCall(name, rest);
  if (call === undefined) {
    follower.misread(process, name);
  } else {
    follower.finished(process, call);
  }
}

function handleLine(follower: StraceFollower, text: string): void {
  const line = readLine(text);
  if (line.kind === "nothing") {
    return;
  }
  if (line.kind === "unknown") {
    follower.collector.gap({ code: "record" });
    return;
  }
  const process = follower.member(line.pid, text);
  if (process === undefined) {
    return;
  }
  switch (line.kind) {
    case "call":
      handleCall(follower, process, line.name, line.rest);
      break;
    case "unfinished":
      follower.began(process, readUnfinished(line.name, line.rest));
      break;
    case "resumed": {
      const pending = follower.resumed(process, line.name);
      if (pending !== undefined) {
        handleCall(follower, process, line.name, pending.rest + line.rest);
      }
      break;
    }
    case "abi":
      follower.abi(process, line.abi);
      break;
    case "exited":
      follower.exited(process);
      break;
    case "superseded":
      follower.superseded(process, line.by);
      break;
  }
}

/** A reader for the output of `strace -f -y -s 0 -X raw --decode-pids=pidns --quiet=attach`, or of a plainer strace. */
export function straceReader(options: TraceOptions): StraceReader {
  const follower: StraceFollower = follow(options, (text) => handleLine(follower, text));
  const { phase, own, finish, collector } = follower;
  return { line: (text) => handleLine(follower, text), phase, gap: collector.gap, own, finish, collector };
}

/**
 * Reads a whole trace as one phase; every process in it counts. Never fails: a line that is not understood is a gap.
 *
 * @example
 * import { readStrace } from "cloison";
 * import assert from "node:assert";
 * const { seen, gaps } = readStrace('7 unlink("/var/lib/x") = -1 EROFS (Read-only file system)\n8 !?', { unit: "a.service" });
 * assert.deepEqual(seen[0].action.needs, [{ kind: "path", path: "/var/lib/x", access: "remove" }]);
 * assert.equal(seen[0].result, "EROFS");
 * assert.deepEqual(gaps, [{ code: "record", count: 1 }]);
 */
export function readStrace(text: string, options: TraceOptions, phase: Phase = "workload"): Observation {
  const reader = straceReader(options);
  reader.phase(phase);
  for (const line of text.split("\n")) {
    reader.line(line);
  }
  return reader.finish();
}
