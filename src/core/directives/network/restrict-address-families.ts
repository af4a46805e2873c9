/**
 * RestrictAddressFamilies=. Facts: systemd.exec(5), socket(2); EAFNOSUPPORT, and that i386 is skipped because its
 * socketcall keeps arguments behind a pointer: measured on systemd 257; that all others with socketcall are skipped as
 * well: its src/shared/seccomp-util.c.
 */

import { type Call, callOf, type SeenAction } from "../../action/action.ts";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { addressFamilyName, addressFamilyNumber } from "../../kernel/address-family.ts";
import { routeOf } from "../../kernel/syscalls/multiplexer.ts";
import { setting } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import { abisOf, argument, fails, filterWall } from "../_filter.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Candidate, Directive, FilterWall, Situation, UnitFacts } from "../directive.ts";
import { familiesOf, worked } from "../seen.ts";

/** Names in the order of their numbers. */
interface FamilyList {
  readonly mode: "allow" | "deny";
  readonly families: readonly string[];
}

type Families = FamilyList | undefined;

function inOrder(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort((a, b) => (addressFamilyNumber(a) ?? 0) - (addressFamilyNumber(b) ?? 0));
}

function numberOfFamily(name: string): number {
  return addressFamilyNumber(name) ?? 0;
}

/** The one name of a family that has several. */
function nameOfWord(word: string): string | undefined {
  const number = addressFamilyNumber(word);
  return number === undefined || number === 0 ? undefined : addressFamilyName(number);
}

/** First systemd that knows `none`; to an older one it is a name that no family has, in a list of what is allowed. */
const NONE_SINCE = 249;

function foldLine(value: Families, text: string, systemd: number): { value: Families; unknown: readonly string[] } {
  if (text === "") {
    return { value: undefined, unknown: [] };
  }
  if (text === "none" && systemd >= NONE_SINCE) {
    return { value: { mode: "allow", families: [] }, unknown: [] };
  }
  const invert = text.startsWith("~");
  const words = (invert ? text.slice(1) : text).split(/\s+/).filter((word) => word !== "");
  const mode = value?.mode ?? (invert ? "deny" : "allow");
  const named = words.map(nameOfWord).filter((name) => name !== undefined);
  const before = value?.families ?? [];
  const adds = invert === (mode === "deny");
  const families = adds ? inOrder([...before, ...named]) : before.filter((name) => !named.includes(name));
  return { value: { mode, families }, unknown: words.filter((word) => nameOfWord(word) === undefined) };
}

/** An allow list needs a rule for each gap, since libseccomp cannot express "none of these". */
function gaps(families: readonly string[]): readonly NamedRule[] {
  const calls = ["socket"];
  const action = fails("EAFNOSUPPORT");
  const numbers = families.map(numberOfFamily).sort((a, b) => a - b);
  const [first] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) {
    return [{ calls, action }];
  }
  const between = Array.from({ length: last - first }, (_, offset) => first + offset).filter(
    (n) => !numbers.includes(n),
  );
  return [
    { calls, when: [argument(0, "lt", first)], action },
    { calls, when: [argument(0, "gt", last)], action },
    ...between.map((family) => ({ calls, when: [argument(0, "eq", family)], action })),
  ];
}

function wall({ mode, families }: FamilyList, facts: UnitFacts): FilterWall {
  const by = setting(
    "RestrictAddressFamilies",
    `${mode === "deny" ? "~" : ""}${families.length === 0 ? "none" : families.join(" ")}`,
  );
  const action = fails("EAFNOSUPPORT");
  const rules =
    mode === "allow"
      ? gaps(families)
      : families.map((name) => ({ calls: ["socket"], when: [argument(0, "eq", numberOfFamily(name))], action }));
  const covered = abisOf(facts).filter((abi) => routeOf(abi, "socket") === undefined);
  return filterWall(by, rules, covered);
}

function meet(a: FamilyList, b: FamilyList): FamilyList {
  if (a.mode === "deny" && b.mode === "deny") {
    return { mode: "deny", families: inOrder([...a.families, ...b.families]) };
  }
  if (a.mode === "deny") {
    return meet(b, a);
  }
  const keeps = (name: string) => b.families.includes(name) === (b.mode === "allow");
  return { mode: "allow", families: a.families.filter(keeps) };
}

/**
 * Name resolution and logging need AF_UNIX, and a client of today may come by IPv6 tomorrow: at the balanced level that is evidence,
 * so that it keeps the families that go together. AF_NETLINK must have been seen: getaddrinfo(3) does without it (glibc 2.41, measured),
 * only the list of interfaces does not, and few programs ask for that.
 */
