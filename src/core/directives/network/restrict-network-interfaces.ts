/** RestrictNetworkInterfaces=. Facts: systemd.resource-control(5). */
import { itemsOf, type Lines, linesMayRefuse, linesOf } from "../_lines.ts";
import { type Directive, never } from "../directive.ts";
import { isInterfaceName } from "./_interface.ts";

const NAME = "RestrictNetworkInterfaces";

/** Which interface leads to an address is the machine's routing, and changes with it. */
export const restrictNetworkInterfaces: Directive<Lines> = {
  name: NAME,
  since: 250,
  group: "network",
  summary: "Drops the service's packets on all network interfaces but these, or, after a `~`, on these.",
  breaks: "Talking to programs of this machine where lo is not among them; interfaces that get another name.",
  requires: ["libbpf"],
  ineffective: [
    "A systemd built without BPF ignores it without a word.",
    "An interface that does not exist when the service starts is left out of the list.",
  ],
  ...linesOf(NAME, { read: itemsOf(isInterfaceName, true), expects: "names of network interfaces" }),
  samples: ["lo", "~eth0"],
  walls: (value) => linesMayRefuse(NAME, value, "packet"),
  ladder: never(
    "Names of interfaces are the machine's and change with its hardware; IPAddressDeny= closes the same by address.",
  ),
};
