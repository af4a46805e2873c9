/** User=. Facts: systemd.exec(5). Not on the ladder; `core/own-user` writes it. */
import { setting } from "../../sandbox/origin.ts";
import { nameDirective } from "../_name.ts";
import { type Directive, never } from "../directive.ts";
import { dynamicUser } from "./dynamic-user.ts";

/** Who the service is. */
export const user: Directive<string> = nameDirective({
  name: "User",
  since: 1,
  group: "identity",
  summary: "Runs the service as this user instead of root.",
  breaks: "Services that need root when they start, or whose files belong to another user.",
  weight: 2000,
  requires: [],
  ineffective: ["The user nobody is shared by all services that have no better one, and they can act on each other."],
  samples: ["nobody"],
  walls: (value, facts) =>
    value === "" || facts.valueOf(dynamicUser)
      ? []
      : [{ kind: "identity", by: setting("User", value), uid: facts.uid, gid: facts.gid, groups: facts.groups }],
  ladder: never(
    "Files that the service owns would belong to somebody else: only harden --own-user changes the user, in a drop-in of its own.",
  ),
});
