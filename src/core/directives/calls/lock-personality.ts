/** LockPersonality=. Facts: systemd.exec(5), personality(2). The filter compares with the personality at start. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { abisOf, argument, fails, filterWall } from "../_filter.ts";
import type { Directive } from "../directive.ts";
import { personality, personalityAtStart } from "./personality.ts";

const BY = setting("LockPersonality", "yes");

/** The execution domain stays what it is: even asking for it (0xffffffff) is refused. */
export const lockPersonality: Directive<boolean> = booleanDirective({
  name: "LockPersonality",
  since: 235,
  group: "calls",
  summary:
    "Refuses to change the kernel's execution domain, which opens rarely tested code and turns off randomisation.",
  breaks: "Programs that switch off address randomisation or emulate another system.",
  weight: 100,
  requires: ["seccomp"],
  ineffective: [],
  walls: () => [],
  filter: {
    turn: 130,
    walls: (facts) => {
      const own = personalityAtStart(facts.valueOf(personality), facts.machine);
      return [
        filterWall(
          BY,
          [{ calls: ["personality"], when: [argument(0, "ne", own)], action: fails("EPERM") }],
          abisOf(facts),
        ),
      ];
    },
  },
  ladder: worthTrying("was not seen to change its personality"),
});
