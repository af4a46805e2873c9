/** RestrictRealtime=. Facts: systemd.exec(5), sched(7); policies, and the limit that covers sched_setattr, measured on systemd 257. */

import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { setting } from "../../sandbox/origin.ts";
import type { NamedRule } from "../../seccomp/policy/build.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { abisOf, argument, fails, filterWall } from "../_filter.ts";
import type { Directive } from "../directive.ts";
import { limitRtprio } from "../resources/limit-rtprio.ts";

const BY = setting("RestrictRealtime", "yes");

const PERMITTED: readonly number[] = [
  SCHEDULER_POLICIES.SCHED_OTHER,
  SCHEDULER_POLICIES.SCHED_BATCH,
  SCHEDULER_POLICIES.SCHED_IDLE,
];

/** From this version on it refuses the younger call as a whole, for its policy lies behind a pointer (measured on 257 and 262). */
const ATTRIBUTES_SINCE = 262;

/** systemd permits by exact value: a policy with SCHED_RESET_ON_FORK is refused as well. */
function rules(systemd: number): readonly NamedRule[] {
  const highest = Math.max(...PERMITTED);
  const refused = Array.from({ length: highest }, (_, policy) => policy).filter(
    (policy) => !PERMITTED.includes(policy),
  );
  const calls = ["sched_setscheduler"];
  const action = fails("EPERM");
  return [
    ...refused.map((policy) => ({ calls, when: [argument(1, "eq", policy)], action })),
    { calls, when: [argument(1, "gt", highest)], action },
    ...(systemd < ATTRIBUTES_SINCE ? [] : [{ calls: ["sched_setattr"], action }]),
  ];
}

/** No process of the service may keep the processors for itself. */
export const restrictRealtime: Directive<boolean> = booleanDirective({
  name: "RestrictRealtime",
  since: 231,
  group: "privileges",
  summary: "Refuses real-time scheduling, with which one process can starve the whole machine.",
  breaks: "Sound servers, time synchronisation and watchdogs that ask for real-time priority.",
  weight: 500,
  requires: ["seccomp"],
  ineffective: [
    "Before systemd 262 sched_setattr is not looked at: whoever has CAP_SYS_NICE asks by that, so drop the capability as well.",
    "LimitRTPRIO= in the same unit lifts the limit that covers sched_setattr.",
  ],
  walls: (facts) => (facts.valueOf(limitRtprio) === "" ? [{ kind: "real-time", by: BY }] : []),
  filter: { turn: 40, walls: (facts) => [filterWall(BY, rules(facts.systemd), abisOf(facts))] },
  ladder: worthTrying("was not seen to ask for real-time scheduling"),
});
