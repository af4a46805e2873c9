/** LimitCORE=. Facts: systemd.exec(5), RLIMIT_CORE in getrlimit(2), core(5). */
import { type Directive, never } from "../directive.ts";
import { limitDirective } from "./_limit.ts";

/** With 0 nothing of the memory of a crashed service comes into a file. */
export const limitCore: Directive<string> = limitDirective({
  name: "LimitCORE",
  summary: "Limits the size of a core dump, which holds what the service had in memory; 0 makes none.",
  breaks: "Finding out why a service crashed.",
  ineffective: [
    "A handler of core dumps that kernel.core_pattern names with | gets them whatever the limit; systemd-coredump respects it.",
  ],
  unit: "bytes",
  samples: ["0"],
  ladder: never("A core dump is wanted when a service crashes, which no workload shows."),
});
