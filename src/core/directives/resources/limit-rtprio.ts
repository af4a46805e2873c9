/**
 * LimitRTPRIO=. Facts: systemd.exec(5), RLIMIT_RTPRIO in getrlimit(2), sched(7). Set, it also keeps RestrictRealtime= from
 * making the limit 0: systemd 257's src/core/exec-invoke.c.
 */
import { setting } from "../../sandbox/origin.ts";
import { type Directive, never } from "../directive.ts";
import { asNumber } from "./_amount.ts";
import { limitDirective, limitOf } from "./_limit.ts";

/** A door: without it only CAP_SYS_NICE leads to a real-time class. */
export const limitRtprio: Directive<string> = limitDirective({
  name: "LimitRTPRIO",
  summary: "Lets processes without CAP_SYS_NICE take real-time priorities up to this one.",
  breaks: "Nothing below the priorities that a service asks for.",
  ineffective: ["RestrictRealtime= refuses sched_setscheduler(2) all the same, but sched_setattr(2) no longer."],
  requires: ["raised-limits"],
  unit: "number",
  samples: ["0", "10"],
  walls: (value) => {
    const limit = limitOf(value);
    const by = setting("LimitRTPRIO", value);
    return limit === undefined
      ? []
      : [{ kind: "limit", by, name: "RTPRIO", soft: asNumber(limit.soft), hard: asNumber(limit.hard) }];
  },
  ladder: never("RestrictRealtime= closes the same, whatever the limit."),
});
