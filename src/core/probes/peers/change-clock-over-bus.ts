/**
 * Asks for a time that the kernel rejects as out of range, whoever asks: method_set_time in systemd's src/timedate/timedated.c asks
 * first who that is, and do_sys_settimeofday64 in the kernel's kernel/time/time.c looks at the time before it looks at capabilities.
 * Facts: org.freedesktop.timedate1(5).
 */
import { busSteps } from "../over-bus.ts";
import type { Probe } from "../probe.ts";

const TIMEDATE = {
  destination: "org.freedesktop.timedate1",
  path: "/org/freedesktop/timedate1",
  interface: "org.freedesktop.timedate1",
};

/** In microseconds: 146 thousand years, where the kernel keeps 292 and is set to at most 262. */
const NO_TIME = 2n ** 62n;

/** The attack: have the clock set by the daemon that keeps it. */
export const changeClockOverBus: Probe = {
  id: "change-clock-over-bus",
  title: "ask over the message bus to set the clock",
  gain: "Expired certificates that are valid again, valid ones that are not, and logs of another day.",
  goals: ["pose", "logs"],
  steps: (machine) =>
    busSteps(machine, TIMEDATE, {
      member: "SetTime",
      signature: "xbb",
      body: [NO_TIME, false, false],
      obeyedBy: "org.freedesktop.DBus.Error.InvalidArgs",
    }),
};
