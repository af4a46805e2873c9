/** PrivateNetwork=. Facts: systemd.exec(5), network_namespaces(7); the fresh /sys and the implied PrivateMounts= measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective } from "../_boolean.ts";
import type { Candidate, Directive, PlainWall, Situation } from "../directive.ts";
import { NETWORK_MOUNTS_SINCE, networkMounts } from "../namespaces/private-mounts.ts";
import { familiesOf, needsOf } from "../seen.ts";
import { networkNamespacePath } from "./network-namespace-path.ts";

const BY = setting("PrivateNetwork", "yes");
const LOCAL: ReadonlySet<string> = new Set(["AF_UNIX", "AF_UNSPEC"]);

/** Sockets that the service has from elsewhere go on working; those that it makes would be alone in the namespace. */
function candidates({ observation }: Situation): readonly Candidate<boolean>[] {
  const used = [...familiesOf(observation)].find((family) => !LOCAL.has(family));
  const abstract = needsOf(observation, "address").find(({ need }) => need.address.startsWith("@"));
  const uses = used === undefined ? abstract && `the abstract socket ${abstract.need.address}` : `sockets of ${used}`;
  const withheld = uses === undefined ? undefined : `It was seen to use ${uses}.`;
  return [{ value: true, reason: "was seen to use no network, only files and sockets in files", withheld }];
}

/** A network of its own, with nothing but a loopback interface. */
export const privateNetwork: Directive<boolean> = booleanDirective({
  name: "PrivateNetwork",
  since: 1,
  group: "network",
  summary: "Takes the network away: what is left is a loopback interface of the service's own.",
  breaks: "Everything that talks to others by IP, also on this machine, or by abstract UNIX sockets.",
  weight: 2500,
  implies: (value, { systemd }) => (value && systemd >= NETWORK_MOUNTS_SINCE ? ["PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [
    "UNIX sockets in files still lead out.",
    "Where namespaces are refused it is left out with a notice in the log.",
  ],
  walls: (facts) => {
    const own: PlainWall = { kind: "namespace", by: BY, namespace: "net" };
    const walls = facts.valueOf(networkNamespacePath) === "" ? [own] : [];
    return [...walls, ...networkMounts(BY, facts)];
  },
  ladder: candidates,
});
