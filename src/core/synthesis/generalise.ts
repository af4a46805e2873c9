/**
 * What was not seen but is obviously the same: a file beside a file, the same file under another random name, name
 * resolution, the other version of the internet protocol.
 */
import {
  type Argument,
  type Call,
  callOf,
  type Need,
  type Observation,
  type Seen,
  type SeenAction,
} from "../action/action.ts";
import { familiesOf, worked } from "../directives/seen.ts";
import { ADDRESS_FAMILIES } from "../kernel/address-family.ts";
import { isWithin, plainPath } from "../kernel/path.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";

/** A file name that no program uses: it represents every other name in a directory. */
const ANOTHER = "another-name-of-the-same-kind";

/**
 * Whether a part of a path looks random, or counted: process ids, dates, UUIDs, hashes, the endings of mkstemp(3).
 *
 * @example
 * import { looksRandom } from "cloison";
 * import assert from "node:assert";
 * assert.ok(looksRandom("sess_8f3ab2c91d0e") && looksRandom("tmp.Xa93bQ") && looksRandom("20240131"));
 * assert.ok(!looksRandom("nginx") && !looksRandom("python3.13"));
 */
export function looksRandom(part: string): boolean {
  const words = part.split(/[-_.]/);
  return words.some(
    (word) =>
      /^\d{3,}$/.test(word) ||
      /^[0-9a-f]{8,}$/i.test(word) ||
      (/^[A-Za-z0-9]{6}$/.test(word) && isMixed(word)) ||
      (/^[A-Za-z0-9]{10,}$/.test(word) && isMixed(word)),
  );
}

/** Digits or capitals in the midst of small letters, as a generator of names makes them. */
function isMixed(word: string): boolean {
  const switches = [...word].filter((character, index) => {
    const before = word[index - 1];
    return before !== undefined && kindOf(before) !== kindOf(character);
  });
  return switches.length >= 2;
}

function kindOf(character: string): "digit" | "capital" | "small" {
  if (/\d/.test(character)) {
    return "digit";
  }
  return /[A-Z]/.test(character) ? "capital" : "small";
}

/** The directory under which a path is always the same: cut before the first part that looks random. */
export function steadyDirectory(path: string): string {
  const parts = plainPath(path).split("/").slice(1, -1);
  const random = parts.findIndex(looksRandom);
  return `/${(random === -1 ? parts : parts.slice(0, random)).join("/")}`;
}

/** Directories that the service treats as its own: given by the unit, or made by it. */
export function ownDirectories(observation: Observation, given: readonly string[]): readonly string[] {
  const made = observation.seen
    .filter((seen) => worked(seen) && callOf(seen.action)?.name.startsWith("mkdir"))
    .flatMap((seen) => seen.action.needs)
    .flatMap((need) => (need.kind === "path" && need.access === "create" ? [plainPath(need.path)] : []));
  return [...new Set([...given.map(plainPath), ...made])].sort();
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
  return { kind: "path", path: directory === "/" ? `/${ANOTHER}` : `${directory}/${ANOTHER}`, access: need.access };
}

function number(value: number): Argument {
  return { kind: "number", value: BigInt(value) };
}

function socketOf(abi: Abi, family: keyof typeof ADDRESS_FAMILIES): Call {
  return { abi, name: "socket", arguments: [number(ADDRESS_FAMILIES[family]), { kind: "unknown" }] };
}

/**
 * The sockets that name resolution and logging need, and the other internet protocol. AF_NETLINK is not among them:
 * getaddrinfo(3) does without (glibc 2.41, measured), only getifaddrs(3) fails.
 */
function socketsLikeSeen(observation: Observation, abi: Abi): readonly Call[] {
  const families = familiesOf(observation);
  const internet = families.has("AF_INET") || families.has("AF_INET6");
  const unix = [socketOf(abi, "AF_UNIX")];
  return internet ? [...unix, socketOf(abi, "AF_INET"), socketOf(abi, "AF_INET6")] : unix;
}

/** Who did it, and where it was seen: an action that was not seen takes these from the one that it is like. */
function likeSeen(seen: Seen, action: SeenAction): Seen {
  return { ...seen, action };
}

/**
 * Actions that were not seen but must work as well, each like one that was; only those whose paths or sockets differ.
 * `given`: the directories that the unit gives to the service.
 */
export function generalised(observation: Observation, given: readonly string[], machine: Abi): readonly Seen[] {
  const own = ownDirectories(observation, given);
  const known = new Set<string>();
  const found: Seen[] = [];
  for (const seen of observation.seen.filter(worked)) {
    for (const need of seen.action.needs) {
      const beside = besideNeed(need, own);
      const key = JSON.stringify([beside, seen.identities]);
      if (beside === undefined || known.has(key)) {
        continue;
      }
      known.add(key);
      found.push(likeSeen(seen, { call: seen.action.call, needs: [beside] }));
    }
  }
  const first = observation.seen.find(worked);
  if (first === undefined) {
    return found;
  }
  return [...found, ...socketsLikeSeen(observation, machine).map((call) => likeSeen(first, { call, needs: [] }))];
}
