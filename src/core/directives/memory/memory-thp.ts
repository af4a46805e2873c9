/** MemoryTHP=. Facts: systemd.exec(5) of systemd 260; PR_SET_THP_DISABLE in prctl(2). */
import { choiceDirective } from "../_choice.ts";
import { type Directive, never } from "../directive.ts";

type Value = "disable" | "madvise" | "system" | "inherit";

/** A matter of speed and of memory used, and no wall. */
export const memoryThp: Directive<Value> = choiceDirective<Value>({
  name: "MemoryTHP",
  since: 260,
  group: "memory",
  summary: "Says whether the kernel may back the service's memory with huge pages.",
  breaks: "Nothing but speed.",
  requires: [],
  ineffective: ["madvise needs Linux 6.18."],
  values: ["disable", "madvise", "system", "inherit"],
  initial: "inherit",
  walls: () => [],
  ladder: never("It is about speed."),
});
