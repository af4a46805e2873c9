/** PrivateUsers=. Facts: systemd.exec(5), user_namespaces(7); the maps measured on systemd 257. */
import { choiceDirective } from "../_choice.ts";
import { isOwnUid } from "../_identity.ts";
import { needsOf } from "../_seen.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";

type Value = "yes" | "identity" | "no";

/** A user namespace gives capabilities that are worth nothing outside; who needs a real one cannot have it. */
function candidates({ unit, observation }: Situation): readonly Candidate<Value>[] {
  const ownUser = unit.uid !== 0 && unit.setting("AmbientCapabilities") === undefined;
  const needsPowers = needsOf(observation, "capability").length > 0 || needsOf(observation, "become").length > 0;
  const others = observation.seen.some(({ identities }) => identities.some(({ uid }) => !isOwnUid(unit.uid, uid)));
  return ownUser && !needsPowers && !others
    ? [{ value: "yes", reason: "runs as one user and was not seen to need any capability" }]
    : [];
}

/** All other users are nobody to the service. */
export const privateUsers: Directive<Value> = choiceDirective<Value>({
  name: "PrivateUsers",
  since: 232,
  group: "namespaces",
  summary: "Maps all users but root and the service's own to nobody, and makes every capability worthless outside.",
  breaks: "Services that need a capability on the host, or tell the owners of files or the peers of sockets apart.",
  ineffective: ["Where the kernel refuses user namespaces, the unit fails to start."],
  values: ["yes", "identity", "no"],
  initial: "no",
  newer: { identity: 257 },
  walls: (value) =>
    value === "no"
      ? []
      : [
          {
            kind: "namespace",
            by: `PrivateUsers=${value}`,
            namespace: "user",
            map: value === "yes" ? "self" : "identity",
          },
        ],
  ladder: candidates,
});
