/**
 * Why anything is kept: what was seen; its kin, another name for it of equal power; and what usually goes with it. Which kinds count
 * is the level. More observed never takes evidence away, so that what was allowed once stays allowed.
 */
import {
  type Argument,
  type Call,
  callOf,
  type FileFacts,
  type Need,
  type Observation,
  type Seen,
  type SeenAction,
} from "../action/action.ts";
import { counts, type EvidenceKind, familiesOf, inWords, isOfMany, worked } from "../directives/seen.ts";
import { callEvidence } from "../directives/wanted-calls.ts";
import { ADDRESS_FAMILIES } from "../kernel/address-family.ts";
import { directoryOf, isWithin, plainPath } from "../kernel/path.ts";
import type { Abi, SyscallName } from "../kernel/syscalls/syscall.ts";
import { KERNEL_PLACES } from "../sandbox/writable.ts";
import { looksRandom, ownDirectories, steadyDirectory } from "./names.ts";

/** One thing that must stay allowed, and why. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** The action; of what was not seen, with who did what it is like, and when. */
  readonly seen: Seen;
  /** Of what was not seen: why it is expected, in words. */
  readonly because?: string;
}

/** A file name that no program uses: it represents every other name in a directory. */
const ANOTHER = "another-name-of-the-same-kind";

/** What the observation is evidence of at a level. `given`: the directories that the unit gives to the service. */
export function evidenceOf(
  observation: Observation,
  level: "strict" | "balanced",
  given: readonly string[],
  machine: Abi,
): readonly Evidence[] {
  const seen = observation.seen.filter(worked);
  const all: readonly Evidence[] = [
    ...seen.map((each) => ({ kind: "seen", seen: each }) as const),
    ...besideSeen(seen, ownDirectories(observation, given)),
    ...replacedFiles(seen),
    ...unseenCalls(observation, machine),
    ...socketsLikeSeen(observation, machine),
    ...kernelState(seen),
  ];
  return all.filter(({ kind }) => counts(level, kind));
}

/** In a few words: what was seen, or what is expected and why. */
export function evidenceText({ kind, seen, because }: Evidence, need?: Need): string {
  if (kind === "seen") {
    return inWords(seen, need);
  }
  const words = inWords({ ...seen, phases: [] }, need);
  return `${words.replace(ANOTHER, "…")} (not seen: ${because})`;
}

/** Who did it, and where it was seen: an action that was not seen takes these from the one that it is like. */
function likeSeen(seen: Seen, action: SeenAction): Seen {
  return { ...seen, action };
}

function uniqueBy(all: readonly Evidence[]): readonly Evidence[] {
  const found = new Map<string, Evidence>();
  for (const evidence of all) {
    const key = JSON.stringify([evidence.seen.action.needs, evidence.seen.identities]);
    found.set(key, found.get(key) ?? evidence);
  }
  return [...found.values()];
}

/** The same under another random name, and another file in a directory of the service's own. */
function besideSeen(all: readonly Seen[], own: readonly string[]): readonly Evidence[] {
  return uniqueBy(
    all.flatMap((seen) =>
      seen.action.needs.flatMap((need): readonly Evidence[] => {
        const beside = besideNeed(need, own);
        const because = "names there are made up, or in a directory of its own";
        return beside === undefined
          ? []
          : [{ kind: "kin", seen: likeSeen(seen, { call: seen.action.call, needs: [beside] }), because }];
      }),
    ),
  );
}

/** The same need at another name of its directory; undefined where the name is what matters. */
function besideNeed(need: Need, own: readonly string[]): Need | undefined {
  if (need.kind !== "path" || need.access === "look" || need.access === "execute") {
    return undefined;
  }
  const path = plainPath(need.path);
  const directory = steadyDirectory(path);
  const random = path.split("/").some(looksRandom);
  const owned = need.access !== "read" && own.some((each) => isWithin(directory, each));
  if (!random && !owned) {
    return undefined;
  }
  return { kind: "path", path: nameIn(directory), access: need.access };
}

