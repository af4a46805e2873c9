/**
 * SystemCallFilter=. Facts: systemd.exec(5), "System Call Filtering"; the default answer of allow lists, the call that
 * systemd itself needs, and how lines merge, measured on systemd 257.
 */

import { errnoNumber } from "../../kernel/errno.ts";
import { expandGroup } from "../../kernel/syscalls/groups.ts";
import { isSyscallName } from "../../kernel/syscalls/syscall.ts";
import { setting, type WallOrigin } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import type { FilterAction } from "../../seccomp/policy/policy.ts";
import { abisOf, filterPolicy } from "../_filter.ts";
import { sameValue } from "../_scalar.ts";
import { type CallList, foldCalls, meetCalls, printCalls, refusedByName } from "../call-list.ts";
import type { Candidate, Directive, FilterWall, Situation, UnitFacts } from "../directive.ts";
import { equalCalls, isEverybodys, wantedCalls } from "../wanted-calls.ts";
import { killsAlready, withoutKilling } from "./_without-killing.ts";
import { errnoOf, systemCallErrorNumber } from "./system-call-error-number.ts";

/** Since this version systemd reports each start through a pipe, and lets `write` through for that. */
const HANDOFF_SINCE = 256;
const ENOSYS_SINCE = 247;
const KILL_PROCESS_SINCE = 243;
const KEPT_CAPABILITY_SINCE = 255;

/** Whether systemd can keep CAP_SYS_ADMIN until the filter of a user other than root is loaded, as it does since 255. */
function keepsCapabilityCalls(value: CallList | undefined): boolean {
  if (value === undefined) {
    return true;
  }
  return ["capget", "capset", "prctl"].every((name) => Object.hasOwn(value.calls, name) === (value.mode === "allow"));
}

function actionOf(answer: "unset" | "kill" | number, facts: UnitFacts): FilterAction {
  if (typeof answer === "number") {
    return { kind: "errno", errno: errnoOf(answer, facts.machine) };
  }
  return { kind: facts.systemd >= KILL_PROCESS_SINCE ? "kill-process" : "kill-thread" };
}

/** Calls with an answer of their own, one rule per answer. */
function overrides(list: CallList, facts: UnitFacts): readonly NamedRule[] {
  return Object.entries(list.calls).flatMap(([name, answer]) =>
    answer === "listed" || isHandoff(name, facts) ? [] : [{ calls: [name], action: actionOf(answer, facts) }],
  );
}

function isHandoff(name: string, facts: UnitFacts): boolean {
  return name === "write" && facts.systemd >= HANDOFF_SINCE;
}

/** The list as it would be written, cut where it gets long. */
function originOf(list: CallList, facts: UnitFacts): WallOrigin {
  const words = printCalls(list, undefined, facts.machine).join(" ").split(" ");
  return setting("SystemCallFilter", `${words.slice(0, 3).join(" ")}${words.length > 3 ? " …" : ""}`);
}

const builtWalls = new WeakMap<CallList, Map<string, FilterWall>>();

/** A list is long, and a search asks for the wall of the same one again and again. */
function wallOf(list: CallList, facts: UnitFacts): FilterWall {
  const walls = builtWalls.get(list) ?? new Map<string, FilterWall>();
  builtWalls.set(list, walls);
  const key = `${facts.systemd} ${facts.machine} ${facts.valueOf(systemCallErrorNumber)}`;
  const wall = walls.get(key) ?? builtWall(list, facts);
  walls.set(key, wall);
  return wall;
}

function builtWall(list: CallList, facts: UnitFacts): FilterWall {
  const by = originOf(list, facts);
  const abis = abisOf(facts);
  const answer = actionOf(facts.valueOf(systemCallErrorNumber), facts);
  const listed = Object.keys(list.calls).filter((name) => list.calls[name] === "listed");
  const special = overrides(list, facts);
  const allow: FilterAction = { kind: "allow" };
  if (list.mode === "deny") {
    const refused = listed.filter((name) => !isHandoff(name, facts));
    return { kind: "filter", by, policy: filterPolicy([...special, { calls: refused, action: answer }], allow, abis) };
  }
  const allowed = facts.systemd >= HANDOFF_SINCE ? [...listed, "write"] : listed;
  // With ENOSYS for those, too, systemd has no need to name them: what goes through socketcall then passes.
  const silent = facts.valueOf(systemCallErrorNumber) === errnoNumber("ENOSYS", facts.machine);
  const known = refusedByName(facts.machine).filter((name) => !silent && !Object.hasOwn(list.calls, name));
  const rules = [...special, { calls: allowed, action: allow }];
  const policy =
    facts.systemd >= ENOSYS_SINCE
      ? filterPolicy([...rules, { calls: known, action: answer }], { kind: "errno", errno: "ENOSYS" }, abis)
      : filterPolicy(rules, answer, abis);
  return { kind: "filter", by, policy };
}

function candidates({ observation, unit }: Situation): readonly Candidate<CallList | undefined>[] {
  const ladder = (["strict", "balanced"] as const).map((level) => {
    const calls = wantedCalls(observation, level, unit.machine);
    const names = [...new Set([...expandGroup("@default"), ...calls.names])].filter(isSyscallName).sort();
    const value: CallList = { mode: "allow", calls: Object.fromEntries(names.map((name) => [name, "listed"])) };
    return gently({ value, reason: calls.reason, doors: calls.doors }, unit);
  });
  return ladder.filter(({ value }, index) => index === 0 || !sameValue(value, ladder[0]?.value));
}

