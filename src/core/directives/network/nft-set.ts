/** NFTSet=. Facts: systemd.resource-control(5), nft(8). */
import { itemsOf, type Lines, linesMayRefuse, linesOf } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";

const FORM = /^(cgroup|user|group):(arp|bridge|inet|ip|ip6|netdev):[A-Za-z][\w/\\.]{0,30}:[A-Za-z][\w/\\.]{0,30}$/;

/** The machine's own rules may refuse the members of a set; what they let through, no wall of the unit's is lifted. */
export const nftSet: Directive<Lines> = {
  name: "NFTSet",
  since: 255,
  group: "network",
  summary: "Puts the service's cgroup, user or group into a set of nftables, for the machine's own rules to name.",
  breaks: "Nothing by itself; what the rules that name the set do.",
  requires: [],
  ineffective: ["Where the set does not exist, or systemd may not change it, the service runs without it."],
  ...linesOf("NFTSet", { read: itemsOf((word) => FORM.test(word), false), expects: "SOURCE:FAMILY:TABLE:SET" }),
  samples: ["cgroup:inet:filter:services"],
  walls: (value) => linesMayRefuse("NFTSet", value, "packet"),
  ladder: never("It closes nothing by itself, only by rules of the machine's own."),
};
