/** AmbientCapabilities=. Facts: systemd.exec(5), capabilities(7) "Ambient". */
import { setting } from "../../sandbox/origin.ts";
import { type CapabilitySet, capabilityDirective } from "../_capabilities.ts";
import { type Directive, never } from "../directive.ts";

const asSet = capabilityDirective({
  name: "AmbientCapabilities",
  since: 229,
  group: "privileges",
  summary: "Gives a service that does not run as root single powers of root, such as binding port 80.",
  breaks: "Nothing; without it such a service must start as root.",
  weight: 500,
  requires: [],
  ineffective: ["Capabilities that CapabilityBoundingSet= takes away are not given."],
  emptyIsUnset: true,
  samples: ["CAP_NET_BIND_SERVICE"],
  walls: (value) =>
    value === undefined || value.length === 0
      ? []
      : [{ kind: "ambient", by: setting("AmbientCapabilities", value.join(" ")), capabilities: value }],
  ladder: never("It only grants access, and closes nothing."),
});

/** Gives capabilities to a user other than root. Not on the ladder; `core/own-user` writes it. None is the strictest value. */
export const ambientCapabilities: Directive<CapabilitySet> = {
  ...asSet,
  print: (value, below, machine) =>
    value === undefined && below !== undefined ? [""] : asSet.print(value, below, machine),
  meet: (a, b) => {
    const both = a === undefined || b === undefined ? [] : a.filter((each) => b.includes(each));
    return both.length === 0 ? undefined : both;
  },
};