/** A candidate under which nothing is killed that the unit's own filter let through. */
function gently(candidate: Candidate<CallList | undefined>, unit: UnitFacts): Candidate<CallList | undefined> {
  const { value, reason } = candidate;
  const own = { list: unit.valueOf(systemCallFilter), answer: unit.valueOf(systemCallErrorNumber) };
  if (value === undefined || !killsAlready(own)) {
    return candidate;
  }
  const gentle = "what is refused beside what the unit itself kills for fails with EPERM";
  return { ...candidate, value: withoutKilling(value, own.list, unit.machine), reason: `${reason}; ${gentle}` };
}

/** The list of system calls that the service may make at all. */
export const systemCallFilter: Directive<CallList | undefined> = {
  name: "SystemCallFilter",
  since: 187,
  group: "calls",
  summary: "Lets the service make only these system calls, so that it reaches less of the kernel.",
  breaks: "Code paths that were not seen, and updates of libraries that begin to use other calls.",
  broke: [
    {
      sentence:
        "PostgreSQL could not archive: ~@privileged killed wal-g, which archive_command starts only once a WAL segment is full.",
      reference: "NixOS/nixpkgs#385603",
    },
    {
      sentence: "Syncthing's option syncOwnership lost chown, which ~@privileged takes out of @system-service again.",
      reference: "syncthing/syncthing#10603",
    },
    {
      sentence:
        "dnscrypt-proxy dumped core at every start after an update behind ~@resources: since Go 1.19 its run-time raises the limit of open files.",
      reference: "NixOS/nixpkgs#197443",
    },
    {
      sentence: "The services of sourcehut, all in Go, no longer started behind ~@resources.",
      reference: "NixOS/nixpkgs#199778",
    },
    {
      sentence: "Navidrome no longer started behind ~@resources, since Go calls setrlimit.",
      reference: "navidrome/navidrome#2333",
    },
    { sentence: "Miniflux no longer started after an update of systemd or Go.", reference: "NixOS/nixpkgs#197302" },
    {
      sentence:
        "httpd no longer started behind ~@resources after an update of glibc, which asks for a limit when threads are set up.",
      reference: "systemd/systemd#6952",
    },
    {
      sentence:
        "Knot needs sched_setaffinity, which ~@resources refuses, but only on machines with more than one processor.",
      reference: "NixOS/nixpkgs#148543",
    },
    {
      sentence:
        "Grafana died some seconds after its start when it listens on a socket file, whose owner it changes: the filter lacked @chown.",
      reference: "NixOS/nixpkgs#207824",
    },
    {
      sentence:
        "matrix-appservice-irc could not prepare its start: @chown stood before ~@privileged, which took it away again, and chgrp runs only when the registration file is made.",
      reference: "NixOS/nixpkgs#273929",
    },
    {
      sentence: "ZNC could not make its first znc.conf, because changing the owner was refused.",
      reference: "NixOS/nixpkgs#123883",
    },
    {
      sentence:
        "Jobs of a GitHub runner failed behind ~@debug and ~@privileged: cargo-tarpaulin traces, ar changes owners.",
      reference: "NixOS/nixpkgs#181573",
    },
    {
      sentence: "Paperless could no longer take in documents once it had learned to classify them.",
      reference: "NixOS/nixpkgs#164615",
    },
    { sentence: "PhotoPrism could not rotate images.", reference: "NixOS/nixpkgs#249120" },
    { sentence: "botamusique did not work, the filter was too strict.", reference: "NixOS/nixpkgs#205702" },
    {
      sentence: "Transmission answers a question for free space with quotactl, which ~@privileged refuses.",
      reference: "NixOS/nixpkgs nixos/modules/services/torrent/transmission.nix",
    },
    {
      sentence: "user-runtime-dir@ failed after an update of systemd, which sets quotas with quotactl.",
      reference: "tiiuae/ghaf#1520",
    },
    {
      sentence: "mtail, as Debian builds it, was killed at its start by the filter that its own authors had written.",
      reference: "jaqx0r/mtail#175",
    },
  ],
  weight: 8900,
  requires: ["seccomp"],
  ineffective: [
    "Other architectures have the same list, but some directives do not cover them: pair it with SystemCallArchitectures=native.",
    "What a ring of io_uring does, opening files and sockets among it, no list refuses that allows io_uring_setup.",
  ],
  initial: undefined,
  fold: (assignments, facts) => foldCalls(assignments, facts.machine, undefined, facts.systemd),
  print: (value, below, machine) =>
    value === undefined || sameValue(value, below) ? [] : printCalls(value, below, machine),
  meet: (a, b, machine) => (a === undefined || b === undefined ? (a ?? b) : meetCalls(a, b, machine)),
  samples: ["@system-service", "~@mount", "~@debug:ENOSYS", "~@resources @privileged", "~@aio"],
  // What nearly every program makes is nobody's to take away.
  narrowedTo: (actions) =>
    actions.flatMap(({ call }) =>
      call.through !== undefined || isEverybodys(call.name) ? [] : [`~${equalCalls(call.name).join(" ")}`],
    ),
  walls: () => [],
  filter: {
    turn: 140,
    walls: (value, facts) => (value === undefined ? [] : [wallOf(value, facts)]),
    setsNoNewPrivileges: (value, facts) => facts.systemd < KEPT_CAPABILITY_SINCE || !keepsCapabilityCalls(value),
  },
  ladder: candidates,
};
