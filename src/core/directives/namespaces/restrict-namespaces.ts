/**
 * RestrictNamespaces=. Facts: systemd.exec(5), namespaces(7); calls, errors, how lines merge, and that time namespaces
 * are refused by every list but cannot be named to any effect: measured on systemd 257. That s390's clone takes the
 * flags second: clone(2), and systemd's src/shared/seccomp-util.c.
 */

import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { NAMESPACE_FLAGS, NAMESPACE_KINDS, type NamespaceKind } from "../../kernel/namespace.ts";
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { setting } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import { parseBoolean } from "../_boolean.ts";
import { abisOf, argument, fails, filterWall, hasBits } from "../_filter.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Candidate, Directive, FilterWall, Situation, UnitFacts } from "../directive.ts";
import { inWords, needsOf } from "../seen.ts";

/** The kinds that may still be made, in a fixed order; undefined when unset. */
type Permitted = readonly NamespaceKind[] | undefined;

/** From this version on `time` is restricted as well; before, it could be named to no effect (systemd/systemd#35449). */
const TIME_RESTRICTED_SINCE = 258;

/** The kinds that a version restricts. */
function nameable(systemd: number): readonly NamespaceKind[] {
  return NAMESPACE_KINDS.filter((kind) => kind !== "time" || systemd >= TIME_RESTRICTED_SINCE);
}

function inOrder(kinds: Iterable<string>, systemd: number): readonly NamespaceKind[] {
  const set = new Set(kinds);
  return nameable(systemd).filter((kind) => set.has(kind));
}

/** systemd 247 does not know the kind `time`, 252 does (measured on both); what is between them is not known here. */
const TIME_SINCE = 248;

function foldLine(value: Permitted, text: string, systemd: number): { value: Permitted; unknown: readonly string[] } {
  if (text === "") {
    return { value: undefined, unknown: [] };
  }
  const boolean = parseBoolean(text);
  if (boolean !== undefined) {
    return { value: boolean ? [] : nameable(systemd), unknown: [] };
  }
  const invert = text.startsWith("~");
  const words = (invert ? text.slice(1) : text).split(/\s+/).filter((word) => word !== "");
  const unknown = words.filter(
    (word) => !NAMESPACE_KINDS.some((kind) => kind === word && (kind !== "time" || systemd >= TIME_SINCE)),
  );
  // A single unknown word makes systemd ignore the whole line.
  if (unknown.length > 0) {
    return { value, unknown };
  }
  if (invert) {
    return { value: (value ?? nameable(systemd)).filter((kind) => !words.includes(kind)), unknown };
  }
  return { value: inOrder([...(value ?? []), ...words], systemd), unknown };
}

/** clone3 keeps its flags behind a pointer and fails as a whole; setns with 0 would enter any kind. */
function wall(permitted: readonly NamespaceKind[], facts: UnitFacts): FilterWall {
  const by = setting("RestrictNamespaces", permitted.length === 0 ? "yes" : permitted.join(" "));
  const action = fails("EPERM");
  const refused = NAMESPACE_KINDS.filter((kind) => !permitted.includes(kind)).map((kind) => NAMESPACE_FLAGS[kind]);
  const setns: readonly NamedRule[] =
    permitted.length === 0
      ? [{ calls: ["setns"], action }]
      : [
          { calls: ["setns"], when: [argument(1, "eq", 0)], action },
          ...refused.map((flag) => ({ calls: ["setns"], when: [hasBits(1, flag)], action })),
        ];
  const flagsOfClone = (abi: Abi): number => (tableOf(abi).clone === "stack-first" ? 1 : 0);
  const rules = (abi: Abi): readonly NamedRule[] => [
    { calls: ["clone3"], action: fails("ENOSYS") },
    ...setns,
    ...refused.flatMap((flag) => [
      { calls: ["unshare"], when: [hasBits(0, flag)], action },
      { calls: ["clone"], when: [hasBits(flagsOfClone(abi), flag)], action },
    ]),
  ];
  return filterWall(by, rules, abisOf(facts));
}

function candidates({ observation, unit: { systemd } }: Situation): readonly Candidate<Permitted>[] {
  const uses = needsOf(observation, "namespace");
  const needed = inOrder(
    uses.flatMap(({ need }) => need.namespaces),
    systemd,
  );
  const none = { value: [], reason: "was not seen to make or enter namespaces" };
  return needed.length === 0
    ? [none]
    : [
        none,
        {
          value: needed,
          reason: `kept ${needed.join(", ")}: was seen to make or enter such namespaces`,
          doors: needed.map((kind) => {
            const use = uses.find(({ need }) => need.namespaces.includes(kind));
            return `may make or enter ${kind} namespaces${use === undefined ? "" : `: ${inWords(use.seen, use.need)}`}`;
          }),
        },
      ];
}

/** New namespaces are where most of the kernel's privileged code opens to everybody. */
export const restrictNamespaces: Directive<Permitted> = {
  name: "RestrictNamespaces",
  since: 233,
  group: "namespaces",
  summary: "Refuses to make or enter namespaces, in which an ordinary user is root towards much of the kernel.",
  breaks: "Container run-times, and browsers or other programs that sandbox their parts.",
  weight: 4100,
  requires: ["seccomp"],
  ineffective: ["~time alone does nothing in systemd 257."],
  initial: undefined,
  fold: (assignments, { systemd }) => {
    let value: Permitted;
    const diagnostics: Diagnostic[] = [];
    for (const assignment of assignments) {
      const folded = foldLine(value, assignment.value.trim(), systemd);
      value = folded.value;
      for (const word of folded.unknown) {
        diagnostics.push(ignored("RestrictNamespaces", { ...assignment, value: word }, "a kind of namespace"));
      }
    }
    return { value, diagnostics };
  },
  print: (value, below) => {
    if (value === undefined || sameValue(value, below)) {
      return [];
    }
    if (value.length === 0) {
      return ["yes"];
    }
    if (value.length === NAMESPACE_KINDS.length) {
      return ["no"];
    }
    return [...(below === undefined ? [] : [""]), value.join(" ")];
  },
  meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : a.filter((kind) => b.includes(kind))),
  samples: ["yes", "mnt pid", "~user net"],
  walls: () => [],
  filter: {
    turn: 60,
    walls: (value, facts) =>
      value === undefined || value.length === nameable(facts.systemd).length ? [] : [wall(value, facts)],
  },
  ladder: candidates,
};
