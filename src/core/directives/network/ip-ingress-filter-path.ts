/** IPIngressFilterPath=. Facts: systemd.resource-control(5). */
import type { Lines } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";
import { filterPath } from "./_filter-path.ts";

/** What comes in. */
export const ipIngressFilterPath: Directive<Lines> = filterPath({
  name: "IPIngressFilterPath",
  summary: "Lets a BPF program of the administrator's own decide over each packet that the service would get.",
  ladder: never("The program has to be written first."),
});
