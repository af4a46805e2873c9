/** IPEgressFilterPath=. Facts: systemd.resource-control(5). */
import type { Lines } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";
import { filterPath } from "./_filter-path.ts";

/** What goes out. */
export const ipEgressFilterPath: Directive<Lines> = filterPath({
  name: "IPEgressFilterPath",
  summary: "Lets a BPF program of the administrator's own decide over each packet that the service sends.",
  ladder: never("The program has to be written first."),
});
