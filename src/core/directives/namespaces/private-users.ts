/** PrivateUsers=. Facts: systemd.exec(5), user_namespaces(7); the maps measured on systemd 257, that of full on 262. */
import { setting } from "../../sandbox/origin.ts";
import { choiceDirective } from "../_choice.ts";
import { isOwnUid } from "../_identity.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf, sawCall } from "../seen.ts";

type Value = "yes" | "identity" | "full" | "no";

/** What each maps; absent: all ids. */
const MAPS = { yes: { map: "self" }, identity: { map: "identity" }, full: {} } as const;

/**
 * A user namespace gives capabilities that are worth nothing outside; who needs a real one, or to be another user
 * (setgroups fails in it), cannot have it. Root keeps its power over its own files alone, or over all with identity.
 */
function candidates({ unit, observation }: Situation): readonly Candidate<Value>[] {
  const others = observation.seen.some(({ identities }) => identities.some(({ uid }) => !isOwnUid(unit.uid, uid)));
  const changes = needsOf(observation, "become").length > 0 || sawCall(observation, "setgroups", "setgroups32");
  const powers = needsOf(observation, "capability").map(({ need }) => need.over);
  const outside = powers.some((over) => over !== "own" && over !== "user");
  const given = unit.setting("AmbientCapabilities") !== undefined;
  const withheld = others
    ? "It acts as several users, of whom all but one would be nobody."
    : changes
      ? "It changes its user or groups, which fails among users that are not mapped."
      : outside || given || (unit.uid !== 0 && powers.length > 0)
        ? "It needs a capability that is worth something outside."
        : undefined;
  if (unit.uid !== 0) {
    return [{ value: "yes", reason: "runs as one user and was not seen to need any capability", withheld }];
  }
  return [
    { value: "yes", reason: "stays root, and was seen to need root's powers over its own files at most", withheld },
    { value: "identity", reason: "stays root, and was seen to need root's powers over files at most", withheld },
  ];
}

/** All other users are nobody to the service. */
export const privateUsers: Directive<Value> = choiceDirective<Value>({
  name: "PrivateUsers",
  since: 232,
  group: "namespaces",
  summary: "Maps all users but root and the service's own to nobody, and makes every capability worthless outside.",
  breaks: "Services that need a capability on the host, or tell the owners of files or the peers of sockets apart.",
  broke: [
    {
      sentence: "Tor could not bind an ORPort or DirPort below 1024.",
      reference: "NixOS/nixpkgs nixos/modules/services/security/tor.nix",
    },
  ],
  weight: 1000,
  requires: ["user-namespaces"],
  ineffective: ["Where the kernel refuses user namespaces, the unit fails to start."],
  values: ["yes", "identity", "full", "no"],
  initial: "no",
  newer: { identity: 257, full: 258 },
  walls: (value) =>
    value === "no"
      ? []
      : [{ kind: "namespace", by: setting("PrivateUsers", value), namespace: "user", ...MAPS[value] }],
  ladder: candidates,
});
