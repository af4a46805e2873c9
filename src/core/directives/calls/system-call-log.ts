/** SystemCallLog=. Facts: systemd.exec(5), SECCOMP_RET_LOG in seccomp(2); how lines merge and what is loaded: systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import type { FilterAction } from "../../seccomp/policy/policy.ts";
import { abisOf, filterPolicy } from "../_filter.ts";
import { sameValue } from "../_scalar.ts";
import { type CallList, foldCalls } from "../call-list.ts";
import { type Directive, type FilterWall, never, type UnitFacts } from "../directive.ts";

const ALLOW: FilterAction = { kind: "allow" };
const LOG: FilterAction = { kind: "log" };

function lineOf({ mode, calls }: CallList): string {
  return `${mode === "deny" ? "~" : ""}${Object.keys(calls).join(" ")}`;
}

/** A plain list of nothing logs nothing, as none does; but a further line adds to it. */
function isIdle(list: CallList | undefined): boolean {
  return list === undefined || (list.mode === "allow" && Object.keys(list.calls).length === 0);
}

/** Of a plain list its calls are logged, of one with `~` all others. */
function wallOf(list: CallList, facts: UnitFacts): FilterWall {
  const [listed, others] = list.mode === "allow" ? [LOG, ALLOW] : [ALLOW, LOG];
  const rules = [{ calls: Object.keys(list.calls), action: listed }];
  return {
    kind: "filter",
    by: setting("SystemCallLog", lineOf(list)),
    policy: filterPolicy(rules, others, abisOf(facts)),
  };
}

/** It refuses nothing; it is how to see what a filter would refuse. */
export const systemCallLog: Directive<CallList | undefined> = {
  name: "SystemCallLog",
  since: 247,
  group: "calls",
  summary: "Writes these system calls of the service to the kernel's log, or, after a `~`, all but these.",
  breaks: "Nothing; a long list fills the log and costs time.",
  requires: ["seccomp"],
  ineffective: ["Actions that kernel.seccomp.actions_logged leaves out are not logged."],
  initial: undefined,
  fold: (assignments, facts) =>
    foldCalls(assignments, facts.machine, { name: "SystemCallLog", answers: false }, facts.systemd),
  print: (value, below) => {
    if (sameValue(value, below)) {
      return [];
    }
    const lines = value === undefined ? [] : [lineOf(value)];
    return below === undefined ? lines : ["", ...lines];
  },
  meet: (a, b) => (isIdle(b) && !isIdle(a) ? a : b),
  samples: ["@mount", "~@system-service"],
  walls: () => [],
  filter: { turn: 135, walls: (value, facts) => (value === undefined || isIdle(value) ? [] : [wallOf(value, facts)]) },
  ladder: never("It writes to the log and refuses nothing."),
};
