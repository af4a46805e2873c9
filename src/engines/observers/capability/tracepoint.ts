/**
 * Asks the kernel which capabilities a tree of processes is checked for: the tracepoint capability:cap_capable with
 * kernel stacks, in a tracing instance of its own, through a tracefs that only a helper's mount namespace has.
 * Facts: Documentation/trace/ftrace.rst; the tracepoint is in Linux since 6.14, Debian 13's 6.12 does not have it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { capabilityReader } from "../../../core/trace/capability/reader.ts";
import { type Collector, collector } from "../../../core/trace/tree/collect.ts";
import { nativeAbi } from "../../../linux/native-abi.ts";
import { type Lack, lacksRoot, type Observer } from "../observer.ts";

/**
 * The helper. It sweeps instances whose maker is gone, makes its own, says so, streams the events, and cleans up as soon
 * as its standard input ends: also when its parent was killed. Nothing of it is left on the host but, after a kill -9 of
 * the helper itself, an empty instance that the next one sweeps.
 */
const HELPER = `
set -e
mount -t tracefs tracefs /sys/kernel/tracing || { echo "tracefs it cannot be mounted"; exit 0; }
cd /sys/kernel/tracing
[ -d instances ] || { echo "tracefs this kernel has no tracing instances"; exit 0; }
for old in instances/cloison-*; do
  [ -d "$old" ] && [ ! -d "/proc/\${old##*-}" ] && rmdir "$old" || true
done
[ -d events/capability/cap_capable ] || { echo "tracepoint this kernel has no tracepoint capability:cap_capable"; exit 0; }
own=instances/cloison-$$
mkdir "$own"
reader=
end() {
  echo 0 > "$own/tracing_on" || true
  [ -z "$reader" ] || { sleep 0.1; kill "$reader"; wait "$reader"; } 2>/dev/null || true
  sed -n 's/^overrun: \\([1-9][0-9]*\\)$/overrun \\1/p' "$own"/per_cpu/cpu*/stats >&2 || true
  echo 0 > "$own/events/enable"
  rmdir "$own"
}
trap end EXIT
trap : INT TERM HUP
echo 16384 > "$own/buffer_size_kb"
echo 1 > "$own/options/event-fork"
echo "$1" > "$own/set_event_pid"
echo stacktrace > "$own/events/capability/cap_capable/trigger"
echo 1 > "$own/events/capability/cap_capable/enable"
echo 1 > "$own/events/sched/sched_process_exec/enable"
echo 1 > "$own/events/sched/sched_process_fork/enable"
echo ready
cat "$own/trace_pipe" &
reader=$!
cat >/dev/null || true
`;

const QUIET_MS = 60;
/** A service that goes on being checked never falls silent. */
const LONGEST_SETTLING_MS = 400;
const PATIENCE_MS = 10_000;

/** What the helper says in place of `ready`: the need and the reason. */
function lackOf(answer: string): Lack {
  const [word = "", ...reason] = answer.split(" ");
  const need = word === "tracepoint" ? "tracepoint" : "tracefs";
  return { kind: "lacks", need, reason: reason.join(" ") };
}

/** Asks the kernel for the checks of a process and of everything that it will start. Without it the smallest set is found by trying. */
export const capabilityObserver: Observer = {
  name: "capability",
  tells: "capabilities",
  start: async ({ leader, trace }) => {
    const lack = lacksRoot();
    if (lack !== undefined) {
      return lack;
    }
    const child = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", HELPER, "sh", String(leader)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
      detached: true,
    });
    child.stdin?.on("error", () => undefined);
    const stream = streamOf(child);
    const late = sleep(PATIENCE_MS, "tracefs tracing did not start in time", { ref: false });
    const answer = await Promise.race([stream.first, late]);
    if (answer !== "ready") {
      child.stdin?.end();
      return lackOf(answer);
    }
    const reader = capabilityReader(nativeAbi(), trace.direct === true ? leader : undefined);
    stream.take = reader.line;
    return {
      kind: "observing",
      settle: () => settle(stream),
      phase: reader.phase,
      stop: async (own) => {
        const collect = collector(trace.unit, trace.host);
        await end(child, stream, collect);
        reader.finish({ own }, collect);
        return { observation: collect.finish(), own: new Map() };
      },
    };
  },
};

interface Stream {
  readonly first: Promise<string>;
  readonly ended: Promise<unknown>;
  readonly said: () => string;
  last: number;
  take: (line: string) => void;
}

function streamOf(child: ChildProcess): Stream {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) {
    throw new TypeError("the helper has no pipes");
  }
  let said = "";
  stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-4000);
  });
  let begin: (line: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    begin = resolve;
    child.once("error", (cause) => resolve(`tracefs the helper could not be started: ${cause.message}`));
    child.once("close", () => resolve(`tracefs ${said.trim().split("\n").at(-1) || "the helper ended"}`));
  });
  const stream: Stream = { first, ended: once(child, "close"), said: () => said, last: Date.now(), take: begin };
  let rest = "";
  stdout.setEncoding("latin1");
  stdout.on("data", (chunk: string) => {
    stream.last = Date.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      stream.take(line);
    }
  });
  return stream;
}

async function settle(stream: Stream): Promise<void> {
  const until = Date.now() + LONGEST_SETTLING_MS;
  while (Date.now() < until && Date.now() - stream.last < QUIET_MS) {
    await sleep(QUIET_MS);
  }
}

/** Ends the helper, and says what was lost. */
async function end(child: ChildProcess, stream: Stream, collect: Collector): Promise<void> {
  await settle(stream);
  const early = child.exitCode !== null || child.signalCode !== null;
  child.stdin?.end();
  if (early) {
    collect.gap({ code: "capabilities-ended" });
  } else {
    await stream.ended;
  }
  for (const [, count] of stream.said().matchAll(/^overrun (\d+)$/gm)) {
    collect.gap({ code: "capabilities-lost" }, Number(count));
  }
}
