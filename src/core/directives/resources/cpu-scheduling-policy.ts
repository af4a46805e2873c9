/** CPUSchedulingPolicy=. Facts: systemd.exec(5), sched(7); that any number is taken, too: measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { scalarDirective } from "../_scalar.ts";
import { type Directive, never } from "../directive.ts";
import { cpuSchedulingResetOnFork } from "./cpu-scheduling-reset-on-fork.ts";

/** Mildest to the machine first. */
const CLASSES = ["idle", "batch", "other", "ext", "rr", "fifo"] as const;
/** A number that is none of these is left to the kernel, which knows none that is of use here. */
type Class = (typeof CLASSES)[number] | `${bigint}`;

const NUMBERS: Readonly<Record<string, Class>> = { "0": "other", "1": "fifo", "2": "rr", "3": "batch", "5": "idle" };
const EXT_SINCE = 258;

/** A unit with a class that the kernel does not know does not start. */
function rank(value: Class): number {
  return (CLASSES as readonly Class[]).indexOf(value);
}

/** In a real-time class the service already has what the attack is after. */
export const cpuSchedulingPolicy: Directive<Class> = scalarDirective<Class>({
  name: "CPUSchedulingPolicy",
  since: 1,
  valueSince: (value) => (value === "ext" ? EXT_SINCE : 1),
  group: "resources",
  summary: "Starts the service in this scheduling class; fifo and rr are real-time classes, which starve all others.",
  breaks: "With idle or batch, whatever must answer in time; with fifo or rr, everything else on the machine.",
  requires: [],
  ineffective: [
    "RestrictRealtime= keeps a service from asking for a class, and leaves it the one in which it was started.",
  ],
  initial: "other",
  parse: (text, { systemd }) => {
    if (/^\d{1,9}$/.test(text)) {
      return NUMBERS[text] ?? `${BigInt(text)}`;
    }
    const value = text === "" ? "other" : CLASSES.find((name) => name === text);
    return value === "ext" && systemd < EXT_SINCE ? undefined : value;
  },
  show: (value) => value,
  meet: (a, b) => (rank(a) <= rank(b) ? a : b),
  samples: ["batch", "rr", "fifo"],
  expects: `one of ${CLASSES.join(", ")}`,
  walls: (value, facts) =>
    value === "fifo" || value === "rr"
      ? [
          {
            kind: "scheduling",
            by: setting("CPUSchedulingPolicy", value),
            policy: value === "fifo" ? "SCHED_FIFO" : "SCHED_RR",
            resetsOnFork: facts.valueOf(cpuSchedulingResetOnFork),
          },
        ]
      : [],
  ladder: never("It is about speed, and takes nothing away."),
});
