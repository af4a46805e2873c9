/** MemoryMax=. Facts: systemd.resource-control(5), cgroups(7). */
import { type Directive, never } from "../directive.ts";
import { parseSize } from "./_amount.ts";
import { shareDirective } from "./_share.ts";

/** No attack here uses memory up; where one does, this is the wall. */
export const memoryMax: Directive<string> = shareDirective({
  name: "MemoryMax",
  since: 231,
  summary: "Kills processes of the service when all of them together use more memory than this.",
  breaks: "The service under a load that was not foreseen: it is killed in the middle of its work.",
  requires: ["memory-controller"],
  ineffective: ["Swap is not counted: MemorySwapMax= limits it."],
  read: parseSize,
  samples: ["512M", "25%"],
  ladder: never("A limit learned from one run ends the service on a busier day."),
});