function nameIn(directory: string): string {
  return directory === "/" ? `/${ANOTHER}` : `${directory}/${ANOTHER}`;
}

/** A file that is written to is a log that is rotated, or is replaced by another: one is made beside it. */
function replacedFiles(all: readonly Seen[]): readonly Evidence[] {
  return uniqueBy(
    all.flatMap((seen) =>
      seen.action.needs.flatMap((need): readonly Evidence[] => {
        if (need.kind !== "path" || need.access !== "write" || (need.file?.type ?? "file") !== "file") {
          return [];
        }
        const directory = directoryOf(plainPath(need.path));
        if (isOfMany(directory) || KERNEL_PLACES.some((place) => isWithin(directory, place))) {
          return [];
        }
        const made: Need = { kind: "path", path: nameIn(directory), access: "create" };
        const because = `${need.path} may be rotated or replaced`;
        return [{ kind: "likely", seen: likeSeen(seen, { call: seen.action.call, needs: [made] }), because }];
      }),
    ),
  );
}

function number(value: number): Argument {
  return { kind: "number", value: BigInt(value) };
}

/** Arguments with which a call asks for nothing out of the ordinary. */
function harmless(name: SyscallName): readonly Argument[] {
  const first = name === "socket" ? ADDRESS_FAMILIES.AF_UNIX : 0;
  return [number(first), ...Array.from({ length: 5 }, () => number(0))];
}

function unseenCalls(observation: Observation, machine: Abi): readonly Evidence[] {
  return callEvidence(observation, machine).flatMap(({ call: name, kind, seen, because }): readonly Evidence[] => {
    // What worked is evidence as it was. A call that failed for a reason of its own must go on failing for that one.
    // Of which family of sockets that is true is not known, so none is kept for it.
    if (kind === "seen" && (worked(seen) || name === "socket")) {
      return [];
    }
    const call: Call = { abi: machine, name, arguments: harmless(name) };
    return [{ kind, seen: likeSeen(seen, { call, needs: [] }), ...(because === undefined ? {} : { because }) }];
  });
}

/**
 * The sockets that name resolution and logging need, and the other internet protocol. AF_NETLINK is not among them:
 * getaddrinfo(3) does without (glibc 2.41, measured), only getifaddrs(3) fails.
 */
function socketsLikeSeen(observation: Observation, abi: Abi): readonly Evidence[] {
  const first = observation.seen.find(worked);
  if (first === undefined) {
    return [];
  }
  const families = familiesOf(observation);
  const internet = families.has("AF_INET") || families.has("AF_INET6");
  const of = (family: keyof typeof ADDRESS_FAMILIES, because: string): Evidence => {
    const call: Call = { abi, name: "socket", arguments: [number(ADDRESS_FAMILIES[family]), { kind: "unknown" }] };
    return { kind: "likely", seen: likeSeen(first, { call, needs: [] }), because };
  };
  const other = "a client or a server may come by the other internet protocol";
  return [
    of("AF_UNIX", "logging and looking names up go over such sockets"),
    ...(internet ? [of("AF_INET", other), of("AF_INET6", other)] : []),
  ];
}

const WORLD_READABLE: FileFacts = { type: "file", uid: 0, gid: 0, mode: 0o444 };

/** What allocators, run-times and libraries read in some code paths only. */
function kernelState(all: readonly Seen[]): readonly Evidence[] {
  const first = all.find(({ action }) => callOf(action)?.name.startsWith("open"));
  if (first === undefined) {
    return [];
  }
  const need: Need = { kind: "path", path: "/proc/meminfo", access: "read", file: WORLD_READABLE };
  const because = "run-times and libraries look at the machine's memory and processors in some code paths only";
  return [{ kind: "likely", seen: likeSeen(first, { call: first.action.call, needs: [need] }), because }];
}
