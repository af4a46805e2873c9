/**
 * Silent regressions: calls that worked without the walls and are refused behind them. The workload may still pass while a
 * mail is not sent or a log not rotated.
 */
import { callOf, type Observation, type Seen, type SeenAction } from "../action/action.ts";
import { compareTexts } from "../action/order.ts";
import { FALLBACKS } from "../directives/siblings.ts";
import { directoryOf } from "../kernel/path.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";

/** Errors with which walls refuse. */
const REFUSALS: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EROFS", "ENOSYS", "EAFNOSUPPORT"]);

/**
 * Dangerous calls that have a fallback, too. Synthesis does not count on it, since they stay where they were seen to
 * work; where a rehearsal shows that the fallback works, nothing is lost.
 */
const DANGEROUS_FALLBACKS: typeof FALLBACKS = {
  io_uring_setup: ["epoll_create1", "epoll_wait", "poll"],
  memfd_secret: ["mmap"],
};

/** One thing that is refused now. `before`: what worked of the same kind. */
export interface Regression {
  readonly action: SeenAction;
  readonly error: string;
  readonly before: SeenAction;
  readonly executables: readonly string[];
}

/** The regressions of a rehearsal against the observation without the walls, each kind of thing once. */
export function regressions(before: Observation, after: Observation): readonly Regression[] {
  const worked = indexOf(before.seen.filter(({ result }) => result === "ok"));
  const refused = new Set(
    before.seen.filter(isRefused).flatMap((seen) => keysOf(seen).map((key) => `${key} ${seen.result}`)),
  );
  const works = new Set(
    after.seen.filter(({ result }) => result === "ok").map(({ action }) => callOf(action)?.name ?? ""),
  );
  const found = new Map<string, Regression>();
  for (const seen of after.seen.filter(isRefused)) {
    const keys = keysOf(seen);
    const was = keys.map((key) => worked.get(key)).find((action) => action !== undefined);
    const alreadyRefused = keys.some((key) => refused.has(`${key} ${seen.result}`));
    if (was === undefined || alreadyRefused || hasFallenBack(seen, works)) {
      continue;
    }
    const { action, result, executables } = seen;
    found.set(`${keys.at(-1)} ${result}`, { action, error: result, before: was, executables });
  }
  return [...found].sort(([a], [b]) => compareTexts(a, b)).map(([, regression]) => regression);
}

function isRefused(seen: Seen): boolean {
  return REFUSALS.has(seen.result) && !isForcedBuffer(seen);
}

/**
 * A socket's buffer forced above the machine's limit (SO_SNDBUFFORCE, SO_RCVBUFFORCE; socket(7)): without the capability
 * the limit stays, and nothing is lost but that.
 */
export function isForcedBuffer({ action }: Seen): boolean {
  return (
    callOf(action)?.name === "setsockopt" &&
    action.needs.some((need) => need.kind === "capability" && need.capability === "CAP_NET_ADMIN")
  );
}

function hasFallenBack({ action, result }: Seen, works: ReadonlySet<string>): boolean {
  const name = callOf(action)?.name;
  if (name === undefined) {
    return false;
  }
  const older: readonly SyscallName[] | undefined = FALLBACKS[name] ?? DANGEROUS_FALLBACKS[name];
  if (result !== "ENOSYS" || older === undefined) {
    return false;
  }
  return older.length === 0 || older.some((each) => works.has(each));
}

function indexOf(seen: readonly Seen[]): ReadonlyMap<string, SeenAction> {
  return new Map(seen.flatMap((each) => keysOf(each).map((key) => [key, each.action] as const)));
}

/** What a thing that was seen is compared by, as texts: first itself, then, since names of files are often random, a thing beside it. */
export function keysOf({ action }: Seen): readonly string[] {
  const call = callOf(action);
  const numbers = (call?.arguments ?? []).map((argument) =>
    argument.kind === "number" ? argument.value.toString(16) : "",
  );
  const others = action.needs.filter(({ kind }) => kind !== "path" && kind !== "capability");
  const base = `${call?.name ?? ""} ${numbers.join(",")} ${JSON.stringify(others)}`;
  const paths = action.needs.flatMap((need) =>
    need.kind === "path" ? [{ access: need.access, path: need.path }] : [],
  );
  const exact = paths.map(({ access, path }) => `${access} ${path}`).join(" ");
  const beside = paths.map(({ access, path }) => `${access} ${directoryOf(path)}/*`).join(" ");
  return paths.length === 0 ? [base] : [`${base} ${exact}`, `${base} ${beside}`];
}

/** A regression in words. */
export function regressionText({ action, error, executables }: Regression): string {
  const path = action.needs.find((need) => need.kind === "path");
  const what = path === undefined ? "" : ` ${path.path}`;
  return `${callOf(action)?.name ?? "no call"}${what}: ${error} now, worked before (${executables.join(", ")})`;
}
