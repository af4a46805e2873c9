/**
 * NetworkNamespacePath=. Facts: systemd.exec(5), network_namespaces(7); that it wins over PrivateNetwork=, and the sysfs
 * that comes with it: systemd's exec-invoke.c and namespace.c, and measured on systemd 257. Read and judged; never proposed.
 */
import { setting } from "../../sandbox/origin.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never, type PlainWall } from "../directive.ts";
import { NETWORK_MOUNTS_SINCE, networkMounts } from "../namespaces/private-mounts.ts";

/** Where the machine's own network namespace is found, whatever else is. */
const MACHINE = "/proc/1/ns/net";

/** A network namespace that somebody else has made. */
export const networkNamespacePath: Directive<string> = placeDirective({
  name: "NetworkNamespacePath",
  since: 242,
  group: "network",
  summary: "Puts the service into a network namespace that exists already, such as one of ip netns.",
  breaks: "Everything that the network of that namespace does not lead to, and the start if the namespace is missing.",
  implies: (value, { systemd }) => (value !== "" && systemd >= NETWORK_MOUNTS_SINCE ? ["PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [
    `${MACHINE} is the machine's own network, also beside PrivateNetwork=.`,
    "What another namespace leads to is up to whoever set it up.",
    "UNIX sockets in files still lead out.",
  ],
  samples: [MACHINE],
  walls: (value, facts) => {
    if (value === "") {
      return [];
    }
    const by = setting("NetworkNamespacePath", value);
    const other: PlainWall = { kind: "unmodelled", by, about: ["address"], opens: true };
    return [...(value === MACHINE ? [] : [other]), ...networkMounts(by, facts)];
  },
  ladder: never("The namespace has to be made first; PrivateNetwork= gives one that nobody shares."),
});
