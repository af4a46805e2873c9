/**
 * What the machine can tell about the paths and processes of a trace, read from outside through a box's root.
 * Facts: path_resolution(7), proc(5), elf(5) (PT_INTERP), execve(2) (interpreter scripts).
 */
import type { FileFacts, Need, Observation, ProcessFacts, Seen } from "../../core/action/action.ts";
import { oneDynamicUser } from "../../core/action/dynamic-user.ts";
import type { ProcessTarget, World } from "../../core/trace/call/call.ts";
import { lookIn, readIn, resolveIn } from "../../linux/beneath.ts";
import { fileFacts } from "../../linux/other-root.ts";
import { interpretersOf } from "./interpreter.ts";

/** The world of a trace, and a last look at it. */
export interface BoxWorld extends World {
  /** Takes facts out of an observation that no longer hold at its end, and the chance out of a dynamic user's number. */
  readonly settleFacts: (observation: Observation) => Observation;
}

/** What is looked at; all of it injected, so that tests need no box. */
export interface WorldOptions {
  /** The root that paths are resolved in, as a path of the host (`/proc/PID/root`). */
  readonly root: string;
  /** The host's own root ("" for /): what was there before the box, but for the directories that a box has fresh. */
  readonly before?: string;
  /** Milliseconds since the epoch: when the observation began. */
  readonly began: number;
  readonly processFacts?: (target: ProcessTarget) => ProcessFacts | undefined;
}

/** Answers are kept for this many paths, then asked anew. */
const MOST_KEPT = 100_000;

/** As much of a file as tells what interprets it. */
const HEAD_BYTES = 4096;
const MOST_STATUS = 64 << 10;

function kept<K, V>(ask: (key: K) => V): (key: K) => V {
  const answers = new Map<K, V>();
  return (key) => {
    if (answers.has(key)) {
      return answers.get(key) as V;
    }
    if (answers.size >= MOST_KEPT) {
      answers.clear();
    }
    const answer = ask(key);
    answers.set(key, answer);
    return answer;
  };
}

function sameFacts(a: FileFacts, b: FileFacts | undefined): boolean {
  return b === undefined || (a.type === b.type && a.uid === b.uid && a.gid === b.gid && a.mode === b.mode);
}

/** Facts of a file that the service itself made, gave away or changed are those of one moment only. */
function touchedPaths(observation: Observation): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const { action, result } of observation.seen) {
    if (result !== "ok") {
      continue;
    }
    for (const need of action.needs) {
      if (need.kind === "path" && (need.access === "create" || need.access === "change")) {
        touched.add(need.path);
      }
    }
  }
  return touched;
}

/** Whether a need's facts held all the time. What decides over creating a name is its directory. */
function holds(
  need: Extract<Need, { readonly kind: "path" }>,
  touched: ReadonlySet<string>,
  now: FileFacts | undefined,
): boolean {
  if (need.file === undefined || need.access === "create") {
    return true;
  }
  if (need.file.type === "char" || need.file.type === "block") {
    return true;
  }
  return !touched.has(need.path) && sameFacts(need.file, now);
}

function withoutStaleFacts(
  seen: Seen,
  touched: ReadonlySet<string>,
  current: (path: string) => FileFacts | undefined,
): Seen {
  const needs = seen.action.needs.map((need) => {
    if (need.kind !== "path" || holds(need, touched, current(need.path))) {
      return need;
    }
    const { file: _stale, ...rest } = need;
    return rest;
  });
  return { ...seen, action: { ...seen.action, needs } };
}

/** The world seen through a root. */
export function worldOf(options: WorldOptions): BoxWorld {
  const { root, began } = options;
  const followed = kept((path: string) => resolveIn(root, path, true));
  const unfollowed = kept((path: string) => resolveIn(root, path, false));
  const file = kept((path: string) => (path.startsWith("/proc/[") ? undefined : fileFacts(root, path)));
  const existed = kept((path: string) => existedBefore(options, path, began));
  const interpreters = kept((path: string) =>
    interpretersOf(path, (one) => readIn(root, one, HEAD_BYTES) ?? Buffer.alloc(0), followed),
  );
  return {
    resolve: (path, followLast) => (followLast ? followed(path) : unfollowed(path)),
    file,
    existed,
    interpreters,
    ...(options.processFacts === undefined ? {} : { process: options.processFacts }),
    settleFacts: (observation) => {
      const touched = touchedPaths(observation);
      const current = kept((path: string) => fileFacts(root, path));
      const seen = observation.seen.map((each) => withoutStaleFacts(each, touched, current));
      return oneDynamicUser({ ...observation, seen });
    },
  };
}

/** On the host before the box, or born before the observation (a file copied up is born anew). */
function existedBefore({ root, before }: WorldOptions, path: string, began: number): boolean {
  if (before !== undefined && !/^\/(proc|sys|dev|run|tmp)(\/|$)/.test(path)) {
    if (lookIn(before, path) !== undefined) {
      return true;
    }
  }
  const stats = lookIn(root, path)?.stats;
  return stats !== undefined && stats.birthtimeMs > 0 && stats.birthtimeMs < began;
}

/** What is known of a process that a unit of a box aims at; looked up from outside if that number is known, else inside. */
export function processFactsIn(
  unit: string,
  root: string,
  proc = "/proc",
): (target: ProcessTarget) => ProcessFacts | undefined {
  return ({ inside, outside }) => {
    const [top, directory] = outside === 0 ? [root, `/proc/${inside}`] : [proc, `/${outside}`];
    const status = readIn(top, `${directory}/status`, MOST_STATUS)?.toString("utf8");
    const cgroup = readIn(top, `${directory}/cgroup`, MOST_STATUS)?.toString("utf8");
    if (status === undefined || cgroup === undefined) {
      return undefined;
    }
    const uid = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]);
    const gid = Number(/^Gid:\s+\d+\s+(\d+)/m.exec(status)?.[1]);
    return { uid, gid, relation: isInUnit(unit, cgroup) ? "unit" : "neighbour" };
  };
}

/** Whether the unified line of a /proc/PID/cgroup, or a control group's path, lies in a unit, or in any instance of a template. */
export function isInUnit(unit: string, cgroup: string): boolean {
  const line = cgroup.split("\n").find((one) => one.startsWith("0::")) ?? cgroup;
  const template = unit.indexOf("@.");
  if (template < 0) {
    return line.split("/").includes(unit);
  }
  const [prefix, suffix] = [unit.slice(0, template + 1), unit.slice(template + 1)];
  return line.split("/").some((name) => name.startsWith(prefix) && name.endsWith(suffix) && name !== unit);
}