function candidates({ observation }: Situation): readonly Candidate<Families>[] {
  const seen = [...familiesOf(observation)].filter(
    (name) => addressFamilyNumber(name) !== undefined && name !== "AF_UNSPEC",
  );
  const kept = new Set(seen);
  const internet = kept.has("AF_INET") || kept.has("AF_INET6");
  if (internet) {
    for (const name of ["AF_INET", "AF_INET6"]) {
      kept.add(name);
    }
  }
  kept.add("AF_UNIX");
  const doors = inOrder(seen)
    .filter((name) => !["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"].includes(name))
    .map((name) => `kept ${name}: was seen to make such sockets`);
  const made =
    seen.length === 0 ? "was not seen to make sockets" : `was seen to make sockets of ${inOrder(seen).join(", ")} only`;
  const beside = inOrder(kept).filter((name) => !seen.includes(name));
  const reason = beside.length === 0 ? made : `${made}; kept as well: ${beside.join(", ")}`;
  const exact: Candidate<Families> = { value: { mode: "allow", families: inOrder(seen) }, reason: made, doors };
  // A socket that was handed over needs no leave to be made.
  const own = inOrder(observation.seen.filter(worked).flatMap(({ action }) => madeFamilies(action)));
  const fewest: Candidate<Families> = { value: { mode: "allow", families: own }, reason: made, doors };
  const likely: Candidate<Families> = { value: { mode: "allow", families: inOrder(kept) }, reason, doors };
  const first = [fewest, exact, likely].filter(
    ({ value }, index, ladder) => ladder.findIndex((each) => sameValue(each.value, value)) === index,
  );
  if (!internet || kept.has("AF_NETLINK")) {
    return first;
  }
  const more = inOrder([...kept, "AF_UNIX", "AF_NETLINK"]);
  return [
    ...first,
    { value: { mode: "allow", families: more }, reason: `${reason}; these alone are not enough`, doors },
  ];
}

/** The family of the socket that an action makes; none for another one. */
function madeFamilies(action: SeenAction): readonly string[] {
  const call = callOf(action);
  return call === undefined ? [] : madeFamily(call);
}

/** The family of the socket that a call makes; none for another call. */
function madeFamily({ name, arguments: [family] }: Call): readonly string[] {
  if (name !== "socket" || family?.kind !== "number") {
    return [];
  }
  const known = addressFamilyName(Number(family.value));
  return known === undefined ? [] : [known];
}

/** Only these kinds of sockets can be made. Sockets passed to the service, and socketpair, are left alone. */
export const restrictAddressFamilies: Directive<Families> = {
  name: "RestrictAddressFamilies",
  since: 211,
  group: "network",
  summary: "Lets the service make sockets of these families only; many others are rarely tested ways into the kernel.",
  breaks: "Services that use raw, packet, Bluetooth, VM or other sockets that were not seen.",
  broke: [
    {
      sentence: "unbound lists interfaces over AF_NETLINK, since 1.12 also for names in interface:.",
      reference: "NLnetLabs/unbound#350",
    },
    {
      sentence: "node_exporter's netdev collector gave no numbers without AF_NETLINK after an update.",
      reference: "NixOS/nixpkgs#199201",
    },
    {
      sentence: "node_exporter's collectors for systemd and logind failed without AF_UNIX.",
      reference: "NixOS/nixpkgs#141486",
    },
    { sentence: "fdns could not use --proxy-addr= without AF_NETLINK.", reference: "netblue30/fdns#15" },
    {
      sentence: "ngIRCd lost its log without AF_UNIX, over which it talks to syslog.",
      reference: "ngircd/ngircd@74f021fb",
    },
    {
      sentence: "MPD ended when music came from SMB: libsmbclient gives up without AF_NETLINK.",
      reference: "MusicPlayerDaemon/MPD@bdfe5e97c",
    },
    {
      sentence: "systemd-logind did not know users from NIS without AF_INET and behind IPAddressDeny=.",
      reference: "systemd/systemd#9072",
    },
    {
      sentence: "systemd-udevd could not set link properties with ethtool without AF_INET.",
      reference: "systemd/systemd#4293",
    },
  ],
  weight: 3975,
  requires: ["seccomp"],
  ineffective: [
    "32-bit calls are not covered: pair it with SystemCallArchitectures=native.",
    "A ring of io_uring makes sockets without a call that is looked at: refuse io_uring_setup, as in ~@aio.",
    "On s390x, PowerPC and 32-bit mips it does nothing.",
  ],
  initial: undefined,
  fold: (assignments, { systemd }) => {
    let value: Families;
    const diagnostics: Diagnostic[] = [];
    let afterNone = false;
    for (const assignment of assignments) {
      // After `none` the next line is as good as the first.
      const folded = foldLine(afterNone ? undefined : value, assignment.value.trim(), systemd);
      afterNone = assignment.value.trim() === "none" && systemd >= NONE_SINCE;
      value = folded.value;
      for (const word of folded.unknown) {
        diagnostics.push(
          ignored("RestrictAddressFamilies", { ...assignment, value: word }, "the name of an address family"),
        );
      }
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (value === undefined || sameValue(value, below)) {
      return [];
    }
    const line = value.families.length === 0 && value.mode === "allow" ? "none" : value.families.join(" ");
    return [...(below === undefined ? [] : [""]), value.mode === "deny" ? `~${line}` : line];
  },
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : meet(a, b)),
  valueSince: (value) => (value?.mode === "allow" && value.families.length === 0 ? NONE_SINCE : 211),
  samples: ["AF_UNIX", "AF_INET AF_INET6 AF_UNIX", "none", "~AF_PACKET AF_NETLINK"],
  narrowedTo: (actions) => actions.flatMap(({ call }) => madeFamily(call)).map((family) => `~${family}`),
  walls: () => [],
  filter: { turn: 20, walls: (value, facts) => (value === undefined ? [] : [wall(value, facts)]) },
  ladder: candidates,
};
