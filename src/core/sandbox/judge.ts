/**
 * The model: whether an action gets through the walls of a sandbox, and which walls refuse it. First the filters, which
 * see the call before the kernel looks at it (unless a ring does it), then every need of the action.
 * Sources of each part: the files beside this one.
 */
import { type Call, callOf, type Identity, type Need, type SeenAction } from "../action/action.ts";
import { isWithin } from "../kernel/path.ts";
import { type Answer, blame, GRANTED, type Refusal } from "./answer.ts";
import { doubted } from "./doubt.ts";
import { judgePath } from "./files.ts";
import { judgeFilter } from "./judge-filter.ts";
import {
  judgeBecome,
  judgeCapability,
  judgeGain,
  judgeIpc,
  judgeKeyring,
  judgeLockedMemory,
  judgeMemory,
  judgeNamespace,
  judgeRealTime,
} from "./kernel-objects.ts";
import { judgeAddress } from "./network.ts";
import { distinctOrigins, type WallOrigin } from "./origin.ts";
import { judgeProcess } from "./processes.ts";
import { standingWalls } from "./replaced.ts";
import type { Surroundings } from "./surroundings.ts";
import { judgeTrust } from "./trust.ts";
import type { Sandbox, Verdict, Wall } from "./wall.ts";

/** Judges one need. */
export function judgeNeed(walls: readonly Wall[], need: Need, surroundings: Surroundings = {}): Answer {
  const answer = doubted(walls, need.kind, judgeModelled(walls, need, surroundings));
  if (isOfPackets(need)) {
    return doubted(walls, "packet", answer);
  }
  return mayBeDevice(need) ? doubted(walls, "device", answer) : answer;
}

function isOfPackets(need: Need): boolean {
  return need.kind === "address" && need.operation !== "bind" && /^AF_INET6?$/.test(need.family);
}

function mayBeDevice(need: Need): boolean {
  if (need.kind !== "path") {
    return false;
  }
  const type = need.file?.type;
  return type === undefined ? isWithin(need.path, "/dev") : type === "char" || type === "block";
}

function judgeModelled(walls: readonly Wall[], need: Need, surroundings: Surroundings): Answer {
  switch (need.kind) {
    case "path":
      return judgePath(walls, need, surroundings);
    case "address":
      return judgeAddress(walls, need, surroundings);
    case "capability":
      return judgeCapability(walls, need);
    case "become":
      return judgeBecome(walls, need);
    case "namespace":
      return judgeNamespace(walls, need);
    case "memory":
      return judgeMemory(walls, need);
    case "process":
      return judgeProcess(walls, need, surroundings);
    case "ipc":
      return judgeIpc(walls, need);
    case "real-time":
      return judgeRealTime(walls, need);
    case "locked-memory":
      return judgeLockedMemory(walls, need);
    case "gain":
      return judgeGain(walls, need);
    case "keyring":
      return judgeKeyring(walls, need);
    case "trust":
      return judgeTrust(walls, need, surroundings);
  }
}

/** The call of an action, if filters get to see it: what a ring does is no call. */
function filteredCall(action: SeenAction): Call | undefined {
  const call = callOf(action);
  return call?.through === undefined ? call : undefined;
}

/**
 * Judges an action behind the walls of a sandbox, on a machine of which `surroundings` tells what is known, and which files were
 * replaced since the walls were built. Denied: `by` is what built every wall that is enough by itself (or those that are enough together),
 * `as` is what the process sees first. Unknown: something decisive is not known; never a guess.
 *
 * @example
 * import { judge } from "cloison";
 * import assert from "node:assert";
 * const by = { kind: "setting", directive: "ProtectSystem", value: "full" };
 * const sandbox = {
 *   walls: [{ kind: "mount", by, path: "/etc", mode: { kind: "read-only" }, optional: false }],
 * };
 * const action = {
 *   call: { abi: "x86_64", name: "mkdir", arguments: [] },
 *   needs: [{ kind: "path", path: "/etc/cron.d/x", access: "create" }],
 * };
 * assert.deepEqual(judge(sandbox, action), { kind: "denied", by: [by], as: { errno: "EROFS" } });
 */
export function judge(sandbox: Sandbox, action: SeenAction, surroundings: Surroundings = {}): Verdict {
  const walls = standingWalls(sandbox.walls, surroundings);
  const by: WallOrigin[] = [];
  let as: Refusal | undefined;
  let reason: string | undefined;
  const note = (answer: Answer, origins: () => readonly WallOrigin[]): void => {
    if (answer.kind === "unclear") {
      reason ??= answer.reason;
    }
    if (answer.kind !== "refused") {
      return;
    }
    as ??= answer.as;
    by.push(...origins());
  };
  const call = filteredCall(action);
  const filter = call === undefined ? undefined : judgeFilter(walls, call);
  if (filter !== undefined) {
    note(doubted(walls, "call", filter.answer), () => filter.by);
  }
  for (const need of action.needs) {
    const answer = judgeNeed(walls, need, surroundings);
    note(answer, () => blame(walls, (some) => judgeNeed(some, need, surroundings).kind === "refused"));
  }
  if (as !== undefined) {
    return { kind: "denied", by: distinctOrigins(by), as };
  }
  return reason === undefined ? { kind: "allowed" } : { kind: "unknown", reason };
}

/** What a process sees first, without finding the walls to blame: for searches over many actions. */
export function answerTo(built: readonly Wall[], action: SeenAction, surroundings: Surroundings = {}): Answer {
  const walls = standingWalls(built, surroundings);
  const call = filteredCall(action);
  let worst: Answer = call === undefined ? GRANTED : doubted(walls, "call", judgeFilter(walls, call).answer);
  for (const need of action.needs) {
    if (worst.kind === "refused") {
      return worst;
    }
    const answer = judgeNeed(walls, need, surroundings);
    if (answer.kind === "refused" || worst.kind === "granted") {
      worst = answer;
    }
  }
  return worst;
}

const OUTCOMES = { granted: "allowed", refused: "denied", unclear: "unknown" } as const;

/** Only the kind of verdict. */
export function outcomeOf(
  walls: readonly Wall[],
  action: SeenAction,
  surroundings: Surroundings = {},
): Verdict["kind"] {
  return OUTCOMES[answerTo(walls, action, surroundings).kind];
}

/**
 * The same walls around another identity: a worker that dropped root by itself, and its capabilities with it:
 * setuid(2).
 */
export function behind(sandbox: Sandbox, identity: Identity): Sandbox {
  const own = sandbox.walls.find((wall) => wall.kind === "identity");
  if ((own?.uid ?? 0) === identity.uid && (own?.gid ?? 0) === identity.gid) {
    return sandbox;
  }
  const wall: Wall = {
    kind: "identity",
    by: { kind: "service", uid: identity.uid },
    uid: identity.uid,
    gid: identity.gid,
    groups: [],
  };
  return { walls: [...sandbox.walls.filter((other) => other.kind !== "identity" && other.kind !== "ambient"), wall] };
}
